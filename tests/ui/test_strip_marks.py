"""What became of each stimulation is marked in the strip by shape and colour, however many."""

from __future__ import annotations

import numpy as np
import pytest
import useq
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Phase, Stimulation, Wait, compile_schedule
from parfocal.ui.strip_legend import StripWithLegend
from parfocal.ui.strip_marks import OUTCOMES, StripMarks, paint_mark
from parfocal.ui.theme import Theme


def canvas(width: int = 40, height: int = 26) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0)
    return image


def pixels(image: QImage) -> np.ndarray:
    bits = image.constBits()
    assert bits is not None
    flat = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint32)
    return flat.reshape(image.height(), image.width()) & 0xFFFFFF


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_each_outcome_has_a_shape_of_its_own(qtbot: QtBot, appearance: str) -> None:
    theme = Theme(None, appearance)  # type: ignore[arg-type] # one of its words
    shapes = []
    for outcome in OUTCOMES:
        image = canvas()
        painter = QPainter(image)
        paint_mark(painter, QPointF(20, 13), outcome, theme)
        painter.end()
        ground = theme.color("canvas").rgb() & 0xFFFFFF
        shapes.append((pixels(image) != ground) & (pixels(image) != 0))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.count_nonzero(shapes[one] != shapes[other]) > 8, "not by colour alone"


def test_outcomes_are_marked_once_named_and_told(qtbot: QtBot) -> None:
    sequence = useq.MDASequence(
        time_plan={"interval": 10, "loops": 3},  # type: ignore[arg-type] # pydantic casts it
        channels=({"config": "DAPI", "exposure": 5},),  # type: ignore[arg-type]
    )
    phase = Phase(sequence=sequence, stimulate=Stimulation(exposure=5))
    plan = Experiment(name="strip", items=(phase, Wait(seconds=5), phase))
    both = StripWithLegend(Theme())
    qtbot.addWidget(both)
    both.resize(600, 60)
    both.show()
    schedule = compile_schedule(plan)
    both.set_schedule(schedule)
    bare = both.grab().toImage()
    both.set_light([(0, "fired"), (1, "skipped"), (3, "fallback")])
    assert both.strip.outcomes == ("fired", "fallback", "skipped")
    assert both.strip.words_of(1).endswith("; light skipped")
    assert both.strip.words_of(4).endswith("; fallback"), "the wait has a cell of its own"
    assert "light" not in both.strip.words_of(2)
    assert both.grab().toImage() != bare
    width = both.legend.sizeHint().width()
    both.set_schedule(schedule)  # another revision, or another run
    assert both.strip.outcomes == ()
    assert both.legend.sizeHint().width() < width
    both.set_light([(0, "fallback")])
    assert both.strip.outcomes == ("fallback",)


def test_a_hundred_thousand_outcomes_come_to_one_tick_a_column(qtbot: QtBot) -> None:
    marks = StripMarks(100_000)
    for cell in range(100_000):
        marks.mark(cell, "fired")
    marks.mark(50_000, "fallback")
    marks.mark(50_001, "skipped")
    assert (marks.outcome(50_000), marks.outcome(50_001)) == ("fallback", "skipped")
    image = canvas(1000)
    painter = QPainter(image)
    marks.paint(painter, QRectF(0, 0, 1000, 26), Theme())
    painter.end()
    drawn = np.flatnonzero((pixels(image) != 0).any(axis=0))
    assert drawn.tolist() == [500, 501], "what is as planned is not marked where there is no room"
