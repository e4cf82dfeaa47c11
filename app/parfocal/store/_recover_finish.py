"""Write what the close of a recording would have written: states, tables, record."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._array_lengths import set_length
from parfocal.store._files import sync_to_disk
from parfocal.store._frame_table import (
    journal_rows,
    table_rows,
    write_frame_rows,
    write_missing_table,
)
from parfocal.store._layout import FRAME_TABLE, MISSING_TABLE, RUN, journal_path
from parfocal.store._metadata import timestamp, update_record
from parfocal.store._plane_book import count_states, missing_planes
from parfocal.store._planes import PlaneState, States, plane_files, write_planes
from parfocal.store._recover_shards import ShardedArray
from parfocal.store._spec import Index
from parfocal.store._spool import SpooledFrame

KILLED = "the recording process ended before it closed the store"


def fit_arrays(arrays: Mapping[Any, ShardedArray], timepoints: int) -> None:
    """Make every array as long as the recording is: a kill may have come between two of them."""
    for array in arrays.values():
        set_length(array.path, timepoints)
        sync_to_disk(array.path / "zarr.json")


def write_frames_table(root: Path, states: States, spooled: list[SpooledFrame]) -> None:
    """One row a stored plane: of the journal or the older table, of the spool, or its index."""
    stored = states == PlaneState.STORED
    journal = journal_path(root)
    # in memory only when there is no journal: the table is about to be replaced
    known = None if journal.is_file() else list(table_rows(root / FRAME_TABLE))

    def rows() -> Iterator[Mapping[str, Any]]:
        waiting = stored.copy()
        for source in (
            journal_rows(journal) if known is None else known,
            (frame.row for frame in spooled),
        ):
            for row in source:
                index = (row["t"], row["p"], row["c"], row["z"])
                inside = all(n < size for n, size in zip(index, waiting.shape, strict=True))
                if inside and waiting[index]:
                    waiting[index] = False
                    yield row
        for t, p, c, z in np.argwhere(waiting).tolist():
            yield {"t": t, "p": p, "c": c, "z": z}

    write_frame_rows(root, rows)


def known_reasons(root: Path) -> dict[Index, str]:
    """Why planes are missing, as the store says already."""
    rows = table_rows(root / MISSING_TABLE)
    return {(row["t"], row["p"], row["c"], row["z"]): row["reason"] for row in rows}


def write_end(
    root: Path,
    states: States,
    reasons: Mapping[Index, str],
    record: Mapping[str, Any],
    recovery: Mapping[str, Any],
) -> None:
    """Write the states, the missing planes with their reasons, and the record, last of all."""
    reason = str(record.get("reason") or "") or KILLED
    write_planes(root, states)
    missing = missing_planes(states, reasons, reason)
    if missing:
        write_missing_table(root, missing)
    else:
        (root / MISSING_TABLE).unlink(missing_ok=True)
    update_record(
        root,
        {
            "state": "recovered",
            "reason": reason,
            "ended": record.get("ended") or _last_seen(root),
            **count_states(states),
            "recovery": {"at": timestamp(), **recovery},
        },
    )
    for path in (*plane_files(root), root / RUN, root):
        sync_to_disk(path)


def _last_seen(root: Path) -> str:
    """When the recording was last heard of."""
    journal = journal_path(root)
    if not journal.is_file():
        return timestamp()
    moment = datetime.fromtimestamp(journal.stat().st_mtime, UTC)
    return moment.isoformat(timespec="milliseconds")
