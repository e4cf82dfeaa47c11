"""The event strip: merged spans cover every cell, the cursor is seen, kinds win in order."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from parfocal.ui.event_strip import EventStrip, StripWithLegend
from parfocal.ui.strip_cells import KINDS, Span, StripCells
from parfocal.ui.theme import Theme

runs_of_kinds = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(min_value=1, max_value=60)), max_size=30
).map(lambda runs: [kind for kind, length in runs for _ in range(length)])


def unfold(spans: tuple[Span, ...]) -> list[str]:
    return [span.kind for span in spans for _ in range(span.start, span.stop)]


@given(runs_of_kinds)
def test_merged_spans_cover_every_cell_once_and_are_as_few_as_can_be(kinds: list[str]) -> None:
    spans = StripCells(kinds).spans()
    assert unfold(spans) == kinds
    assert all(a.stop == b.start and a.kind != b.kind for a, b in pairwise(spans))


@given(runs_of_kinds, st.integers(min_value=1, max_value=400))
def test_columns_cover_the_whole_width_without_gap_or_overlap(kinds: list[str], width: int) -> None:
    cells = StripCells(kinds)
    spans = cells.columns(width)
    if not kinds:
        assert spans == ()
        return
    assert spans[0].start == 0
    assert spans[-1].stop == width
    assert all(a.stop == b.start for a, b in pairwise(spans))
    assert all(span.start < span.stop for span in spans)


@given(runs_of_kinds.filter(bool), st.integers(min_value=1, max_value=400))
def test_no_rarer_kind_is_lost_where_cells_share_a_column(kinds: list[str], width: int) -> None:
    shown = {span.kind for span in StripCells(kinds).columns(width)}
    assert max(kinds, key=KINDS.index) in shown


def test_100_000_alternating_events_need_no_more_fills_than_there_are_columns() -> None:
    kinds = ["imaging" if event % 2 else "stimulation" for event in range(100_000)]
    cells = StripCells(kinds)
    assert len(cells.spans()) == 100_000
    assert len(cells.columns(1200)) <= 1200
    assert unfold(cells.columns(1200)) == ["stimulation"] * 1200  # it wins over imaging


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
    strip.set_kinds(["imaging", "stimulation", "reference", "wait", "hold"])
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
    both.set_kinds(["imaging", "wait", "imaging"])
    both.set_progress(1, 1)
    assert both.legend._kinds == ("imaging", "wait")
    assert both.legend._active == "wait"
    both.set_progress(3, None)
    assert both.legend._active is None


def test_a_moving_cursor_paints_100_000_events_from_the_picture_it_has(strip: EventStrip) -> None:
    strip.set_kinds([KINDS[event % 3] for event in range(100_000)])
    strip.set_progress(1, 1)
    first = picture(strip)
    cached = strip._picture
    strip.set_progress(60_000, 60_000)
    started = time.perf_counter()
    assert picture(strip) != first
    assert time.perf_counter() - started < 0.5  # a frozen window would be a second
    assert strip._picture is cached
    assert strip.testAttribute(Qt.WidgetAttribute.WA_WState_Visible)


def _close(a: QColor, b: QColor) -> bool:
    return all(abs(x - y) < 40 for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))
