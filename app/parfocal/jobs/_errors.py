"""Tell why work did not succeed, by what has to happen before it is tried again."""

import errno
import sqlite3

from parfocal import ParfocalError

__all__ = [
    "Corrupt",
    "DiskFull",
    "JobCancelled",
    "JobError",
    "LeaseLost",
    "NeedsPerson",
    "RawChanged",
    "Transient",
    "disk_is_full",
    "queue_is_busy",
]

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_IN_WORDS = ("No space left on device", "the disk is full", "Disk quota exceeded")


class JobError(ParfocalError):
    """What cannot be done, in a sentence for the person who asked."""


class Transient(JobError):  # noqa: N818 - what is said of it
    """A share that is gone, a lock: the same will do later."""


class DiskFull(JobError):  # noqa: N818
    """Nothing goes on before somebody makes room."""


class NeedsPerson(JobError):  # noqa: N818
    """Parked: trying again without a person is of no use."""


class Corrupt(NeedsPerson):
    """A copy or a store is not what it should be."""


class RawChanged(JobError):  # noqa: N818
    """The raw data are not those that were looked at; everything begins anew."""


class JobCancelled(JobError):  # noqa: N818
    """Somebody asked for it."""


class LeaseLost(JobError):  # noqa: N818
    """A worker woke up too late: nothing that it says counts any more."""


def disk_is_full(problem: BaseException) -> bool:
    """Whether this, or what it came from, is a full disk or a used-up quota."""
    seen: BaseException | None = problem
    while seen is not None:
        if isinstance(seen, DiskFull) or (isinstance(seen, OSError) and seen.errno in FULL):
            return True
        if isinstance(seen, sqlite3.Error) and "full" in str(seen):
            return True
        # TensorStore, tifffile and NumPy say it in words
        if any(words in str(seen) for words in FULL_IN_WORDS):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def queue_is_busy(problem: sqlite3.Error) -> bool:
    """Whether the same call will do in a moment: another writer holds the queue, or its disk is
    full."""
    words = str(problem)
    return any(word in words for word in ("locked", "busy", "full", "disk I/O"))
