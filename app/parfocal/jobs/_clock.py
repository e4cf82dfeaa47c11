"""Tell the time so that no jump of the wall clock ends a lease or puts a retry off for a day.

UTC is for people and for what outlives a reboot. What is compared across processes is the
system's monotonic clock, which is the same for all of them until the computer starts again.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from parfocal._known_process import boot

__all__ = ["Clock", "Moment", "SystemClock", "in_words"]


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds since 1970, seconds of the monotonic clock, and since which start those count.

    Elsewhere than on Linux nothing says which start, and the monotonic clock, which begins anew,
    has to do.
    """

    utc: float
    monotonic: float
    boot: str

    def after(self, seconds: float) -> "Moment":
        """So much later."""
        return Moment(self.utc + seconds, self.monotonic + seconds, self.boot)


class Clock(Protocol):
    """Whatever says what time it is."""

    def now(self) -> Moment: ...


class SystemClock:
    """That of the computer."""

    def now(self) -> Moment:
        """At this moment."""
        return Moment(time.time(), time.monotonic(), boot())


def in_words(utc: float) -> str:
    """A moment as logs say it."""
    return datetime.fromtimestamp(utc, UTC).isoformat(timespec="seconds")
