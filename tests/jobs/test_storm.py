"""Two workers that are killed again and again, two applications that force and retry, and clocks
that run ahead of leases: all invariants stand at every moment, and in the end all is done."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from receiver import Receiver
from rig import Rig, files_of

from parfocal.jobs import Database, JobError, State, list_jobs, retry_job
from parfocal.jobs._deliver import deliver_next
from parfocal.jobs._hashing import read_manifest
from parfocal.store import check

WORKER = """
import sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from hand_clock import LaterClock
from parfocal.jobs import Database, Worker

class FileClock(LaterClock):
    def now(self):
        self.ahead = float(Path(sys.argv[2]).read_text())
        return super().now()

Worker(Database(Path(sys.argv[1]), FileClock())).run(threading.Event())
"""
NAMES = ("Run1", "Run1_C2", "Run2", "Run3")
KEPT = ("Run2", "Run3")


class Storm:
    """`gone` is what is cleaned away; the others are kept, and may be forced."""

    def __init__(self, root: Path, seed: int, url: str) -> None:
        self.random = random.Random(seed)
        self.clock = LaterClock()
        self.told = root / "ahead"
        self.ahead(0)
        self.apps = [Database(root / "queue.sqlite", self.clock) for _ in range(2)]
        self.rig = Rig(root, self.apps[0])
        self.wishes = {
            "stable_seconds": 0,
            "notify": [{"webhook": url}],
            "delete_consent": "delete brain",
        }
        self.raw = {}
        for number, name in enumerate(NAMES):
            self.raw[name] = files_of(Camera(files=3, seed=number).write(self.rig.raw / name))
        self.workers = [self.worker(), self.worker()]

    def worker(self) -> subprocess.Popen[bytes]:
        here = str(Path(__file__).parent)
        words = [sys.executable, "-c", WORKER, str(self.apps[0].path), str(self.told), here]
        return subprocess.Popen(words, stderr=subprocess.DEVNULL)

    def ahead(self, seconds: float) -> None:
        self.clock.ahead += seconds
        fresh = self.told.with_name("ahead.new")
        fresh.write_text(str(self.clock.ahead))
        fresh.replace(self.told)

    def offer(self, name: str, app: int, *, force: bool = False) -> None:
        self.rig.database = self.apps[app]
        self.rig.configure(**self.wishes, cleanup="keep" if name in KEPT else "delete")
        self.rig.admit(self.rig.raw / name, force=force)

    def act(self) -> None:
        choice = self.random.choice(["kill", "kill", "force", "offer", "retry", "late"])
        if choice == "kill":
            which = self.random.randrange(2)
            self.workers[which].kill()
            self.workers[which].wait()
            self.workers[which] = self.worker()
            self.ahead(31)
        elif choice == "late":
            self.ahead(31)
        elif choice == "retry":
            self.retry()
        else:
            name = self.random.choice(KEPT if choice == "force" else NAMES)
            self.offer(name, self.random.randrange(2), force=choice == "force")

    def retry(self) -> None:
        for job in list_jobs(self.apps[1]):
            if job.state in {State.PARKED, State.FAILED}:
                assert job.trouble == "crashed", job
                with contextlib.suppress(JobError):
                    retry_job(self.apps[1], job.id)

    def hold(self) -> None:
        """The invariants at this moment."""
        rows = self.apps[0].rows(
            "SELECT 1 FROM job WHERE state = 'running' GROUP BY strip, kind HAVING count(*) > 1"
        )
        assert rows == []
        for final in self.rig.root.glob("backup/brain/*/*/strip-*"):
            told = set(read_manifest(final / "manifest.sha256"))
            assert told == files_of(final).keys() - {"manifest.sha256"}
        for name in NAMES:
            now = files_of(self.rig.raw / name)
            if now == self.raw[name]:
                continue
            assert name not in KEPT
            copied = files_of(self.backup(name))
            assert {file: copied[file] for file in self.raw[name]} == self.raw[name]

    def backup(self, name: str) -> Path:
        return self.rig.root / "backup" / self.rig.config.name_of(Path(name)).place

    def is_over(self) -> bool:
        newest = {row["id"]: row["generation"] for row in self.apps[0].rows("SELECT * FROM strip")}
        jobs = [job for job in list_jobs(self.apps[0]) if job.generation == newest[job.strip]]
        return all(job.state is State.DONE for job in jobs)

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        for app in self.apps:
            app.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as listening:
        yield listening


@pytest.mark.parametrize(
    ("seed", "acts"),
    [(1, 12), *(pytest.param(n, 150, marks=pytest.mark.soak) for n in range(2, 6))],
)
@pytest.mark.timeout(600)
def test_a_storm(tmp_path: Path, receiver: Receiver, seed: int, acts: int) -> None:
    storm = Storm(tmp_path, seed, receiver.url)
    try:
        for name in NAMES:
            storm.offer(name, 0)
        for _ in range(acts):
            time.sleep(storm.random.uniform(0.2, 0.9))
            storm.act()
            storm.hold()
        end = time.monotonic() + 90
        while not storm.is_over():
            assert time.monotonic() < end, list_jobs(storm.apps[0])[-20:]
            storm.retry()
            time.sleep(0.5)
            storm.ahead(1)
        storm.hold()
        for name in NAMES:
            left = sorted(files_of(storm.rig.raw / name))
            assert len(left) == (5 if name in KEPT else 2)
        for store in storm.rig.root.glob("stores/brain/*/*/strip-*.ome.zarr"):
            assert check(store, deep=True).ok
        app = storm.apps[0]
        twice = "SELECT job FROM event WHERE kind = 'done' GROUP BY job HAVING count(*) > 1"
        assert app.rows(twice) == []
        storm.ahead(1e5)
        while deliver_next(app):
            pass
        keys = [row["key"] for row in app.rows("SELECT key FROM outbox WHERE key LIKE '%/0'")]
        assert len(keys) == len(set(keys))
        assert set(receiver.keys) == set(keys)
        decided = "SELECT strip, count(*) AS many FROM event WHERE kind = 'decided' GROUP BY strip"
        assert [row["many"] for row in app.rows(decided)] == [1, 1]
    finally:
        storm.end()
