"""A viewer's choice of live frames: what it takes, how it travels, what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.viewer import LiveFilter, Ring, RingReader, Selection, ViewerError

ranges = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=3).map(tuple)
filters = st.builds(
    LiveFilter,
    st.lists(st.builds(Selection, ranges, ranges, ranges), max_size=3).map(tuple),
    st.tuples(*[st.integers(0, 20)] * 3),
)
frames = st.fixed_dictionaries({axis: st.integers(0, 20) for axis in "tpcz"})


@given(only=filters, frame=frames)
def test_a_frame_is_taken_by_any_selection_that_has_its_timepoint_field_and_channel(
    only: LiveFilter, frame: dict[str, int]
) -> None:
    chosen = any(
        all(
            frame[axis] in {n for first, stop in getattr(one, axis) for n in range(first, stop)}
            for axis in "tpc"
        )
        for one in only.selections
    )
    added_in_mid_run = any(frame[axis] >= n for axis, n in zip("tpc", only.known, strict=True))
    assert only.takes(frame) == (not only.selections or added_in_mid_run or chosen)


@given(only=filters, frame=frames)
def test_a_channel_is_shown_when_a_frame_of_it_may_be(
    only: LiveFilter, frame: dict[str, int]
) -> None:
    known = all(frame[axis] < n for axis, n in zip("tpc", only.known, strict=True))
    if known and only.takes(frame):
        assert only.shows(frame["c"])
    dapi = LiveFilter((Selection(((0, 1),), ((0, 1),), ((0, 1),)),), (1, 1, 2))
    assert [dapi.shows(c) for c in range(3)] == [True, False, True]


@given(only=filters)
def test_a_filter_comes_back_from_its_message_as_it_was(only: LiveFilter) -> None:
    assert LiveFilter.from_json(json.loads(json.dumps(only.as_json()))) == only
    assert LiveFilter.from_json(None) == LiveFilter()


def test_frames_of_a_ring_come_through_in_their_order_or_not_at_all() -> None:
    ring = Ring.create((4, 4), "uint16")
    only = LiveFilter((Selection(((0, 1),), ((0, 1), (2, 3)), ((0, 3),)),), (1, 3, 3))
    reader = RingReader.attach(ring.address, only.takes)
    try:
        for c in range(3):
            ring.publish(np.full((4, 4), c, "uint16"), {"t": 0, "p": c, "c": c, "z": 0}, f"{c}")
        assert [frame.coordinates["c"] for frame in reader.fresh()] == [0, 2]
        assert (reader.accepted, reader.dropped) == (2, 0)
    finally:
        reader.close()
        ring.close()


def test_a_viewer_of_one_well_gets_its_newest_frame_behind_those_of_the_others() -> None:
    ring = Ring.create((4, 4), "uint16")
    second_well = LiveFilter((Selection(((0, 9),), ((1, 2),), ((0, 1),)),), (9, 3, 1))
    reader = RingReader.attach(ring.address, second_well.takes)
    try:
        for t in range(2):
            for p in range(3):
                ring.publish(np.full((4, 4), 10 * t + p, "uint16"), {"t": t, "p": p, "c": 0})
        (frame,) = reader.fresh()
        assert int(frame.pixels[0, 0]) == 11
        assert (reader.accepted, reader.dropped) == (1, 1)  # the older one of its own
        ring.publish(np.zeros((4, 4), "uint16"), {"t": 2, "p": 2, "c": 0})
        assert reader.fresh() == []
        assert (reader.accepted, reader.dropped) == (1, 1)
    finally:
        reader.close()
        ring.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        3, "all", [], {}, {"frames": 3, "known": [0, 0, 0]}, {"frames": [], "known": ["0", 0, 0]},
        {"frames": [{"t": [], "p": []}], "known": [0, 0, 0]},
        {"frames": [{"t": [[0]], "p": [], "c": []}], "known": [0, 0, 0]},
        {"frames": [{"t": [[0, True]], "p": [], "c": []}], "known": [0, 0, 0]},
        {"frames": [None], "known": [0, 0, 0]}, {"frames": [], "known": [0, 0]},
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_in_a_sentence(nonsense: object) -> None:
    with pytest.raises(ViewerError, match="not a choice of live frames"):
        LiveFilter.from_json(nonsense)


def test_a_filter_that_fits_no_message_is_refused_before_anything_is_started() -> None:
    every_second = tuple((n, n + 1) for n in range(0, 10_000, 2))
    with pytest.raises(ViewerError, match="5002 stretches"):
        LiveFilter((Selection(((0, 1),), every_second, ((0, 1),)),)).as_json()
    fits = LiveFilter((Selection(((0, 1),), every_second[:1990], ((0, 1),)),))
    assert len(json.dumps(fits.as_json())) < 60_000
