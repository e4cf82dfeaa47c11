"""Run two contestants alternately and make one row of their medians."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a benchmark; `ratio` is ours / peer, `runs` the pairs behind the medians."""

    name: str
    ours: float
    peer: float
    unit: str
    ratio: float
    better: Literal["higher", "lower"]
    runs: int
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as plain JSON values, with the keys of the command line."""
        return {
            "name": self.name,
            "ours": self.ours,
            "peer": self.peer,
            "unit": self.unit,
            "ratio": self.ratio,
            "better": self.better,
            "runs": self.runs,
            "note": self.note,
        }


def paired(
    name: str,
    ours: Callable[[], float],
    peer: Callable[[], float],
    *,
    unit: str,
    better: Literal["higher", "lower"],
    runs: int,
    note: str = "",
) -> Row:
    """Run `ours` and `peer` alternately, `runs` times each; the ratio is the median of the pairs'.

    Who goes first alternates too, so that a machine that slows down or warms up favours neither.
    """
    pairs: list[tuple[float, float]] = []
    for run in range(runs):
        if run % 2 == 0:
            mine = ours()
            theirs = peer()
        else:
            theirs = peer()
            mine = ours()
        pairs.append((mine, theirs))
    return Row(
        name=name,
        ours=round(median(mine for mine, _ in pairs), 3),
        peer=round(median(theirs for _, theirs in pairs), 3),
        unit=unit,
        ratio=round(median(mine / theirs for mine, theirs in pairs), 4),
        better=better,
        runs=runs,
        note=note,
    )
