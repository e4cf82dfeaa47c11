"""The event strip: every cell has its column, the cursor is seen, kinds win in order."""

from __future__ import annotations

import time

import numpy as np
import pytest
import useq
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QImage
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Hold, Item, Phase, Reference, Schedule, Wait, compile_schedule
from parfocal.ui.event_strip import EventStrip
from parfocal.ui.strip_cells import KINDS, StripCells, facts_of_cell
from parfocal.ui.strip_legend import StripWithLegend
from parfocal.ui.theme import Theme

runs_of_kinds = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(min_value=1, max_value=60)), max_size=30
).map(lambda runs: [kind for kind, length in runs for _ in range(length)])


def phase(timepoints: int, *, reference: bool = False) -> Phase:
    return Phase(
        sequence=useq.MDASequence(
            axis_order="tpgcz",
            time_plan={"interval": 10, "loops": timepoints},
            channels=[{"config": "DAPI", "exposure": 5}],
            stage_positions=[(0, 0, 0), (50, 0, 0)],
        ),
        reference=Reference(channels=(useq.Channel(config="FITC", exposure=5),), timepoints=(-1,))
        if reference
        else None,
    )


items = st.lists(
    st.one_of(
        st.builds(phase, st.integers(1, 3), reference=st.booleans()),
        st.builds(Wait, seconds=st.sampled_from([0.0, 3.0])),
        st.builds(Hold, message=st.just("feed the cells")),
    ),
    max_size=6,
).filter(lambda parts: any(isinstance(part, Phase) for part in parts))


def schedule(*parts: Item) -> Schedule:
    return compile_schedule(Experiment(name="strip", items=parts))


@given(runs_of_kinds, st.integers(min_value=1, max_value=400))
def test_every_column_shows_the_strongest_kind_of_the_cells_that_it_touches(
    kinds: list[str], width: int
) -> None:
    shown = StripCells(kinds).columns(width)
    if not kinds:
        assert shown.size == 0
        return
    assert shown.size == width
    for column, rank in enumerate(shown):
        first = column * len(kinds) // width
        last = max(first + 1, (column + 1) * len(kinds) // width)
        assert KINDS[rank] == max(kinds[first:last], key=KINDS.index)


@given(runs_of_kinds.filter(bool), st.integers(min_value=1, max_value=400))
def test_no_rarer_kind_is_lost_where_cells_share_a_column(kinds: list[str], width: int) -> None:
    assert max(kinds, key=KINDS.index) in {KINDS[rank] for rank in StripCells(kinds).columns(width)}


@given(runs_of_kinds.filter(bool), st.integers(min_value=1, max_value=2000))
def test_the_cell_under_the_mouse_is_the_cell_that_is_painted_there(
    kinds: list[str], width: int
) -> None:
    cells = StripCells(kinds)
    if cells.count > width:
        return
    for cell, left in enumerate(cells.lefts(width)):
        assert cells.at((left + 0.01) / width) in {cell, cell - 1}
        assert cells.columns(width)[left] == KINDS.index(kinds[cell])
    assert cells.at(-0.1) is None
    assert cells.at(1.0) is None


@given(items)
def test_each_cell_of_a_schedule_says_its_own_event_wait_or_hold(parts: list[Item]) -> None:
    compiled = schedule(*parts)
    cells = StripCells.of_schedule(compiled)
    assert cells.count == compiled.events + len(compiled.barriers)
    events = {step.event: step for step in reversed(compiled.steps) if step.event is not None}
    barriers = [step for step in compiled.steps if step.event is None]
    assert [cells.kind(cell) for cell in range(cells.count)] == list(compiled.event_kinds())
    for event, step in events.items():
        facts = facts_of_cell(compiled, compiled.cell_of_event(event))
        assert facts[:2] == (event + 1, step.due)
    for number, step in enumerate(barriers):
        cell = compiled.cell_of_barrier(number)
        assert cells.kind(cell) == step.kind
        assert facts_of_cell(compiled, cell) == (None, step.due, step.seconds, step.message or "")


def test_the_facts_of_a_cell_of_100_000_events_are_found_without_a_walk() -> None:
    compiled = schedule(phase(50_000), Wait(seconds=5))
    began = time.perf_counter()
    for cell in range(0, 100_000, 1000):
        assert facts_of_cell(compiled, cell) == (cell + 1, 10.0 * (cell // 2), None, "")
    assert facts_of_cell(compiled, 100_000).seconds == 5
    assert time.perf_counter() - began < 1.0  # 101 walks would be seconds


@pytest.fixture
def strip(qtbot: QtBot) -> EventStrip:
    made = EventStrip(Theme())
    qtbot.addWidget(made)
    made.resize(1000, 26)
    made.show()
    return made


def picture(strip: EventStrip) -> QImage:
    return strip.grab().toImage()


def test_an_empty_strip_says_that_no_events_are_loaded(strip: EventStrip) -> None:
    empty = picture(strip)
    colors = {empty.pixelColor(x, 13).name() for x in range(400, 600)}
    assert len(colors) > 1  # words stand there
    assert strip.cursor_rect() is None


def test_the_past_is_opaque_and_the_future_dim(strip: EventStrip) -> None:
    strip.set_kinds(["imaging"] * 10)
    strip.set_progress(5, None)
    shown = picture(strip)
    color = strip._theme.color("imaging")
    assert shown.pixelColor(50, 13) == color
    assert shown.pixelColor(950, 13) != color


@pytest.mark.parametrize("current", [0, 1, 49_999, 99_998, 99_999])
def test_the_cursor_is_three_pixels_wide_and_inside_however_many_events(
    strip: EventStrip, current: int
) -> None:
    strip.set_kinds(["imaging"] * 100_000)
    strip.set_progress(current, current)
    rect = strip.cursor_rect()
    assert rect is not None
    assert rect.width() >= 3
    assert rect.left() >= 0
    assert rect.right() <= strip.width()
    text = strip._theme.color("text")
    shown = picture(strip)
    near = range(max(0, int(rect.left()) - 1), min(strip.width(), int(rect.right()) + 2))
    assert sum(_close(shown.pixelColor(x, 13), text) for x in near) >= 2


def test_the_cursor_lies_on_its_own_cell(strip: EventStrip) -> None:
    strip.set_kinds(["imaging"] * 10)
    strip.set_progress(3, 3)
    assert strip.cursor_rect() == strip.cell_rect(3)


def test_kinds_differ_by_hatch_and_not_by_colour_alone(strip: EventStrip) -> None:
    strip.set_kinds(KINDS)
    strip.set_progress(5, None)
    shown = picture(strip)
    colors = [
        {shown.pixelColor(x, y).name() for x in range(left + 20, left + 180) for y in range(4, 22)}
        for left in range(0, 1000, 200)
    ]
    assert [len(names) > 1 for names in colors] == [False, True, True, True, True]


def test_the_legend_names_what_occurs_and_stresses_what_is_going_on(qtbot: QtBot) -> None:
    both = StripWithLegend(Theme())
    qtbot.addWidget(both)
    both.set_schedule(schedule(phase(1), Wait(seconds=2), phase(1)))
    assert both.legend.kinds == ("imaging", "wait")
    both.set_progress(2, 2)
    assert both.legend.active == "wait"
    both.set_progress(5, None)
    assert both.legend.active is None


def test_a_moving_cursor_paints_100_000_events_from_the_picture_it_has(strip: EventStrip) -> None:
    strip.set_kinds([KINDS[event % 3] for event in range(100_000)])
    strip.set_progress(1, 1)
    first = picture(strip)
    cached = strip._image
    strip.set_progress(60_000, 60_000)
    started = time.perf_counter()
    assert picture(strip) != first
    assert time.perf_counter() - started < 0.5  # a frozen window would be a second
    assert strip._image is cached
    assert strip.testAttribute(Qt.WidgetAttribute.WA_WState_Visible)


def tooltip_at(strip: EventStrip, x: int) -> str:
    place = QPoint(x, 13)
    event = QHelpEvent(QEvent.Type.ToolTip, place, strip.mapToGlobal(place))
    QApplication.sendEvent(strip, event)
    return QToolTip.text()


def test_the_tooltip_says_number_kind_and_due_time_of_what_is_under_the_mouse(
    strip: EventStrip,
) -> None:
    strip.set_schedule(
        schedule(phase(2, reference=True), Wait(seconds=90), Hold(message="pipette"), phase(1))
    )
    texts = [tooltip_at(strip, round(1000 * (cell + 0.5) / 8)) for cell in range(8)]
    QToolTip.hideText()
    assert texts[0] == "event 1 of 6: imaging, due at 0 s"
    assert texts[2] == "event 3 of 6: reference, due at 10 s"
    assert texts[4].startswith("wait of 90 s, due at 10")
    assert texts[5].startswith("hold: pipette, due at 00:01:40")
    assert texts[6].startswith("event 5 of 6: imaging, due at 00:01:40")


def test_cells_are_parted_where_they_are_wide_and_touch_where_they_are_not(
    strip: EventStrip,
) -> None:
    strip.set_kinds(["imaging"] * 10)
    strip.set_progress(10, None)
    wide = picture(strip)
    assert wide.pixelColor(99, 13) != strip._theme.color("imaging")
    strip.set_kinds(["imaging"] * 500)
    strip.set_progress(500, None)
    narrow = picture(strip)
    assert {narrow.pixelColor(x, 13).name() for x in range(1000)} == {
        strip._theme.color("imaging").name()
    }


def test_a_strip_keeps_its_look_when_it_is_grabbed_at_twice_the_size(strip: EventStrip) -> None:
    strip.set_kinds(KINDS)
    strip.set_progress(5, None)
    image = QImage(2000, 52, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(2.0)
    strip.render(image)
    pixels = [image.pixelColor(x, 26) for x in range(200, 2000, 400)]
    assert len({color.name() for color in pixels}) == 5


def test_a_wait_in_the_middle_of_100_000_events_is_seen(strip: EventStrip) -> None:
    kinds = ["imaging"] * 100_000
    kinds[50_000] = "wait"
    columns = np.flatnonzero(StripCells(kinds).columns(1000) == KINDS.index("wait"))
    assert columns.tolist() == [500]


def _close(a: QColor, b: QColor) -> bool:
    return all(abs(x - y) < 40 for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))
