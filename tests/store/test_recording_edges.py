"""Edges of a recording: late frames, last shards, one timepoint, odd orders, wrong frames."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import Index, Recording, StoreError, StoreReader, check, info

PLANE = SHAPE[0] * SHAPE[1] * 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.ome.zarr"


def soon(condition: object) -> None:
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def holds(path: Path, indices: list[Index]) -> None:
    reader = StoreReader(path)
    for index in indices:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))
    assert not [f for f in check(path, deep=True).findings if f.severity == "error"]


def shards(path: Path) -> list[str]:
    array = path / "A/1/0/0"
    return sorted(f.relative_to(array).as_posix() for f in (array / "c").rglob("*") if f.is_file())


@pytest.mark.parametrize(
    ("frames", "given", "expected"),
    [(1, 1, 1), (64, 64, 1), (65, 65, 2), (150, 150, 3), (150, 130, 3), (150, 128, 2)],
)
def test_the_last_shard_may_be_a_part(path: Path, frames: int, given: int, expected: int) -> None:
    recording = Recording.create(path, spec_of(grid(t=frames)))
    assert recording.geometry.frames == min(64, frames)
    put_all(recording, grid(t=given))
    recording.close("completed" if given == frames else "interrupted")
    assert len(shards(path)) == expected
    assert info(path).shape[0] == frames
    assert info(path).missing == frames - given
    holds(path, grid(t=given))


def test_a_late_frame_joins_its_shard_along_time(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(t=40)), seal_timeout_s=0.1)
    early = [index for index in grid(t=40) if index[0] not in (3, 17)]
    put_all(recording, early)
    soon(lambda: len(recording.committed()) == 38)
    put_all(recording, [(17, 0, 0, 0), (3, 0, 0, 0)])
    with pytest.raises(StoreError, match="frame t=17 p=0 c=0 z=0 came twice"):
        recording.put((17, 0, 0, 0), plane_of((0, 0, 0, 0)))
    recording.close()
    assert len(shards(path)) == 1
    holds(path, grid(t=40))


EVERYTHING = grid(t=3, p=2, c=3, z=4)
ORDERS = {
    "channel fastest": sorted(EVERYTHING, key=lambda i: (i[0], i[1], i[3], i[2])),
    "time fastest": sorted(EVERYTHING, key=lambda i: (i[1], i[3], i[2], i[0])),
    "field fastest": sorted(EVERYTHING, key=lambda i: (i[0], i[2], i[3], i[1])),
    "backwards": EVERYTHING[::-1],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("budget", [2, 8, 1000])
def test_any_order_is_kept_within_any_budget(path: Path, order: str, budget: int) -> None:
    planned = ORDERS[order]
    recording = Recording.create(path, spec_of(planned), budget_bytes=budget * PLANE)
    for index in planned:
        recording.put(index, plane_of(index))
        status = recording.status()
        assert status.buffer_bytes <= status.buffer_limit <= budget * PLANE
    recording.close()
    assert info(path).missing == 0
    holds(path, planned)


def test_a_wrong_frame_leaves_the_earlier_ones(path: Path) -> None:
    planned = grid(t=3, z=2)
    recording = Recording.create(path, spec_of(planned))
    put_all(recording, planned[:3])
    for wrong in (np.zeros((20, 24), "uint16"), np.zeros(SHAPE, "uint8"), np.zeros(SHAPE, ">u2")):
        with pytest.raises(StoreError, match="frame t=1 p=0 c=0 z=1 is"):
            recording.put(planned[3], wrong)
    assert recording.get(planned[3]) is None
    put_all(recording, planned[3:4])
    recording.close("interrupted", "the camera was changed")
    found = info(path)
    assert (found.acquired, found.missing) == (4, 2)
    holds(path, planned[:4])


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_values_at_the_ends_of_a_type_come_back(path: Path, dtype: str) -> None:
    shape = (1030, 7)
    rows = np.zeros(shape, dtype)
    ends = (
        [0, 255]
        if dtype == "uint8"
        else [-0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).tiny, np.finfo(dtype).max]
    )
    rows.flat[: len(ends)] = ends
    recording = Recording.create(path, spec_of(grid(t=2), shape=shape, dtype=dtype))
    recording.put((0, 0, 0, 0), rows)
    recording.put((1, 0, 0, 0), np.zeros(shape, dtype))
    recording.close()
    assert StoreReader(path).plane((0, 0, 0, 0)).tobytes() == rows.tobytes()
    assert info(path).missing == 0
    assert check(path, deep=True).ok


def test_of_the_smallest_planes_no_more_buffers_are_made_than_will_be_used_soon(path: Path) -> None:
    """An unbounded recording of single pixels began with four million of them, and 1.1 GB."""
    spec = spec_of(grid(), shape=(1, 1), dtype="uint8", time_step_s=0.001, unbounded=True)
    before = psutil.Process().memory_info().rss
    recording = Recording.create(path, spec)
    grown = psutil.Process().memory_info().rss - before
    recording.abandon()
    assert grown < 100 * 2**20


@pytest.mark.parametrize("planned", [grid(t=6), grid(z=6), grid(t=2, z=3)])
def test_planes_of_several_tiles_come_whole_beside_gaps_and_with_their_own_checksum(
    path: Path, planned: list[Index]
) -> None:
    shape = (1450, 1101)  # tiles at two edges, each copied in two bands
    recording = Recording.create(path, spec_of(planned, shape=shape))
    recording.skip(planned[2], "late")
    came = [index for index in planned if index != planned[2]]
    for index in came:
        upright = plane_of(index, shape[::-1])
        recording.put(index, upright.T)  # rows that do not lie one behind the other
    recording.close()
    reader = StoreReader(path)
    for index in came:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, shape[::-1]).T)
    assert not [f for f in check(path, deep=True).findings if f.severity == "error"]


def test_the_first_recording_of_a_program_loads_nothing_more_when_it_is_closed(tmp_path: Path):
    # a cancel waits for it: pyarrow and pandas once took three seconds of one
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from store_recordings import grid, put_all, spec_of
from parfocal.store import Recording
recording = Recording.create(Path({str(tmp_path)!r}) / "one.ome.zarr", spec_of(grid(2)))
put_all(recording, grid(2)[:1])
before = set(sys.modules)
recording.close("interrupted", "stopped")
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
