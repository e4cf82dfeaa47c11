"""An acquisition comes first: work in the middle of a shard, a file or a check stands still at
once, and goes on to the same end."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from camera import Camera
from rig import Rig, working
from tifffile import imread
from zarr_stores import pixels_of

from parfocal.convert._spool_source import SpoolSource
from parfocal.jobs import Database, JobError, Worker, gently, is_idle, pause, resume
from parfocal.store import _check_chunks, check

SOON_S = 1.0


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0, threads=2)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many blocks were converted and how many chunks checked; each takes a while."""
    counts = {"block": 0, "chunk": 0}
    read, check_one = SpoolSource.read, _check_chunks.check_chunks

    def slow(self: SpoolSource, key: str, region: Any) -> Any:
        counts["block"] += 1
        time.sleep(0.2)
        return read(self, key, region)

    def counted(array: Any, keys: Any, position: Any, between: Any) -> Any:
        def slowly() -> None:
            between()
            counts["chunk"] += 1
            time.sleep(0.04)

        return check_one(array, keys, position, slowly)

    monkeypatch.setattr(SpoolSource, "read", slow)
    monkeypatch.setattr("parfocal.store._check_pixels.check_chunks", counted)
    return counts


def test_a_run_or_a_pause_stops_a_conversion_and_a_check_within_a_block(
    rig: Rig, count: dict[str, int]
) -> None:
    # all frames are one shard, read in eight blocks
    folder = Camera(files=8, height=256, width=1000, per_file=8).write(rig.raw / "Run1")
    runs = threading.Event()
    rig.admit(folder)
    with working(Worker(rig.database, busy=runs.is_set)):
        until(lambda: count["block"] > 1)
        runs.set()
        assert_stands_still(rig, count, "compress")
        runs.clear()
        until(lambda: count["chunk"] > 3)
        pause(rig.database)
        assert_stands_still(rig, count, "verify_store")
        resume(rig.database)
        until(lambda: is_idle(rig.database))
    assert set(rig.states().values()) == {"done"}
    store = pixels_of(rig.product(".ome.zarr")).squeeze()
    assert np.array_equal(imread(rig.product(".mip.tif")).squeeze(), store.max(axis=0))


def assert_stands_still(rig: Rig, count: dict[str, int], stage: str) -> None:
    time.sleep(SOON_S)
    before = dict(count)
    time.sleep(SOON_S / 2)
    assert count == before
    assert rig.states()[stage] == "running"


def test_a_check_is_left_by_whoever_waits_between_its_pieces(tmp_path: Path, rig: Rig) -> None:
    rig.admit(Camera().write(rig.raw / "Run1"))
    rig.work()

    def leave() -> None:
        raise JobError("somebody else needs the disk")

    for deep in (True, False):
        with pytest.raises(JobError, match="somebody else"):
            check(rig.product(".ome.zarr"), deep=deep, between=leave)


def test_processors_are_given_back_and_one_that_is_not_there_is_named() -> None:
    process = psutil.Process()
    before, nice = process.cpu_affinity(), process.nice()
    with gently([before[0]]):
        assert process.cpu_affinity() == [before[0]]
        assert process.nice() >= 10
    assert process.cpu_affinity() == before
    if psutil.Process().username() == "root":  # who else may not raise a priority
        assert process.nice() == nice
    with pytest.raises(JobError, match="this computer has no processor 4711"), gently([4711]):
        pytest.fail("it must not get here")
    assert process.cpu_affinity() == before


def until(holds: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
