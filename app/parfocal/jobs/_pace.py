"""Stop between two pieces of work: when somebody cancels, for a bandwidth, or for a microscope."""

import threading
import time
from collections.abc import Callable

from parfocal.jobs._errors import JobCancelled, LeaseLost

__all__ = ["Pace"]

LOOK_S = 0.2


class Pace:
    """Of one job. Whoever works calls `breathe` often; the worker's other threads set the flags."""

    def __init__(self, yields: Callable[[], bool] = lambda: False) -> None:
        self.cancelled = threading.Event()
        """Somebody wants it to stop; what is kept is gone on with."""
        self.lost = threading.Event()
        """Its lease is somebody else's."""
        self.stopping = threading.Event()
        """The worker leaves, and the job with it."""
        self.fraction = 0.0
        self._yields = yields
        self._began: float | None = None
        self._bytes = 0

    @property
    def yields(self) -> bool:
        """Whether an acquisition comes first at this moment."""
        return self._yields()

    @property
    def stop(self) -> bool:
        """Whether it has to end."""
        return self.cancelled.is_set() or self.lost.is_set() or self.stopping.is_set()

    def part(self) -> "Pace":
        """For a piece of the work, with a fraction of its own; what ends the whole ends it."""
        part = Pace(self._yields)
        part.cancelled, part.lost, part.stopping = self.cancelled, self.lost, self.stopping
        return part

    def breathe(self, fraction: float | None = None) -> None:
        """Wait while an acquisition comes first; raise when it has to end."""
        if fraction is not None:
            self.fraction = min(1.0, max(0.0, fraction))
        self.wait()
        if self.lost.is_set():
            raise LeaseLost("the lease of this job has ended")
        if self.stop:
            raise JobCancelled("it was asked to stop")

    def wait(self) -> None:
        """Wait while an acquisition comes first, or until it has to end; many threads may call."""
        while not self.stop and self._yields():
            self.cancelled.wait(LOOK_S)
            self._began = None  # what was not done meanwhile is not made up for

    def spend(self, count: int, bytes_per_s: float | None) -> None:
        """So many bytes went over the wire; wait until that is no faster than allowed."""
        if bytes_per_s is None:
            return
        if self._began is None:
            self._began, self._bytes = time.monotonic(), 0
        self._bytes += count
        while not self.stop:
            left = self._began + self._bytes / bytes_per_s - time.monotonic()
            if left <= 0:
                return
            self.cancelled.wait(min(left, LOOK_S))
