"""A disk that takes no more says so within one shard, and keeps everything that came before."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disks import fill, small_disk
from numpy.typing import NDArray
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import FieldInfo, Index, Recording, StoreError, StoreReader, check, info
from parfocal.store._layout import journal_path

PLANNED = {
    "frames along time": grid(t=640),
    "stacks": grid(t=32, z=20),
    "two channels": grid(t=320, c=2),
    "one frame a shard": grid(t=40),
}


def pace_of(case: str) -> tuple[float, tuple[int, int]]:
    """Seconds between two frames, and their shape.

    A failing disk answers in 5 to 15 ms; what else arrives meanwhile depends on the camera. One
    frame a shard is for frames that come seconds apart, so these come slower than the others.
    """
    return (0.1, (512, 512)) if case == "one frame a shard" else (0.004, (128, 128))


def noise_of(index: Index, shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Pixels that nothing compresses."""
    return np.random.default_rng(index).integers(0, 65536, shape, dtype=np.uint16)


def record_until_refused(
    path: Path, case: str, metadata: dict[str, Any] | None = None, largest: int | None = None
) -> dict[str, Any]:
    """What was put, and what was said, until the recording said that it failed."""
    planned, (every_s, shape) = PLANNED[case], pace_of(case)
    due = [60.0 * n if case == "one frame a shard" else 0.0 for n in range(len(planned))]
    recording = Recording.create(path, spec_of(planned, shape=shape, due=due))
    if largest:  # bytes a file, for this process and for good
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    taken: list[Index] = []
    told = ""
    began = time.monotonic()
    try:
        for number, index in enumerate(planned):
            time.sleep(max(0.0, began + number * every_s - time.monotonic()))
            recording.put(index, noise_of(index, shape), metadata)
            taken.append(index)
    except StoreError as problem:
        told = str(problem)
    shards = [recording.geometry.shard_of(index) for index in taken]
    committed = sorted(recording.committed())
    stored = {recording.geometry.shard_of(index) for index in committed}
    failed = next(key for key in shards if key not in stored)
    sealed = max(number for number, key in enumerate(shards) if key == failed)
    closing = ""
    try:
        recording.close("interrupted")
    except StoreError as problem:
        closing = str(problem)
    return {
        "told": told,
        "closing": closing,
        "after": len(taken) - 1 - sealed,
        "shape": shape,
        "slots": recording.geometry.slots,
        "channels": len({key.c for key in shards}),
        "committed": [list(index) for index in committed],
    }


def verify(path: Path, outcome: dict[str, Any], sentence: str) -> None:
    """It was said in time, and every frame said to be stored is."""
    assert str(path) in outcome["told"]
    assert sentence in outcome["told"]
    assert outcome["after"] <= outcome["slots"] * outcome["channels"]
    kept = [(t, p, c, z) for t, p, c, z in outcome["committed"]]
    assert kept
    assert outcome["closing"] == ""
    found = info(path)
    assert (found.state, found.acquired) == ("interrupted", len(kept))
    assert found.missing == found.planned - len(kept)
    assert sentence in found.reason
    assert check(path, deep=True).ok
    reader = StoreReader(path)
    for index in kept[:: max(1, len(kept) // 50)]:
        np.testing.assert_array_equal(reader.plane(index), noise_of(index, tuple(outcome["shape"])))
    assert not journal_path(path).exists()
    assert not list(path.rglob("*.__lock"))


@pytest.mark.parametrize("case", PLANNED)
def test_a_full_disk_is_said_within_one_shard(tmp_path: Path, case: str) -> None:
    with small_disk("9m") as disk:
        path = disk / "cells.ome.zarr"
        verify(path, record_until_refused(path, case), "the disk is full")


def test_a_disk_out_of_file_entries_is_said_within_one_shard(tmp_path: Path) -> None:
    with small_disk("40m", "nr_inodes=60") as disk:
        path = disk / "cells.ome.zarr"
        outcome = record_until_refused(path, "one frame a shard")
        verify(path, outcome, "the disk is full")


CHILD = """
import json, sys
from pathlib import Path
sys.path[:0] = json.loads(sys.argv[1])
from test_failures_full_disk import record_until_refused
path, case, metadata, largest = json.loads(sys.argv[2])
print(json.dumps(record_until_refused(Path(path), case, metadata, largest)))
"""


@pytest.mark.parametrize(
    ("case", "largest"),
    [("frames along time", 2_000_000), ("stacks", 600_000)],
)
def test_a_limit_on_the_size_of_files_is_said_within_one_shard(
    tmp_path: Path, case: str, largest: int
) -> None:
    """Every shard is larger: the first one fails already, and the store says that it is empty."""
    path = tmp_path / "cells.ome.zarr"
    outcome = _in_a_child(path, case, largest)
    assert "the largest size of a file is reached" in outcome["told"]
    assert outcome["after"] <= outcome["slots"] * outcome["channels"]
    assert (info(path).state, info(path).acquired) == ("interrupted", 0)


def test_a_journal_that_grows_past_the_largest_file_is_said_too(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    outcome = _in_a_child(path, "one frame a shard", 600_000, {"note": "x" * 100_000})
    verify(path, outcome, "the largest size of a file is reached")


def _in_a_child(
    path: Path, case: str, largest: int, metadata: dict[str, Any] | None = None
) -> dict[str, Any]:
    folders = json.dumps([str(Path(__file__).parent)])
    arguments = json.dumps([str(path), case, metadata, largest])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, folders, arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_a_disk_that_is_full_when_a_recording_is_to_grow_says_so(tmp_path: Path) -> None:
    """What was recorded by then stays, and the store is closed as interrupted."""
    planned, later = grid(t=2, z=2), grid(t=4, p=40, z=2)[160:]
    fields = [FieldInfo(f"new {number}") for number in range(39)]
    with small_disk("2m") as disk:
        path = disk / "cells.ome.zarr"
        recording = Recording.create(path, spec_of(planned))
        put_all(recording, planned)
        while len(recording.committed()) < len(planned):
            pass
        fill(disk)
        with pytest.raises(StoreError, match="the disk is full") as refused:
            recording.extend(later, [0.0] * len(later), fields=fields)
        assert str(path) in str(refused.value)
        recording.close("interrupted", "the disk is full")
        assert not [file for file in path.rglob("*") if file.name.endswith(".new")]
        found = info(path)
        assert (found.state, found.acquired) == ("interrupted", len(planned))
        report = check(path, deep=True)
        assert report.ok, report.findings
        for index in planned:
            np.testing.assert_array_equal(StoreReader(path).plane(index), plane_of(index))
