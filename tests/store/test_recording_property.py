"""Whatever shapes, shards, budgets, orders, skips and extensions: what was put is read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_recordings import plane_of, spec_of

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Index,
    Recording,
    StoreReader,
    check,
    info,
)
from parfocal.store._planes import PlaneState, read_planes

WELLS = [None, "A/1", "B/2", "B/12"]
sizes = st.integers(1, 3)


@dataclass(frozen=True)
class Story:
    """What happens to a recording."""

    channels: list[ChannelInfo]
    first: list[Index]  # in the order in which they come
    wells: list[str | None]
    later: list[Index]
    joins: list[str | None]
    unbounded: bool
    skipped: set[Index]
    absent: set[Index]
    budget_planes: int
    pace: float


@st.composite
def stories(draw: st.DrawFn) -> Story:
    cameras = [
        ((draw(st.integers(1, 40)), draw(st.integers(1, 40))), draw(st.sampled_from(TYPES)))
        for _ in range(draw(st.integers(1, 2)))
    ]
    picked = [draw(st.sampled_from(cameras)) for _ in range(draw(sizes))]
    channels = [ChannelInfo(f"c{n}", None, None, *camera) for n, camera in enumerate(picked)]
    t, p, c, z = draw(st.integers(1, 20)), draw(sizes), len(channels), draw(sizes)
    everything = [
        (i, j, k, m) for i in range(t) for j in range(p) for k in range(c) for m in range(z)
    ]
    joins = draw(st.lists(st.sampled_from(WELLS), max_size=2))
    more = draw(st.integers(0, 5))
    later = [
        (i, j, k, m)
        for i in range(t + more)
        for j in range(p + len(joins))
        for k in range(c)
        for m in range(z)
        if i >= t or (j >= p and i >= t - 1)
    ]
    unbounded = draw(st.booleans()) and not joins and p == 1
    chosen = st.sets(st.sampled_from([*everything, *later]), max_size=8)
    return Story(
        channels,
        draw(st.permutations(everything)) if draw(st.booleans()) else everything,
        [draw(st.sampled_from(WELLS)) for _ in range(p)],
        draw(st.permutations(later)) if draw(st.booleans()) else later,
        joins,
        unbounded,
        draw(chosen),
        draw(chosen),
        draw(st.integers(1, 200)),
        draw(st.sampled_from([0.0, 0.1, 20.0])),
    )


TYPES = ["uint8", "uint16", "int32", "float32", "float64"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=stories())
def test_what_was_put_is_read_back(tmp_path_factory: pytest.TempPathFactory, story: Story) -> None:
    path = tmp_path_factory.mktemp("story") / "cells.ome.zarr"
    put, skipped = record(path, story)
    reader, found = StoreReader(path), info(path)
    group = zarr.open_group(path, mode="r")
    for index in put:
        wanted = pixels(story, index)
        np.testing.assert_array_equal(reader.plane(index), wanted)
        t, p, c, z = index
        place = reader.images.at(p, c)
        array = group[place.array()]
        np.testing.assert_array_equal(array[t, place.channel(c), z], wanted)
    states = read_planes(path)
    assert states is not None
    stored = {tuple(index) for index in np.argwhere(states == PlaneState.STORED).tolist()}
    assert stored == set(put)
    assert {tuple(i) for i in np.argwhere(states == PlaneState.SKIPPED).tolist()} == skipped
    assert found.acquired == len(put)
    if not story.unbounded:
        assert found.planned == len(story.first) + len(story.later)
    assert found.missing == found.planned - found.acquired
    report = check(path, deep=True)
    assert not [finding for finding in report.findings if finding.severity == "error"]


def record(path: Path, story: Story) -> tuple[list[Index], set[Index]]:
    """Record it; returns what was put and what was skipped and never came after all."""
    shape, dtype = story.channels[0].plane_shape, story.channels[0].dtype
    assert shape is not None
    largest = max(plane_bytes(channel) for channel in story.channels)
    planned = sorted(story.first)
    recording = Recording.create(
        path,
        spec_of(
            planned,
            shape=shape,
            dtype=str(dtype),
            channels=story.channels,
            fields=[FieldInfo(f"f{n}", well=well) for n, well in enumerate(story.wells)],
            due=[index[0] * story.pace for index in planned],
            unbounded=story.unbounded,
        ),
        budget_bytes=story.budget_planes * largest,
        checkpoint_s=None,
    )
    put: list[Index] = []
    skipped: set[Index] = set()
    for number, indices in enumerate((story.first, story.later)):
        if number and not story.unbounded and indices:
            joins = [FieldInfo(f"joined {n}", well=well) for n, well in enumerate(story.joins)]
            recording.extend(indices, [0.0] * len(indices), fields=joins)
        for index in indices:
            if index in story.skipped:
                recording.skip(index, "so it was drawn")
                skipped.add(index)
            if index not in story.absent:
                recording.put(index, pixels(story, index))
                put.append(index)
                status = recording.status()
                assert status.buffer_bytes <= status.buffer_limit
    recording.close()
    return put, skipped - set(put)


def plane_bytes(channel: ChannelInfo) -> int:
    shape = channel.plane_shape
    assert shape is not None
    return shape[0] * shape[1] * np.dtype(channel.dtype).itemsize


def pixels(story: Story, index: Index) -> np.ndarray:
    channel = story.channels[index[2]]
    shape = channel.plane_shape
    assert shape is not None
    if sum(index) % 7 == 0:
        return np.zeros(shape, str(channel.dtype))  # dark, and yet a frame
    return plane_of(index, shape, str(channel.dtype))
