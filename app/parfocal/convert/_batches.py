"""Find the batches that were written down, and say of each whether somebody works on it."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from parfocal._known_process import KnownProcess
from parfocal.convert._batch import Batch, batches_folder
from parfocal.convert._batch_control import read_control
from parfocal.convert._batch_progress import BatchProgress, ItemState, read_progress
from parfocal.convert._batch_work import LOCK
from parfocal.convert._errors import ConvertError
from parfocal.convert._unfinished import remove_unfinished
from parfocal.store import is_locked

__all__ = [
    "BatchSnapshot",
    "forget_batch",
    "is_worked_on",
    "known_batches",
    "look_at_batch",
    "mark_seen",
]

SEEN = "seen"
KEPT = 20
"""Finished ones; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """A batch at one moment."""

    batch: Batch
    progress: BatchProgress
    working: bool
    """Whether a process works on it."""
    paused: bool = False
    seen: bool = False
    """Whether somebody was told how it ended."""

    @property
    def interrupted(self) -> bool:
        """Whether its worker was killed before it was done."""
        return not self.working and not self.progress.over


def look_at_batch(batch: Batch) -> BatchSnapshot:
    """How far it is now."""
    # first the lock: a worker that ends in between has said its last word before
    working = is_worked_on(batch)
    progress = read_progress(batch)
    seen = (batch.folder / SEEN).exists()
    return BatchSnapshot(batch, progress, working, read_control(batch.folder).paused, seen)


def known_batches() -> tuple[BatchSnapshot, ...]:
    """All of this user, newest first; of those that are over only the newest are kept."""
    found: list[BatchSnapshot] = []
    root = batches_folder()
    folders = sorted(root.iterdir(), reverse=True) if root.is_dir() else []
    over = 0
    for folder in folders:
        try:
            snapshot = look_at_batch(Batch.read(folder))
        except ConvertError:
            continue
        over += snapshot.progress.over
        if snapshot.progress.over and over > KEPT and not snapshot.working:
            forget_batch(snapshot.batch)
            continue
        found.append(snapshot)
    return tuple(found)


def mark_seen(batch: Batch) -> None:
    """Somebody was told how it ended: it is not told again."""
    with contextlib.suppress(OSError):
        (batch.folder / SEEN).touch()


def forget_batch(batch: Batch) -> None:
    """Remove what was written down of it, and what is unfinished; what it converted stays."""
    for item in read_progress(batch).items:
        if item.state is not ItemState.DONE:
            remove_unfinished(item.partial)
    shutil.rmtree(batch.folder, ignore_errors=True)


def is_worked_on(batch: Batch) -> bool:
    """Whether a process does: it holds a lock, which the kernel lets go of after any death.

    Where there are no locks, the number and the start of the process tell.
    """
    lock: Path = batch.folder / LOCK
    if not lock.exists():
        return False
    locked = is_locked(lock)
    if locked is not None:
        return locked
    progress = read_progress(batch)
    return KnownProcess(progress.pid, progress.started, progress.start).lives
