"""The window's worker: one a queue, watching what was chosen, and gone when nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from camera import Camera
from rig import Rig

from parfocal.jobs import (
    Database,
    JobError,
    Overlook,
    has_work,
    list_jobs,
    mark_told,
    start_worker,
    told_since,
    unwatch_scan,
    watch_scan,
    worker_lives,
)


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def workers_of(queue: Path) -> list[psutil.Process]:
    own = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in own if str(queue) in one.cmdline()]


def test_a_scan_is_watched_by_one_worker_until_nothing_is_left(rig: Rig) -> None:
    queue = rig.database.path
    assert not has_work(rig.database)
    watch_scan(rig.database, rig.file)
    assert has_work(rig.database)
    start_worker(queue)
    start_worker(queue)  # as a second window would
    until(lambda: worker_lives(queue))
    Camera().write(rig.raw / "Run1")
    until(lambda: [job.state for job in list_jobs(rig.database)] == ["done"] * 8)
    until(lambda: len(workers_of(queue)) == 1)  # the second one has found the first, and left
    good = rig.file.read_text()
    rig.file.write_text(good.replace("preview_parts", "previous_parts") + "nonsense: 1\n")
    overlook = Overlook(queue)
    until(lambda: any("nonsense" in scan.problem for scan in overlook.look().scans))
    assert f"{rig.file}, line" in overlook.look().scans[0].problem
    rig.file.write_text(good)  # and goes on
    until(lambda: not overlook.look().scans[0].problem)
    shown = told_since(queue)
    assert [one.notice.subject for one in shown] == ["Strip 1 of slice 0 (camera-01) processed"]
    assert shown[0].strip == "brain/slice-000/camera-01/strip-001"
    mark_told(rig.database, shown)
    assert told_since(queue) == ()
    overlook.close()
    (worker,) = workers_of(queue)
    os.kill(worker.pid, signal.SIGKILL)  # the kernel lets go of its lock
    until(lambda: not worker_lives(queue))
    start_worker(queue)
    until(lambda: worker_lives(queue))
    unwatch_scan(rig.database, rig.file)
    until(lambda: not worker_lives(queue))
    until(lambda: not workers_of(queue))


def test_a_file_that_cannot_be_watched_is_refused_with_its_line(rig: Rig, tmp_path: Path) -> None:
    rig.configure(watch=None)
    with pytest.raises(JobError, match="names no folders to watch"):
        watch_scan(rig.database, rig.file)
    rig.file.write_text("project: brain\nworkers: 0\n")
    with pytest.raises(JobError, match=r"scan.yaml, line 2: workers"):
        watch_scan(rig.database, rig.file)
    assert not has_work(rig.database)


def test_a_queue_of_others_is_left_to_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "parfocal", "worker", "--serve", "--queue", tmp_path / "q.sqlite"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0  # nothing is left to do: it leaves by itself
    assert "no jobs" in done.stdout
