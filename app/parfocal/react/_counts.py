"""What the closed loop says of itself: one frozen value, made anew whenever somebody asks."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, replace

__all__ = ["Latencies", "LoopCounts"]

MOST_LATENCIES = 1000


@dataclass(frozen=True, slots=True)
class LoopCounts:
    """`waiting` pictures are not analysed yet; of `frames` in flight at most `limit` are kept in
    memory, and those that are `deferred` are read from the store when their turn comes.

    `limit` is 0 where no phase of the plan has a pipeline. `latency_s` is how long the newest
    picture took from the moment it was whole until it was analysed, `latency_p95_s` what 95 of a
    hundred of the last thousand took at most.
    """

    waiting: int = 0
    frames: int = 0
    limit: int = 0
    deferred: int = 0
    deferred_in_all: int = 0
    analysed: int = 0
    failed: int = 0
    dropped: int = 0
    fired: int = 0
    fallback: int = 0
    skipped: int = 0
    latency_s: float | None = None
    latency_p95_s: float | None = None

    def plus(self, **changes: int) -> "LoopCounts":
        """The same with this much more of some counts."""
        values = {name: getattr(self, name) + change for name, change in changes.items()}
        return replace(self, **values)


class Latencies:
    """How long the last pictures took; whoever calls it holds a lock."""

    def __init__(self) -> None:
        self._last: deque[float] = deque()
        self._ordered: list[float] = []

    def told(self, counts: LoopCounts, seconds: float) -> LoopCounts:
        """The counts with one picture more; the oldest goes when there are too many."""
        if len(self._last) == MOST_LATENCIES:
            del self._ordered[bisect_left(self._ordered, self._last.popleft())]
        self._last.append(seconds)
        insort(self._ordered, seconds)
        p95 = self._ordered[min(len(self._ordered) - 1, int(0.95 * len(self._ordered)))]
        return replace(counts, latency_s=seconds, latency_p95_s=p95)
