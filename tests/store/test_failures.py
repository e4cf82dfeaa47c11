"""Whatever happens to the disk or the writer: it is soon said, and nobody waits forever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disks import fill, freezing_disk, frozen, small_disk
from numpy.typing import NDArray
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import Index, Recording, StoreError, StoreReader, _ending, check, info
from parfocal.store._journal import read_entries
from parfocal.store._layout import journal_path
from parfocal.store._writer import ShardWriter

PLANE = SHAPE[0] * SHAPE[1] * 2


def put_noise(recording: Recording, noise: NDArray[np.uint16], indices: list[Index]) -> None:
    for index in indices:
        recording.put(index, noise)


@pytest.fixture
def four_megabytes() -> Iterator[Path]:
    """A file system of its own."""
    with small_disk("4m") as disk:
        yield disk


def test_a_disk_filled_to_the_last_byte_leaves_a_store_that_says_so(four_megabytes: Path) -> None:
    path = four_megabytes / "cells.ome.zarr"
    planned = grid(t=6)
    noise = np.random.default_rng(1).integers(0, 65536, (512, 512), dtype=np.uint16)
    spec = spec_of(planned, shape=noise.shape, due=[20.0 * t for t in range(6)])
    recording = Recording.create(path, spec, budget_bytes=2 * noise.nbytes)
    recording.put(planned[0], noise)
    while not recording.committed():
        pass
    fill(four_megabytes)
    with pytest.raises(StoreError, match="the disk is full"):
        put_noise(recording, noise, planned[1:])
    recording.close("interrupted")
    found = info(path)
    assert (found.state, found.acquired, found.missing) == ("interrupted", 1, 5)
    assert found.reason.endswith("the disk is full"), "one sentence, and nothing of TensorStore's"
    assert check(path, deep=True).ok
    assert np.array_equal(StoreReader(path).plane(planned[0]), noise)
    assert sorted(entry.name for entry in four_megabytes.iterdir()) == ["cells.ome.zarr", "filler"]


def test_a_store_that_is_moved_away_fails_within_a_shard_and_is_not_begun_anew(
    tmp_path: Path,
) -> None:
    path, moved = tmp_path / "cells.ome.zarr", tmp_path / "moved.ome.zarr"
    planned = grid(t=12, z=2)
    recording = Recording.create(path, spec_of(planned), budget_bytes=4 * PLANE)
    put_all(recording, planned[:2])
    while not recording.committed():
        pass
    path.rename(moved)
    with pytest.raises(StoreError, match="was moved or deleted"):
        put_all(recording, planned[2:])
    with pytest.raises(StoreError, match="was moved or deleted"):
        recording.close("interrupted", "the run failed")
    assert not path.exists()
    assert np.array_equal(StoreReader(moved).plane(planned[0]), plane_of(planned[0]))
    # the recording is over, though its process goes on: the name is free again
    Recording.create(path, spec_of(planned)).abandon()
    assert not path.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_is_told_to_those_who_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ShardWriter, "_start", die)
    planned = grid(t=12, z=2)
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(planned), budget_bytes=4 * PLANE)
    with pytest.raises(StoreError, match="cannot be written: MemoryError"):
        put_all(recording, planned)
    with pytest.raises(StoreError, match="MemoryError"):
        recording.wait_for_room(planned)
    recording.close("interrupted")
    assert info(recording.path).missing == len(planned)


@pytest.fixture
def freezing(tmp_path: Path) -> Iterator[Path]:
    with freezing_disk(tmp_path / "disk.img") as folder:
        yield folder


def test_a_stalled_disk_is_given_up_and_written_when_it_comes_back(
    freezing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_ending, "PROBE_S", 0.2)
    monkeypatch.setattr(_ending, "STALLED_S", 0.3)
    path, planned = freezing / "cells.ome.zarr", grid(t=3, z=2)
    recording = Recording.create(path, spec_of(planned))
    put_all(recording, planned[:2])
    while not recording.committed():
        pass
    with frozen(freezing):
        put_all(recording, planned[2:])
        with pytest.raises(StoreError, match="its disk has not answered"):
            recording.close()
        assert len(recording.committed()) == 2
    while any(thread.name.startswith("parfocal ") for thread in threading.enumerate()):
        pass
    assert (info(path).state, info(path).missing) == ("completed", 0)
    assert check(path, deep=True).ok


def test_a_skip_waits_for_no_stalled_disk_and_the_journal_has_it_when_the_disk_is_back(
    freezing: Path,
) -> None:
    path, planned = freezing / "cells.ome.zarr", grid(t=3, z=2)
    recording = Recording.create(path, spec_of(planned))
    told = threading.Thread(
        target=lambda: [recording.skip(index, "no trigger") for index in planned[:2]], daemon=True
    )
    with frozen(freezing):
        told.start()
        told.join(5)
        assert not told.is_alive()
    put_all(recording, planned[2:4])
    while len(recording.committed()) < 2:  # a shard's line comes behind those of earlier skips
        pass
    skipped = [entry["skip"] for entry in read_entries(journal_path(path)) if "skip" in entry]
    assert skipped == [list(index) for index in planned[:2]]
    recording.close("interrupted")
    assert (info(path).acquired, info(path).missing) == (2, 4)


def test_a_slow_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ending, "PROBE_S", 0.02)
    monkeypatch.setattr(_ending, "STALLED_S", 0.2)
    start = ShardWriter._start

    def slow(self: ShardWriter, shard: Any) -> None:
        threading.Event().wait(0.6)
        start(self, shard)

    monkeypatch.setattr(ShardWriter, "_start", slow)
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(grid(z=2)))
    put_all(recording, grid(z=2))
    recording.close()
    assert info(recording.path).missing == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.ome.zarr"]


def test_room_is_not_waited_for_where_the_planes_hold_it_themselves(tmp_path: Path) -> None:
    planned = grid(c=3, z=2)
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(planned), budget_bytes=4 * PLANE)
    recording.put(planned[0], plane_of(planned[0]))
    given_up = threading.Event()
    timer = threading.Timer(2.0, given_up.set)
    timer.start()
    recording.wait_for_room(planned, given_up)
    timer.cancel()
    timer.join()
    assert not given_up.is_set()
    put_all(recording, planned[1:])
    recording.close()
    assert info(recording.path).missing == 0


def test_a_wait_is_counted_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stalled = threading.Event()
    start = ShardWriter._start

    def stall(self: ShardWriter, shard: Any) -> None:
        stalled.wait(10)
        start(self, shard)

    monkeypatch.setattr(ShardWriter, "_start", stall)
    planned = grid(t=4)
    spec = spec_of(planned, due=[20.0 * t for t in range(4)])
    recording = Recording.create(tmp_path / "a.ome.zarr", spec, budget_bytes=PLANE)
    recording.put(planned[0], plane_of(planned[0]))
    waiting = threading.Thread(target=recording.wait_for_room, args=(planned[1:2],))
    waiting.start()
    try:
        while recording.status().blocked_s < 0.1:
            assert waiting.is_alive()
    finally:
        stalled.set()
        waiting.join()
        recording.close("interrupted")


def test_metadata_cannot_say_another_place(tmp_path: Path) -> None:
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(grid(t=2)))
    recording.put((1, 0, 0, 0), plane_of((1, 0, 0, 0)), {"t": 0, "z": "top"})
    recording.close("interrupted")
    import pyarrow.parquet as pq

    (row,) = pq.read_table(recording.path / "parfocal" / "run" / "frames.parquet").to_pylist()
    assert [row[axis] for axis in "tpcz"] == [1, 0, 0, 0]


def test_a_file_of_no_meaning_is_left_neither_in_the_store_nor_beside_it(tmp_path: Path) -> None:
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(grid()))
    put_all(recording, grid())
    recording.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.ome.zarr"]
    assert not list(recording.path.rglob("*reserve*"))
