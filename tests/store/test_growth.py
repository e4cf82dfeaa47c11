"""A recording grows while it runs: further timepoints, further fields, or until somebody stops."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import tensorstore as ts
import zarr
from store_recordings import SHAPE, bytes_written, grid, plane_of, put_all, spec_of

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Index,
    Recording,
    StoreError,
    StoreReader,
    check,
    info,
)
from parfocal.store._array_lengths import ArrayLengths
from parfocal.store._planes import PlaneState, read_planes

PLANE = SHAPE[0] * SHAPE[1] * 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.ome.zarr"


def soon(condition: object) -> None:
    """Wait until it is true, not longer than 5 s."""
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def holds(path: Path, indices: list[Index]) -> None:
    reader = StoreReader(path)
    for index in indices:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))


def record_of(path: Path) -> dict:
    return json.loads((path / "parfocal/run/zarr.json").read_text())["attributes"]["parfocal"]


def length(path: Path, array: str = "A/1/0/0") -> int:
    return json.loads((path / array / "zarr.json").read_text())["shape"][0]


def test_an_array_grows_once_a_shard_is_there_and_readers_that_resolve_again_see_it(
    path: Path,
) -> None:
    first, more = grid(t=2, z=2), [(t, 0, 0, z) for t in (2, 3) for z in range(2)]
    recording = Recording.create(path, spec_of(first, plan={"name": "first"}))
    kvstore = {"driver": "file", "path": f"{path}/A/1/0/0/"}
    held = ts.open(
        {"driver": "zarr3", "kvstore": kvstore, "recheck_cached_metadata": True}, read=True
    ).result()
    put_all(recording, first)
    recording.extend(more, [9.0] * 4, plan={"name": "second"})
    assert (length(path), info(path).planned) == (2, 8)
    put_all(recording, more[:2])
    soon(lambda: len(recording.committed()) == 6)
    assert length(path) == 3
    assert held.shape[0] == 2
    np.testing.assert_array_equal(
        held.resolve().result()[2, 0, 1].read().result(), plane_of(more[1])
    )
    holds(path, [*first, *more[:2]])
    assert (info(path).acquired, info(path).missing) == (6, 2)
    recording.close("interrupted", "stopped")
    assert length(path) == 4
    assert (info(path).planned, info(path).acquired) == (8, 6)
    record = record_of(path)
    assert [one["plan"] for one in record["plan_revisions"]] == [
        {"name": "first"}, {"name": "second"},
    ]  # fmt: skip
    assert record["plan"] == {"name": "second"}
    assert record["plan_revisions"][1]["timepoints"] == [2, 3]
    assert check(path, deep=True).ok


def test_fields_join_with_room_for_every_timepoint(path: Path) -> None:
    first = grid(t=3, c=2)
    recording = Recording.create(path, spec_of(first))
    put_all(recording, first[:4])
    joined = [(t, p, c, 0) for t in (2, 3, 4) for p in (1, 2) for c in range(2)]
    also = [(t, 0, c, 0) for t in (3, 4) for c in range(2)]
    fields = [FieldInfo("new", (1.0, 2.0, 3.0)), FieldInfo("well", (4.0, 5.0, 6.0), "C/4")]
    recording.extend([*joined, *also], [0.0] * 16, fields=fields)
    assert [length(path, f"{where}/0") for where in ("A/1/0", "A/1/1", "C/4/0")] == [5, 5, 5]
    assert info(path).fields == ("field 0", "new", "well")
    put_all(recording, [*joined, *first[4:], *also])
    recording.close()
    holds(path, [*first, *joined, *also])
    found = info(path)
    assert (found.state, found.missing) == ("completed", 0)
    assert (found.planned_per_field, found.acquired_per_field) == ((10, 6, 6), (10, 6, 6))
    assert found.origins_um[1:] == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    states = read_planes(path)
    assert states is not None
    assert (states[:2, 1:] == PlaneState.UNPLANNED).all()  # they joined later
    assert not check(path, deep=True).findings
    plate = zarr.open_group(path, mode="r").attrs["ome"]["plate"]
    assert [well["path"] for well in plate["wells"]] == ["A/1", "C/4"]


def test_a_skipped_plane_may_be_planned_again_and_what_came_may_not(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(t=2, z=2)))
    put_all(recording, grid(z=2))
    recording.skip((1, 0, 0, 0), "the plan was replaced")
    recording.skip((1, 0, 0, 1), "the plan was replaced")
    recording.extend([(1, 0, 0, 0)], [0.0])
    refused: list[tuple[list[Index], dict, str]] = [
        ([(0, 0, 0, 1)], {}, "frame t=0 p=0 c=0 z=1 came already"),
        ([(2, 0, 1, 0)], {}, "by frame t=2 p=0 c=1 z=0: c goes from 0 to 0"),
        ([(2, 0, 0, 2)], {}, "by frame t=2 p=0 c=0 z=2: z goes from 0 to 1"),
        ([(2, 1, 0, 0)], {}, "by frame t=2 p=1 c=0 z=0: p goes from 0 to 0"),
        ([(2, 0, 0, 0), (2, 0, 0, 0)], {}, "plans a plane twice"),
        ([(2, 1, 0, 0)], {"fields": [FieldInfo("f", well="7")]}, "in well '7'"),
    ]
    for planned, others, sentence in refused:
        with pytest.raises(StoreError, match=sentence.replace("(", r"\(")):
            recording.extend(planned, [0.0] * len(planned), **others)
    with pytest.raises(StoreError, match="has 0 due times for 1 planes"):
        recording.extend([(2, 0, 0, 0)], [])
    put_all(recording, [(1, 0, 0, 0)])
    recording.close()
    found = info(path)
    assert (found.planned, found.acquired, found.fields) == (4, 3, ("field 0",))
    with pytest.raises(StoreError, match="was closed and cannot be extended"):
        recording.extend([(2, 0, 0, 0)], [0.0])
    assert not list(path.rglob("7"))


def test_a_recording_grows_while_others_put(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(t=2, p=2)), budget_bytes=8 * PLANE)
    planned = grid(t=60, p=2)
    ready = [threading.Semaphore(2), threading.Semaphore(2)]

    def feed(number: int) -> None:
        for index in planned[number::2]:
            ready[number].acquire()
            recording.put(index, plane_of(index))

    threads = [threading.Thread(target=feed, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for t in range(2, 60):
        recording.extend([(t, 0, 0, 0), (t, 1, 0, 0)], [0.0, 0.0])
        for each in ready:
            each.release()
    for thread in threads:
        thread.join()
    recording.close()
    holds(path, planned)
    assert (info(path).planned, info(path).missing) == (120, 0)
    assert not check(path, deep=True).findings


def test_an_unbounded_recording_is_as_long_as_it_became(path: Path) -> None:
    spec = spec_of(grid(p=2, c=2), unbounded=True, time_step_s=0.01)
    recording = Recording.create(path, spec, seal_timeout_s=60.0)
    assert recording.geometry.frames == 64
    planned = grid(t=150, p=2, c=2)
    put_all(recording, planned)
    soon(lambda: len(recording.committed()) >= 512)
    assert 64 <= length(path) <= 128
    assert info(path).missing == 0
    put_all(recording, [(150, 1, 0, 0)])  # one timepoint had begun when it was stopped
    recording.close()
    assert {length(path, f"A/1/{field}/0") for field in (0, 1)} == {151}
    found = info(path)
    assert (found.planned, found.acquired, found.shape[0]) == (604, 601, 151)
    holds(path, [*planned, (150, 1, 0, 0)])
    assert check(path, deep=True).ok
    states = read_planes(path)
    assert states is not None
    assert states.shape == (151, 2, 2, 1)


def test_the_pattern_of_an_unbounded_recording_may_take_two_timepoints(path: Path) -> None:
    # channel 1 comes at every other timepoint: in between it is not planned, and not missing
    pattern = [(0, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0)]
    recording = Recording.create(path, spec_of(pattern, unbounded=True, due=[0.0, 0.0, 1.0]))
    put_all(recording, [(t, 0, c, 0) for t in range(5) for c in range(2) if not (c and t % 2)])
    with pytest.raises(StoreError, match="frame t=5 p=0 c=1 z=0 is not in the plan"):
        recording.put((5, 0, 1, 0), plane_of((5, 0, 1, 0)))
    with pytest.raises(StoreError, match=r"timepoint 1000000000 of .* cannot be"):
        recording.put((10**9, 0, 0, 0), plane_of((0, 0, 0, 0)))
    recording.skip((5, 0, 0, 0), "the camera slept")
    recording.close()
    found = info(path)
    assert (found.planned, found.acquired, found.missing, found.shape[0]) == (9, 8, 1, 6)


def test_nothing_came_of_an_unbounded_recording(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(z=3), unbounded=True))
    recording.close("interrupted")
    assert (info(path).planned, info(path).missing, info(path).shape[0]) == (0, 0, 1)
    assert check(path).ok


def test_a_field_joins_an_unbounded_recording(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(z=2), unbounded=True))
    put_all(recording, grid(t=3, z=2))
    recording.extend([(3, 1, 0, 0), (3, 1, 0, 1)], [0.0, 0.0], fields=[FieldInfo("late")])
    later = [(t, p, 0, z) for t in (3, 4) for p in range(2) for z in range(2)]
    put_all(recording, later)
    recording.close()
    holds(path, [*grid(t=3, z=2), *later])
    found = info(path)
    assert (found.planned_per_field, found.missing) == ((10, 4), 0)
    assert not check(path, deep=True).findings


def test_an_unbounded_time_lapse_of_unknown_pace_has_one_frame_a_shard(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(), unbounded=True, time_step_s=None))
    assert recording.geometry.frames == 1
    recording.abandon()


def test_a_growing_stream_is_written_once(path: Path) -> None:
    shape = (256, 256)
    planned = grid(t=200)
    planes = {index: plane_of(index, shape) for index in planned}
    recording = Recording.create(
        path, spec_of(grid(t=2), shape=shape, unbounded=True, due=[0.0, 0.01])
    )
    before = bytes_written()
    for index, plane in planes.items():
        recording.put(index, plane)
    recording.close()
    written = bytes_written() - before
    stored = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert stored > 10_000_000
    assert written <= 1.05 * stored


def test_a_frame_is_only_acknowledged_when_its_array_reaches_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording.create(path, spec_of(grid(z=2), unbounded=True))
    seen: list[int] = []
    reach = ArrayLengths.reach

    def look(self: ArrayLengths, array: str, timepoints: int) -> None:
        seen.append(len(recording.committed()))
        assert (path / array / f"c/{timepoints - 1}/0/0/0/0").is_file()
        reach(self, array, timepoints)
        assert length(path, array) >= timepoints

    monkeypatch.setattr(ArrayLengths, "reach", look)
    for t in range(3):
        put_all(recording, [(t, 0, 0, 0), (t, 0, 0, 1)])
        soon(lambda t=t: len(recording.committed()) == 2 * t + 2)
    recording.close()
    assert seen == [0, 2, 4]


def test_two_cameras_grow_together(path: Path) -> None:
    small = (8, 10)
    channels = [ChannelInfo("a"), ChannelInfo("b", plane_shape=small)]
    recording = Recording.create(path, spec_of(grid(c=2), channels=channels, unbounded=True))
    planned = grid(t=7, c=2)
    for index in planned:
        recording.put(index, plane_of(index, small if index[2] else SHAPE))
    recording.close()
    reader = StoreReader(path)
    for index in planned:
        np.testing.assert_array_equal(
            reader.plane(index), plane_of(index, small if index[2] else SHAPE)
        )
    assert not check(path, deep=True).findings
