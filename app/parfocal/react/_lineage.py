"""Keep the names of cells from picture to picture: a frozen `Lineage`, and the next one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.react._arrays import as_array
from parfocal.react._errors import ReactError
from parfocal.react._protocols import Tracker
from parfocal.react._seen import Cells, Table

__all__ = ["Lineage", "followed"]

MEMORY = 2
NOTHING = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Lineage:
    """The cells of one field that are followed, as they were last seen, and the next free name.

    `table` has a row a cell: its columns, its `track`, its `parent`, and `missed`: for how many
    pictures it has not been seen.
    """

    table: Table
    next_track: int = 1

    @classmethod
    def begin(cls) -> "Lineage":
        """Before the first picture."""
        columns = ("y", "x", "area", "track", "parent", "missed")
        return cls(dict.fromkeys(columns, NOTHING))


def followed(before: Lineage, cells: Cells, tracker: Tracker) -> tuple[Lineage, Cells]:
    """The cells with `track` and `parent`, and what the next picture is compared with."""
    now, count = cells.table, len(cells)
    origins = _origins(tracker.link(before.table, now), len(before.table["y"]), count)
    children = np.bincount(origins[origins >= 0], minlength=len(before.table["y"]))
    tracks, parents = np.zeros(count, np.int64), np.zeros(count, np.int64)
    next_track = before.next_track
    for row, origin in enumerate(origins.tolist()):
        if origin >= 0 and children[origin] == 1:
            tracks[row] = before.table["track"][origin]
            parents[row] = before.table["parent"][origin]
            continue
        tracks[row], next_track = next_track, next_track + 1
        if origin >= 0:
            parents[row] = before.table["track"][origin]
    named = cells.with_columns({"track": tracks, "parent": parents})
    unseen = (children == 0) & (before.table["missed"] < getattr(tracker, "memory", MEMORY))
    return Lineage(_joined(before.table, unseen, named), next_track), named


def _origins(result: Any, before: int, now: int) -> NDArray[np.int64]:
    origins = as_array(result, "the tracker")
    if origins.shape != (now,) or origins.dtype.kind not in "iu":
        raise ReactError(
            f"the tracker gave back {origins.dtype} {origins.shape} for {now} cells; "
            "it has to give one row number for each"
        )
    if now and (int(origins.min()) < -1 or int(origins.max()) >= before):
        raise ReactError(f"the tracker named a row that is not among the {before} cells before")
    return origins.astype(np.int64)


def _joined(before: Table, unseen: NDArray[np.bool_], named: Cells) -> Table:
    """The cells seen now, and those that may come back."""
    kept = ("y", "x", "area", "track", "parent")
    columns = {name: np.concatenate([named.table[name], before[name][unseen]]) for name in kept}
    columns["track"] = columns["track"].astype(np.int64)
    columns["parent"] = columns["parent"].astype(np.int64)
    missed = np.concatenate([np.zeros(len(named)), before["missed"][unseen] + 1])
    return {**columns, "missed": missed}
