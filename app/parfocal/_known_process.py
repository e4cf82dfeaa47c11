"""Know a process again by its number and its start, to whatever the clock was set meanwhile."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

__all__ = ["KnownProcess", "boot", "seconds_of_start", "start_of"]

BOOT = Path("/proc/sys/kernel/random/boot_id")
ROUGHLY_S = 1.0


@dataclass(frozen=True, slots=True)
class KnownProcess:
    """What is written down of a process, so that another one can tell whether it still runs.

    The seconds since 1970 are those of psutil, which on Linux and macOS move with the wall clock:
    after a step of more than a second every living process was taken for dead by those that began
    after it. They are only for what an earlier Parfocal wrote down, whose `start` is empty.
    """

    pid: int
    started: float
    start: str = ""

    @classmethod
    def own(cls) -> KnownProcess:
        """This process."""
        pid = os.getpid()
        return cls(pid, psutil.Process().create_time(), start_of(pid))

    @property
    def lives(self) -> bool:
        """Whether this very process still runs; a number alone may be reused."""
        if self.start:
            return start_of(self.pid) == self.start
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < ROUGHLY_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, ValueError, TypeError, OverflowError):  # of a torn file
            return False


@cache
def boot() -> str:
    """Which start of the computer this is; empty where that is not told, as outside Linux."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


if sys.platform == "linux":
    _TICKS = os.sysconf("SC_CLK_TCK")

    def seconds_of_start(pid: int) -> float | None:
        """When a process began, in seconds since the computer did; elsewhere than on Linux since
        1970. None when there is none of this number, or only its corpse."""
        try:
            # the name of the program may hold anything, a parenthesis too
            fields = (
                Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            )
        except OSError:
            return None
        return None if fields[0] in "ZX" else int(fields[19]) / _TICKS

    def start_of(pid: int) -> str:
        """When a process began, as a word that only tells one start from another; empty when there
        is none of this number, or only its corpse."""
        seconds = seconds_of_start(pid)
        return "" if seconds is None else f"{boot()} {seconds:.2f}"

else:

    def seconds_of_start(pid: int) -> float | None:
        try:
            process = psutil.Process(pid)
            ended = process.status() == psutil.STATUS_ZOMBIE
            return None if ended else process.create_time()
        except psutil.Error:
            return None

    def start_of(pid: int) -> str:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return ""
            if sys.platform == "win32":  # its starts stay, and an administrator's is told too
                word = f"{process.create_time():.2f}"
            else:  # made of the start by which psutil tells processes apart, and does not give out
                word = f"{hash(process):x}"
            return word
        except (psutil.Error, ValueError, TypeError, OverflowError):
            return ""
