"""Device dialogs: on this microscope alone, within its limits, and never past its end."""

from __future__ import annotations

import time

import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from ui.microscope_parts import PATIENCE_MS, ready


@pytest.fixture
def scope(qtbot: QtBot, open_desk: Desk) -> MicroscopeWorkspace:
    return ready(qtbot, open_desk)


@pytest.mark.parametrize("kind", ["presets", "pixel_sizes"])
def test_a_device_dialog_opens_on_this_microscope_and_goes_away_with_it(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk, kind: str
) -> None:
    assert open_desk.actions.trigger(f"microscope.{kind}")
    assert scope.devices.open[kind].isVisible()
    with qtbot.waitSignal(open_desk.controller.microscope_closed, timeout=PATIENCE_MS):
        assert open_desk.actions.trigger("microscope.close")
    assert not scope.devices.open


def test_an_answer_of_a_microscope_that_is_gone_reaches_nobody(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    came: list[str] = []
    for work in (lambda m: m.name, lambda m: m.stages.move_z(1e9)):
        scope.hands.ask(work, came.append, came.append)
    open_desk.controller.open_microscope("demo-camera")
    deadline = time.monotonic() + 20  # no event loop meanwhile: the answers wait for the window
    while open_desk.controller.opening and time.monotonic() < deadline:
        time.sleep(0.01)
    qtbot.wait(100)
    assert came == []
