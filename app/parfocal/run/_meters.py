"""Count what a run does while it does it; the status reads these numbers at any time."""

import bisect
import time
from collections.abc import Callable

__all__ = ["LagMeter", "Progress", "Rate"]


class LagMeter:
    """How late each event began, in milliseconds; never more work than one ordered insert."""

    def __init__(self) -> None:
        self.newest: float | None = None
        self._ordered: list[float] = []

    def add(self, lag_ms: float) -> None:
        bisect.insort(self._ordered, lag_ms)
        self.newest = lag_ms

    def quantile(self, fraction: float) -> float | None:
        count = len(self._ordered)
        return self._ordered[min(count - 1, int(fraction * count))] if count else None


class Progress:
    """The counters of the engine thread.

    Each only grows, and is written before what follows it: a reader who asks for stored, acquired
    and fed in this order never sees one exceed the next.
    """

    def __init__(self) -> None:
        self.fed = 0
        self.acquired = 0
        self.skipped = 0
        self.raw_bytes = 0
        self.event = 0
        self.field = 0
        self.unlit = 0
        """Stimulations that were left out since there was no mask."""
        self.began = 0.0
        """When the newest event's acquisition began."""


class Rate:
    """Bytes a second over the last seconds, from samples of a counter that only grows."""

    WINDOW_S = 2.0

    def __init__(self, counter: Callable[[], int]) -> None:
        self._counter = counter
        self._samples: list[tuple[float, int]] = []
        self.per_second = 0.0

    def sample(self) -> None:
        now = time.perf_counter()
        self._samples.append((now, self._counter()))
        while len(self._samples) > 2 and self._samples[1][0] < now - self.WINDOW_S:
            self._samples.pop(0)
        (before, less), (after, more) = self._samples[0], self._samples[-1]
        self.per_second = (more - less) / (after - before) if after > before else 0.0
