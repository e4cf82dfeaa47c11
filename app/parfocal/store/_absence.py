"""Say why a plane of a store is not there: nobody planned it, or it did not come, and why."""

from functools import cached_property
from pathlib import Path

from parfocal.store._frame_table import table_rows
from parfocal.store._layout import MISSING_TABLE
from parfocal.store._metadata import read_record
from parfocal.store._plane_book import is_told
from parfocal.store._planes import PlaneState, States, read_planes
from parfocal.store._spec import Index


class Absences:
    """What a store tells of planes that it has not got; read when it is first asked."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def planned(self, index: Index) -> bool:
        """Whether somebody wanted the plane; of a store that says nothing, each was wanted."""
        states = self._states
        if states is None:
            return True
        t, p, c, z = index
        if self._repeats:
            t %= len(states)
        inside = all(k < length for k, length in zip((t, p, c, z), states.shape, strict=True))
        return inside and bool(states[t, p, c, z] != PlaneState.UNPLANNED)

    def reason(self, index: Index) -> str:
        """Why a planned plane did not come; empty where nothing is told, or while it may come."""
        return self._reasons.get(index, "")

    @cached_property
    def _states(self) -> States | None:
        return read_planes(self._root)

    @cached_property
    def _repeats(self) -> bool:
        """Whether the states are the pattern of a recording that has no end yet."""
        record, states = read_record(self._root) or {}, self._states
        return bool(record.get("unbounded")) and states is not None and not is_told(states)

    @cached_property
    def _reasons(self) -> dict[Index, str]:
        return {
            (row["t"], row["p"], row["c"], row["z"]): str(row.get("reason", ""))
            for row in table_rows(self._root / MISSING_TABLE)
        }
