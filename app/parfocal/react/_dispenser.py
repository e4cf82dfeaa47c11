"""Hand out what the pictures of one field became, by timepoint; whoever needs one waits for it.

One dispenser belongs to one field of one run. Nothing of it is used again: a run that follows a
cancelled one begins with fresh ones.
"""

import threading
import time
from bisect import bisect_left, insort
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Dispensed", "Dispenser", "How"]

Value = TypeVar("Value")

# how often somebody who waits looks at the token: an Event of the run cannot wake a Condition
LOOK_S = 0.05


class How(Enum):
    """How a wait ended."""

    HERE = "here"
    SKIPPED = "skipped"
    LATE = "late"
    CANCELLED = "cancelled"


class Dispensed(NamedTuple, Generic[Value]):
    """What a wait gave; `value` is None unless it is here."""

    how: How
    value: Value | None = None


class Dispenser(Generic[Value]):
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._announced: list[int] = []  # in order, without those that were skipped
        self._values: dict[int, Value] = {}
        self._skipped: set[int] = set()
        self._forgotten = -1  # everything up to here is gone
        self._cancelled = False

    def announce(self, t: int) -> None:
        """Say that this timepoint is under way, so that later ones know their predecessor."""
        with self._changed:
            self._announce(t)

    def put(self, t: int, value: Value) -> bool:
        """Give what became of a timepoint; False where it was given or skipped before."""
        with self._changed:
            if t <= self._forgotten or t in self._skipped or t in self._values:
                return False
            self._announce(t)
            self._values[t] = value
            self._changed.notify_all()
            return True

    def skip(self, t: int) -> bool:
        """Nothing will come for this timepoint; whoever waits for it goes on at once."""
        with self._changed:
            if t <= self._forgotten or t in self._skipped or t in self._values:
                return False
            position = bisect_left(self._announced, t)
            if self._announced[position : position + 1] == [t]:
                del self._announced[position]
            self._skipped.add(t)
            self._changed.notify_all()
            return True

    def predecessor(self, t: int) -> int | None:
        """The timepoint before this one that came or is under way; skipped ones are walked past."""
        with self._changed:
            position = bisect_left(self._announced, t)
            return self._announced[position - 1] if position else None

    def newest(self, before: int) -> tuple[int, Value] | None:
        """What came last before this timepoint, without waiting for anything."""
        with self._changed:
            came = [t for t in self._values if t < before]
            return (max(came), self._values[max(came)]) if came else None

    def wait(self, t: int, deadline: float, token: threading.Event) -> Dispensed[Value]:
        """Wait for a timepoint until `deadline` (`time.perf_counter()`) or a cancel.

        What is there is given, however late it is asked for.
        """
        with self._changed:
            while True:
                if t in self._values:
                    return Dispensed(How.HERE, self._values[t])
                if t in self._skipped or t <= self._forgotten:
                    return Dispensed(How.SKIPPED)
                if self._cancelled or token.is_set():
                    return Dispensed(How.CANCELLED)
                left = deadline - time.perf_counter()
                if left <= 0:
                    return Dispensed(How.LATE)
                self._changed.wait(min(left, LOOK_S))

    def prune(self, before: int) -> None:
        """Forget what is older than `before`; the newest that came before it stays."""
        with self._changed:
            older = [t for t in self._announced if t < before]
            came = [t for t in older if t in self._values]
            # nothing that is under way is forgotten, nor what it will be compared with
            under_way = [t for t in older if t not in self._values]
            kept = max((t for t in came if not under_way or t < under_way[0]), default=None)
            if kept is None:
                return
            for t in came:
                if t < kept:
                    del self._values[t]
            self._announced = [t for t in self._announced if t >= kept]
            self._skipped = {t for t in self._skipped if t >= kept}
            self._forgotten = max(self._forgotten, kept - 1)
            self._changed.notify_all()

    def cancel(self) -> None:
        """Wake all who wait, quietly; from now on nobody waits."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def __len__(self) -> int:
        with self._changed:
            return len(self._values)

    def _announce(self, t: int) -> None:
        if t <= self._forgotten or t in self._skipped:
            return
        position = bisect_left(self._announced, t)
        if self._announced[position : position + 1] != [t]:
            insort(self._announced, t)
