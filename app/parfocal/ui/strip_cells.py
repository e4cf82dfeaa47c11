"""Work out what the event strip paints: spans of one kind, and where its cells begin and end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "Span", "StripCells"]

# Where several events share one pixel column the last of these wins: a wait is over reference,
# over stimulation, over imaging. A hold needs a person, so it is over all of them.
KINDS = ("imaging", "stimulation", "reference", "wait", "hold")
_PRIORITY = {kind: rank for rank, kind in enumerate(KINDS)}


class Span(NamedTuple):
    """Neighbouring cells (or columns) of one kind: from `start` up to, not including, `stop`."""

    start: int
    stop: int
    kind: str


class StripCells:
    """The kinds of all events. A strip of 100,000 of them paints at most one fill a column."""

    def __init__(self, kinds: Sequence[str] = ()) -> None:
        self.count = len(kinds)
        self._ranks = np.fromiter(
            (_PRIORITY.get(kind, 0) for kind in kinds), dtype=np.uint8, count=self.count
        )
        self.present = tuple(KINDS[rank] for rank in np.unique(self._ranks))

    def kind(self, cell: int) -> str:
        """The kind of one event."""
        return KINDS[int(self._ranks[cell])]

    def spans(self) -> tuple[Span, ...]:
        """All cells, runs of one kind merged."""
        return _merge(self._ranks)

    def columns(self, width: int) -> tuple[Span, ...]:
        """The pixel columns 0…width, runs of one kind merged."""
        if not self.count or width < 1:
            return ()
        if self.count <= width:
            return tuple(
                Span(self.left(start, width), self.left(stop, width), kind)
                for start, stop, kind in self.spans()
            )
        firsts = np.arange(width) * self.count // width
        return _merge(np.maximum.reduceat(self._ranks, firsts))

    def left(self, cell: int, width: int) -> int:
        """The column in which a cell begins; cell `count` begins where the strip ends."""
        return -(-cell * width // self.count)


def _merge(ranks: NDArray[np.uint8]) -> tuple[Span, ...]:
    if not ranks.size:
        return ()
    starts = np.concatenate(([0], np.flatnonzero(np.diff(ranks)) + 1))
    stops = np.concatenate((starts[1:], [ranks.size]))
    return tuple(
        Span(int(start), int(stop), KINDS[int(ranks[start])])
        for start, stop in zip(starts, stops, strict=True)
    )
