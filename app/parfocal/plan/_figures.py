"""Add up what steps come to: events, frames, sizes, the strip's cells, and how long it takes."""

from collections.abc import Iterable
from itertools import groupby, pairwise
from statistics import median

import numpy as np

from parfocal.plan._beats import BEAT_KINDS, Beats
from parfocal.plan._compile import exposure_s
from parfocal.plan._schedule import Index, Step

__all__ = ["Plane", "Tally", "z_figures"]

Plane = tuple[int, Index, float | None]
"""An item's number, one of its planes, and the height of it."""

# An event of several kinds is shown as the last of these: a reference wins over stimulation.
RANKS = {"autofocus": 0, "imaging": 0, "stimulation": 1, "reference": 2}


class Tally:
    """Counts along the run, with a clock on which only due times and exposures take time."""

    def __init__(self) -> None:
        self.frames = 0
        self.timepoints = 0
        self.cells: list[tuple[str, int]] = []
        self.barriers: list[int] = []
        self.starts: dict[int, float] = {}
        self.clock = 0.0
        self._late = 0.0
        self.events = 0

    def expose(self, due: float, seconds: float) -> None:
        """Take pictures for so long, not before they are due."""
        self.clock = max(self.clock, due + self._late) + seconds

    def barrier(self, kind: str, due: float, seconds: float) -> None:
        """Wait (or hold, which takes no time here); what comes later counts from its end."""
        self.clock = max(self.clock, due + self._late) + seconds
        self._late = max(self._late, self.clock - (due + seconds))
        self.barriers.append(self.events)
        self.add_cells(kind, 1)

    def add_cells(self, kind: str, count: int) -> None:
        """Let the strip go on with cells of one kind."""
        if self.cells and self.cells[-1][0] == kind:
            count += self.cells.pop()[1]
        if count:
            self.cells.append((kind, count))

    def beats(self, beats: Beats, first_t: int, begin: float, home: int | None) -> None:
        """A phase that begins at `begin` with timepoint `first_t`; `home` is its number for the
        plan's first field, if it has that."""
        some = beats.events > 0
        if not some.any():
            return
        seconds, events, kinds = beats.seconds[some], beats.events[some], beats.kinds[some]
        # as `expose` one by one: what is last put off by lateness ends when all after it is done
        left = np.cumsum(seconds[::-1])[::-1]
        last = float((begin + beats.due[some] + self._late + left).max())
        self.clock = max(self.clock + float(left[0]), last)
        self.events += int(events.sum())
        firsts = np.flatnonzero(np.diff(kinds, prepend=-1))
        for kind, count in zip(kinds[firsts], np.add.reduceat(events, firsts), strict=True):
            self.add_cells(BEAT_KINDS[kind], int(count))
        self.frames += int(beats.frames[some].sum())
        self.timepoints = max(self.timepoints, first_t + int(beats.t[some].max()) + 1)
        if home is not None:
            here = beats.at_field(home)
            starts = zip(beats.t[here].tolist(), beats.due[here].tolist(), strict=True)
            for t, due in starts:
                self.starts.setdefault(first_t + t, begin + due)

    def walk(self, steps: Iterable[Step]) -> None:
        """Every step of a schedule that is laid out whole."""
        ranks: list[int] = []
        for step in steps:
            if step.event is None:
                self._close(ranks)
                self.barrier(step.kind, step.due, step.seconds or 0.0)
                continue
            while self.events + len(ranks) <= step.event:
                ranks.append(0)
            place = step.event - self.events
            ranks[place] = max(ranks[place], RANKS[step.kind])
            self.expose(step.due, 0.0 if step.index is None else exposure_s(step.request))
            if step.index is not None:
                self.frames += 1
                self.timepoints = max(self.timepoints, step.index.t + 1)
                if step.index.p == 0:
                    self.starts.setdefault(step.index.t, step.due)
        self._close(ranks)

    def _close(self, ranks: list[int]) -> None:
        for rank, run in groupby(ranks):
            self.add_cells(BEAT_KINDS[rank], len(list(run)))
        self.events += len(ranks)
        ranks.clear()

    def time_step(self) -> float | None:
        """The median interval between the timepoints of the first field; None without one.

        Rounded to the nanosecond: 0.1 s a thousand times over ends in 0.10000000000002274.
        """
        intervals = [
            (later - earlier) / (after - before)
            for (before, earlier), (after, later) in pairwise(sorted(self.starts.items()))
        ]
        interval = median(intervals) if intervals else 0.0
        return round(interval, 9) if interval > 0 else None


def z_figures(planes: Iterable[Plane]) -> tuple[int, float | None, tuple[float, ...]]:
    """The number of planes of the longest stack, their median distance (None without a stack), and
    every distance that there is between two planes of one stack."""
    stacks: dict[tuple[int, int, int], dict[int, float]] = {}
    highest = -1
    for item, (_, p, c, z), height in planes:
        highest = max(highest, z)
        if height is not None:
            stacks.setdefault((item, p, c), {})[z] = height
    distances = [_distances(stack) for stack in stacks.values()]
    longest = max(distances, key=len, default=[])
    distance = median(longest) if longest else 0.0
    every = {round(step, 4) for steps in distances for step in steps} - {0.0}
    return highest + 1, round(distance, 9) if distance > 0 else None, tuple(sorted(every))


def _distances(stack: dict[int, float]) -> list[float]:
    """Between one plane and the next, of a stack of which some may not be taken."""
    return [
        abs(above - below) / (upper - lower)
        for (lower, below), (upper, above) in pairwise(sorted(stack.items()))
    ]
