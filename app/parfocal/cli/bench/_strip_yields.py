"""Measure a recording that begins while strips are worked on, against one that has its peace."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from parfocal import ParfocalError
from parfocal._known_process import KnownProcess
from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import back_memory, in_a_process, scratch
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.cli.bench._writers import recording_spec
from parfocal.jobs import Config, Database, Job, State, Thresholds, admit, list_jobs
from parfocal.run import Breadcrumb, new_breadcrumb_path, state_folder, write_breadcrumb
from parfocal.store import Recording

__all__ = ["recording_row"]

SHAPE = (2048, 2048)
FRAMES, DISTINCT = 3000, 4
FRAME_MB = SHAPE[0] * SHAPE[1] * 2 / 1e6
BUDGET = 2**30
BACKED = BUDGET + 3 * 2**30
"""The frames in memory, and the files that are written: the page cache wants real pages too."""
LEAST_PAIRS = 3
"""The same recording differs by an eighth here, by what the host does."""
PATIENCE_S = 120.0
NAME = "recording-beside-jobs"
NOTE = (
    f"{FRAMES} frames of 2048² uint16 recorded as fast as they are taken, until the store is "
    "closed: half a minute of a run that says so in the state folder, as every run does. Ours: "
    "`parfocal worker` is in the middle of copying and of compressing a strip when it begins, "
    "gives way, and has gone on when it is over (which is checked). Peer: no worker"
)


def recording_row(raw: Path, runs: int) -> Row:
    """A strip's raw data are copied and compressed meanwhile."""
    with scratch() as folder:

        def ours() -> float:
            with_jobs = _Beside(raw, folder)
            try:
                with_jobs.wait_until_in_the_middle()
                rate = in_a_process(_record, folder)
                with_jobs.wait_until_gone_on()
            finally:
                with_jobs.end()
            return rate

        def peer() -> float:
            return in_a_process(_record, folder)

        peer()
        pairs = max(runs, LEAST_PAIRS)
        return paired(NAME, ours, peer, unit="MB/s", better="higher", runs=pairs, note=NOTE)


class _Beside:
    """A worker with a strip in its hands, that looks for runs where `_record` tells of its own."""

    def __init__(self, raw: Path, folder: Path) -> None:
        self._folder = folder / "jobs"
        self._folder.mkdir()
        queue = self._folder / "queue.sqlite"
        self._database = Database(queue)
        config = Config(
            project="bench",
            output=self._folder / "stores",
            archive=self._folder / "backup",
            stable_seconds=0,
            minimum_strip_gb=0,
            bandwidth_mb_s=None,
            thresholds=Thresholds(store_gb=0, mip_mb=0),
        )
        name = config.name_of(raw)
        assert name is not None
        admit(self._database, name, raw, config)
        self._before: dict[str, float] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "parfocal", "worker", "--queue", str(queue)],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
        )

    def wait_until_in_the_middle(self) -> None:
        self._wait(lambda jobs: jobs["compress"].state == jobs["archive"].state == State.RUNNING)
        time.sleep(1.0)
        self._before = _done_so_far(self._jobs())

    def wait_until_gone_on(self) -> None:
        self._wait(lambda jobs: _done_so_far(jobs) != self._before)

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._database.close()
        shutil.rmtree(self._folder)

    def _jobs(self) -> dict[str, Job]:
        return {job.kind: job for job in list_jobs(self._database)}

    def _wait(self, holds: Callable[[dict[str, Job]], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds(self._jobs()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise ParfocalError(f"the worker of the benchmark did not work: {self._jobs()}")
            time.sleep(0.05)


def _done_so_far(jobs: dict[str, Job]) -> dict[str, float]:
    return {kind: job.fraction for kind, job in jobs.items() if job.state != State.READY}


def _record(folder: Path) -> float:
    """MB/s of a recording, while a breadcrumb says that a run goes on."""
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    bank = camera_frames(DISTINCT, SHAPE)
    process = KnownProcess.own()
    run = Breadcrumb(
        store=folder / "run.ome.zarr",
        name="bench",
        state="running",
        reason="",
        started=time.time(),
        heartbeat=time.time(),
        pid=process.pid,
        process_started=process.started,
        process_start=process.start,
        host=socket.gethostname(),
        path=new_breadcrumb_path(state_folder(), 0),
    )
    back_memory(BACKED)
    write_breadcrumb(run)
    try:
        began = time.perf_counter()
        _put(run.store, bank)
        return FRAMES * FRAME_MB / (time.perf_counter() - began)
    finally:
        run.forget()
        shutil.rmtree(run.store, ignore_errors=True)


def _put(store: Path, bank: np.ndarray) -> None:
    recording = Recording.create(store, recording_spec(FRAMES, SHAPE), budget_bytes=BUDGET)
    for t in range(FRAMES):
        plane = bank[t % DISTINCT]
        plane[0, :2] = divmod(t, 2**16)
        recording.put((t, 0, 0, 0), plane)
    recording.close()
