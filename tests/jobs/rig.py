"""A rig of a test: folders, a configuration, and a worker that works until nothing is left."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from parfocal.jobs import (
    Config,
    Database,
    Job,
    Leases,
    State,
    Worker,
    admit,
    job_of,
    list_jobs,
    read_config,
)
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform

PROJECT = "brain"
PATIENCE_S = 30.0


class Rig:
    """`raw` is what the camera writes to; `store` and `backup` are where the products lie."""

    def __init__(self, root: Path, database: Database, **wishes: Any) -> None:
        self.root, self.database = root, database
        self.raw = root / "scan"
        self.raw.mkdir(exist_ok=True)
        self.file = root / "scan.yaml"
        self.configure(**wishes)

    def configure(self, **wishes: Any) -> None:
        told: dict[str, Any] = {
            "project": PROJECT,
            "watch": [str(self.raw)],
            "output": str(self.root / "stores"),
            "archive": str(self.root / "backup"),
            "stable_seconds": 0.3,
            "minimum_strip_gb": 0,
            "info_file": "info.txt",
            "voxel_size_um": [2.0, 0.5, 0.5],
            "thresholds": {"store_gb": 0, "mip_mb": 0},
            **wishes,
        }
        told = {key: value for key, value in told.items() if value is not None}
        self.file.write_text(yaml.safe_dump(told))

    @property
    def config(self) -> Config:
        return read_config(self.file)

    def admit(self, folder: Path, **wishes: Any) -> Any:
        return admit(self.database, self.config.name_of(folder), folder, self.config, **wishes)

    def work(self, **wishes: Any) -> dict[str, Job]:
        """Until everything has ended, or waits for a person or for its time."""
        worker = Worker(self.database, **wishes)
        worker.run(threading.Event(), self.is_over)
        return self.jobs()

    def do(self, *kinds: str) -> Job:
        """One after the other, here and now, until these are through; the last one."""
        leases = Leases(self.database)
        left = set(kinds)
        deadline = time.monotonic() + PATIENCE_S
        while left:
            job = leases.claim("rig", {})
            if job is None:
                assert time.monotonic() < deadline, f"nothing to claim: {self.states()}"
                time.sleep(0.05)  # it may have been put off for a moment
                continue
            perform(self.database, leases, job, Pace(), Executors())
            now = job_of(self.database, job.id)
            if now.state is not State.READY:
                left.discard(now.kind)
            elif now.attempt:
                return now
        return now

    def do_one(self) -> None:
        """The next job that is due, here and now."""
        leases = Leases(self.database)
        job = leases.claim("rig", {})
        assert job is not None, f"nothing to claim: {self.states()}"
        perform(self.database, leases, job, Pace(), Executors())

    def is_over(self) -> bool:
        now = self.database.now().utc
        return not any(
            job.state in {State.RUNNING, State.READY} and job.due_utc < now + 5
            for job in list_jobs(self.database)
        )

    def jobs(self) -> dict[str, Job]:
        """The newest of each kind."""
        return {job.kind: job for job in list_jobs(self.database)}

    def states(self) -> Mapping[str, str]:
        return {kind: str(job.state) for kind, job in self.jobs().items()}

    def product(self, ending: str, channel: int = 1) -> Path:
        place = self.root / "stores" / PROJECT / "slice-000" / f"camera-{channel:02}"
        return place / f"strip-001{ending}"

    @property
    def backup(self) -> Path:
        return self.root / "backup" / PROJECT / "slice-000" / "camera-01" / "strip-001"


@contextlib.contextmanager
def working(worker: Worker) -> Iterator[Worker]:
    """A worker that works meanwhile."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        thread.join()


def files_of(root: Path, *, but: Callable[[Path], bool] = lambda _: False) -> dict[str, bytes]:
    """Every file below a folder, with what is in it."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not but(path)
    }
