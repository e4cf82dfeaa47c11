"""Kill -9 at every boundary: no half product has a final name, no raw byte goes unproven, and the
next worker ends where an undisturbed one would have."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from camera import Camera
from hand_clock import LaterClock
from rig import Rig, files_of
from tifffile import imread
from zarr_stores import pixels_of

from parfocal.jobs import Database, State, list_jobs
from parfocal.jobs._hashing import read_manifest
from parfocal.store import check

KILLED_AT = """
import os, signal, sys, threading
from pathlib import Path
import parfocal.convert._journal, parfocal.jobs._archive, parfocal.jobs._cleanup
import parfocal.jobs._compress, parfocal.jobs._file_work, parfocal.jobs._workplace
import parfocal.jobs._leases
from parfocal.jobs import Database, Leases, Worker, is_idle

queue, where, name, when, after = sys.argv[1:]
after = int(after)
owner = sys.modules[f"parfocal.{where if '.' in where else 'jobs.' + where}"]
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
name = name.rpartition(".")[2]
whole = getattr(owner, name)
calls = 0

def counted(*arguments, **named):
    global calls
    mine, calls = calls, calls + 1
    if mine == after and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = whole(*arguments, **named)
    if mine == after and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, name, counted)
database = Database(Path(queue))
Worker(database, workers=1).run(threading.Event(), lambda: is_idle(database))
"""

MOMENTS = [
    ("_leases", "Leases.complete", "before", 0),
    ("_leases", "Leases.complete", "before", 7),
    ("_leases", "Leases.complete", "after", 7),
    ("_file_work", "copy_hashed", "after", 2),
    ("_archive", "put_in_place", "before", 0),
    ("_archive", "put_in_place", "after", 0),
    ("convert._journal", "Journal.add", "after", 2),
    ("_file_work", "convert", "after", 0),
    ("_compress", "put_in_place", "after", 1),
    ("_cleanup", "_tombstone", "after", 0),
    ("_cleanup", "Path.unlink", "after", 1),
]
MORE = [
    *(("_leases", "Leases.complete", "before", number) for number in (1, 2, 3, 4, 5, 6, 8)),
    *(("_leases", "Leases.claim", "after", number) for number in range(9)),
    ("_file_work", "convert", "before", 0),
    ("_file_work", "export", "after", 0),
    ("_compress", "put_in_place", "after", 0),
    ("_cleanup", "_delete", "before", 0),
    ("_cleanup", "Path.unlink", "after", 0),
]


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def rig(tmp_path: Path, clock: LaterClock) -> Iterator[Rig]:
    database = Database(tmp_path / "queue.sqlite", clock)
    wishes = {"cleanup": "delete", "delete_consent": "delete brain", "shard_mb": 1}
    yield Rig(tmp_path, database, stable_seconds=0, **wishes)
    database.close()


@pytest.mark.parametrize(
    ("where", "name", "when", "after"),
    [*MOMENTS, *(pytest.param(*one, marks=pytest.mark.soak) for one in MORE)],
)
def test_a_kill_at_this_moment_harms_nothing(
    rig: Rig, clock: LaterClock, where: str, name: str, when: str, after: int
) -> None:
    # a shard a frame, so that one can be killed between two of them
    folder = Camera(files=2, height=512, width=1000).write(rig.raw / "Run1")
    raw = files_of(folder)
    rig.admit(folder)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(rig.database.path), where, name, when, str(after)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    _nothing_is_half_made(rig)
    _raw_goes_only_when_proven(rig, folder, raw)
    clock.ahead += 31
    assert not [job for job in list_jobs(rig.database) if job.state is State.RUNNING]
    jobs = rig.work()
    assert {job.state for job in jobs.values()} == {"done"}, {k: j.error for k, j in jobs.items()}
    assert {job.generation for job in jobs.values()} == {1}
    _nothing_is_half_made(rig)
    assert {n: d for n, d in files_of(rig.backup).items() if n != "manifest.sha256"} == raw
    assert check(rig.product(".ome.zarr"), deep=True).ok
    pixels = pixels_of(rig.product(".ome.zarr")).squeeze()
    assert np.array_equal(imread(rig.product(".mip.tif")).squeeze(), pixels.max(axis=0))
    assert sorted(files_of(folder)) == ["acquisitionmetadata.ini", "info.txt"]
    left = [path.name for path in rig.root.rglob(".*") if "partial" in path.name]
    assert left == []
    decided = rig.database.rows("SELECT 1 FROM event WHERE kind = 'decided'")
    assert len(decided) == 1
    once = rig.database.rows("SELECT job FROM event WHERE kind = 'done' GROUP BY job, kind")
    assert len(once) == len(jobs)


def _nothing_is_half_made(rig: Rig) -> None:
    if rig.backup.exists():
        told = read_manifest(rig.backup / "manifest.sha256")
        assert sorted(told) == sorted(
            name for name in files_of(rig.backup) if name != "manifest.sha256"
        )
    if rig.product(".ome.zarr").exists():
        assert check(rig.product(".ome.zarr"), deep=True).ok
    if rig.product(".mip.tif").exists():
        assert imread(rig.product(".mip.tif")).size


def _raw_goes_only_when_proven(rig: Rig, folder: Path, raw: dict[str, bytes]) -> None:
    if files_of(folder) == raw:
        return
    copied = files_of(rig.backup)
    assert {name: copied[name] for name in raw} == raw
    assert (rig.raw / "Run1.tombstone-1.json").is_file()
    proven = rig.database.rows("SELECT kind FROM artifact WHERE verified = 1")
    assert {"backup", "store", "mip", "tombstone"} <= {row["kind"] for row in proven}
