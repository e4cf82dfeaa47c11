"""Have a worker process for the window: one a queue, started by whoever finds work, met by all."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from parfocal._known_process import KnownProcess
from parfocal._own_process import start_on_its_own
from parfocal.jobs._database import Database
from parfocal.jobs._errors import JobError
from parfocal.jobs._scans import scans_in
from parfocal.store import is_locked, lock_file

__all__ = ["has_work", "serve_alone", "start_worker", "worker_lives"]

SOON_S = 600.0
MOST_LOG_BYTES = 2**20
LEFT = """SELECT 1 FROM job WHERE state = 'running'
    OR (state = 'ready' AND (kind <> 'purge' OR due_utc < ?)) LIMIT 1"""
LETTERS = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending') LIMIT 1"


def has_work(database: Database) -> bool:
    """Whether a worker is of use: jobs that will go on by themselves, messages to be delivered, or
    scans to be watched. What waits for a person is none, nor a trash that has days left."""
    if database.row(LEFT, (database.now().utc + SOON_S,)) is not None:
        return True
    if database.row(LETTERS) is not None:
        return True
    return bool(scans_in(database.rows("SELECT * FROM setting")))


def worker_lives(queue: Path) -> bool:
    """Whether the window's worker works on this queue: it holds a lock, which the kernel lets go
    of after any death. Where there are no locks, the number and the start of the process tell."""
    lock = _lock(queue)
    if not lock.exists():
        return False
    locked = is_locked(lock)
    if locked is not None:
        return locked
    try:
        told = json.loads(lock.read_text(encoding="ascii"))
        return KnownProcess(told["pid"], told["started"], told.get("start", "")).lives
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextlib.contextmanager
def serve_alone(queue: Path) -> Iterator[bool]:
    """Be the window's worker of this queue; False when another process is."""
    if worker_lives(queue):
        yield False
        return
    descriptor = os.open(_lock(queue), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock_file(descriptor) and os.name == "posix":
            yield False
            return
        os.truncate(descriptor, 0)
        os.write(descriptor, json.dumps(asdict(KnownProcess.own())).encode("ascii"))
        yield True
    finally:
        os.close(descriptor)


def start_worker(queue: Path) -> None:
    """Start the window's worker as a process that outlives it; one that finds another leaves."""
    try:
        start_on_its_own(
            *("worker", "--serve", "--queue", str(queue)),
            account=queue.with_name("worker.log"),
            name="parfocal-worker-child",
            most_bytes=MOST_LOG_BYTES,
        )
    except OSError as problem:
        raise JobError(f"the worker could not be started: {problem}") from problem


def _lock(queue: Path) -> Path:
    return queue.with_name(queue.name + ".worker")
