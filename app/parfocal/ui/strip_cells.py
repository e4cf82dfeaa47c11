"""Work out what the event strip paints: the kind in each pixel column, and which cell is where."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from parfocal.plan import Schedule

__all__ = ["KINDS", "CellFacts", "StripCells", "facts_of_cell"]

# Where several cells share one pixel column the last of these wins: a wait is over reference,
# over stimulation, over imaging. A hold needs a person, so it is over all of them.
KINDS = ("imaging", "stimulation", "reference", "wait", "hold")
_PRIORITY = {kind: rank for rank, kind in enumerate(KINDS)}


class StripCells:
    """The kinds of all cells. 100,000 of them come to one number for each pixel column."""

    def __init__(self, kinds: Sequence[str] = ()) -> None:
        self._take((kind, sum(1 for _ in same)) for kind, same in groupby(kinds))

    @classmethod
    def of_schedule(cls, schedule: "Schedule") -> "StripCells":
        """The cells of a schedule, from its runs of one kind and not one by one."""
        made = cls()
        made._take(schedule.cells)
        return made

    def _take(self, runs: Iterable[tuple[str, int]]) -> None:
        runs = tuple(runs)
        ranks = np.array([_PRIORITY.get(kind, 0) for kind, _ in runs], np.uint8)
        self._ranks = np.repeat(ranks, [count for _, count in runs])
        self.count = int(self._ranks.size)
        self.present = tuple(KINDS[rank] for rank in np.unique(ranks))

    def kind(self, cell: int) -> str:
        """The kind of one cell."""
        return KINDS[int(self._ranks[cell])]

    def columns(self, width: int) -> NDArray[np.uint8]:
        """For each of `width` pixel columns which of `KINDS` it shows, by number."""
        if not self.count or width < 1:
            return np.empty(0, np.uint8)
        firsts = np.arange(width) * self.count // width
        if self.count <= width:
            return self._ranks[firsts]
        shown: NDArray[np.uint8] = np.maximum.reduceat(self._ranks, firsts)
        return shown

    def lefts(self, width: int) -> NDArray[np.intp]:
        """The column in which each cell begins."""
        return -(-np.arange(self.count) * width // max(1, self.count))

    def at(self, fraction: float) -> int | None:
        """The cell at a fraction of the strip's width; None beside the strip."""
        cell = int(fraction * self.count)
        return cell if fraction >= 0 and cell < self.count else None


class CellFacts(NamedTuple):
    """What one cell stands for: an event (counted from 1), or a wait or hold (`event` None)."""

    event: int | None
    due_s: float | None
    seconds: float | None = None
    message: str = ""


def facts_of_cell(schedule: "Schedule", cell: int) -> CellFacts:
    """What a cell stands for, found by bisection: 100,000 events are not walked for a tooltip."""
    barriers, steps = schedule.barriers, schedule.steps
    before = bisect_left(range(len(barriers)), cell, key=schedule.cell_of_barrier)
    event = cell - before
    position = _first_step(schedule, event)
    if before < len(barriers) and schedule.cell_of_barrier(before) == cell:
        # several in a row lie before the same event
        step = steps[position + before - bisect_left(barriers, event)]
        return CellFacts(None, step.due, step.seconds, step.message or "")
    while position < len(steps) and steps[position].event is None:
        position += 1
    # the outline of a long series has not all of its steps
    known = position < len(steps) and steps[position].event == event
    return CellFacts(event + 1, steps[position].due if known else None)


def _first_step(schedule: "Schedule", event: int) -> int:
    """Where the steps of an event begin, with the waits and holds before it."""
    steps = schedule.steps

    def event_from(position: int) -> int:
        ahead = (steps[place].event for place in range(position, len(steps)))
        return next((number for number in ahead if number is not None), schedule.events)

    return bisect_left(range(len(steps)), event, key=event_from)
