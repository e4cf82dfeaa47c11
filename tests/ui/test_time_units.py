"""Intervals are read as with all that pint knows; what is no time is put back."""

from __future__ import annotations

from functools import cache

import pint
import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.time_units import use_time_units

SECONDS = {
    "1 day, 3 min and 4 s": 86_584.0,
    "2 h": 7_200.0,
    "1.5 minutes": 90.0,
    "100 ms": 0.1,
    "250 µs": 0.000_25,
    "2 weeks": 1_209_600.0,
    "10 sec": 10.0,
    "3 months": 7_889_400.0,
    "1:02:03": 3_723.0,
}


@pytest.mark.parametrize("text", SECONDS)
def test_an_interval_is_what_all_of_pint_says(text: str, qtbot: QtBot) -> None:
    use_time_units()
    from pymmcore_widgets.useq_widgets._column_info import QQuantityValidator, QTimeLineEdit

    line = QTimeLineEdit()
    qtbot.addWidget(line)
    said = line._validator.text_to_quant(text)
    assert said.to("second").magnitude == pytest.approx(SECONDS[text])
    whole = QQuantityValidator(ureg=whole_registry()).text_to_quant(text)
    assert whole.to("second").magnitude == pytest.approx(SECONDS[text])


def test_a_text_that_is_no_time_is_put_back(qtbot: QtBot) -> None:
    use_time_units()
    from pymmcore_widgets.useq_widgets._column_info import QTimeLineEdit

    line = QTimeLineEdit()
    qtbot.addWidget(line)
    line.setValue(90)
    line.selectAll()
    with qtbot.captureExceptions() as caught:
        for text in ("5 kg", "soon"):
            line.selectAll()
            qtbot.keyClicks(line, text)
            line._on_editing_finished()
            assert line.text() == "1 min and 30 s"
    assert caught == []


def test_others_in_the_window_know_all_units() -> None:
    use_time_units()
    assert pint.Quantity("0.5 um").to("pixel / pixel * mm").magnitude == pytest.approx(0.0005)


@cache
def whole_registry() -> pint.UnitRegistry:
    return pint.UnitRegistry()
