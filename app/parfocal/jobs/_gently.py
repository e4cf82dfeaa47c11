"""Work with low priority and on some processors only, as long as the work lasts."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

from parfocal.jobs._errors import JobError

__all__ = ["gently", "keep_to"]

NICENESS = 10


def keep_to(cpus: Sequence[int] | None) -> None:
    """Have this thread, and those that it starts, work on these processors only, where threads can
    have some of their own. It is a courtesy: what is not there is not asked for."""
    if cpus and hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.sched_setaffinity(0, cpus)


@contextmanager
def gently(cpus: Sequence[int] | None = None) -> Iterator[None]:
    """For the whole process; the processors are given back afterwards. The priority is too,
    where the system lets a process raise its own."""
    process = psutil.Process()
    priority = process.nice()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(max(priority, NICENESS))
    before = process.cpu_affinity() if cpus and hasattr(process, "cpu_affinity") else None
    try:
        if before is not None and cpus:
            missing = sorted(set(cpus) - set(range(psutil.cpu_count() or 1)))
            if missing:
                raise JobError(f"this computer has no processor {missing[0]}")
            process.cpu_affinity(list(cpus))
        yield
    finally:
        if before is not None:
            process.cpu_affinity(before)
        with suppress(psutil.AccessDenied):
            process.nice(priority)
