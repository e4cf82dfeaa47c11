"""Write how a recording ended: the store is whole after it, and needs no journal any more."""

from collections.abc import Iterator, Mapping

import numpy as np

from parfocal.store._errors import StoreError
from parfocal.store._files import sync_to_disk
from parfocal.store._frame_table import write_frame_table, write_missing_table
from parfocal.store._journal import Journal
from parfocal.store._layout import PLANES_FILE, RUN
from parfocal.store._metadata import timestamp, update_record
from parfocal.store._place import Place
from parfocal.store._planes import PlaneState, States, write_planes
from parfocal.store._spec import Index

COMPLETED, INTERRUPTED = "completed", "interrupted"


def finish_store(
    place: Place,
    journal: Journal,
    states: States,
    reasons: Mapping[Index, str],
    state: str,
    reason: str,
) -> None:
    """Write states, tables and the last words; publish a replacement only when it is complete."""
    root = place.root
    ended = COMPLETED if state == COMPLETED else INTERRUPTED
    try:
        journal.finish(ended, reason)
        write_planes(root, states)
        write_frame_table(root, journal.path)
        never = reason or "it never arrived"
        missing = list(_missing(states, reasons, never))
        if missing:
            write_missing_table(root, missing)
        planned = states != PlaneState.UNPLANNED
        acquired = states == PlaneState.STORED
        changes = {
            "state": ended,
            "reason": reason,
            "ended": timestamp(),
            "acquired": int(acquired.sum()),
            "missing": len(missing),
            "planned_per_field": planned.sum(axis=(0, 2, 3)).tolist(),
            "acquired_per_field": acquired.sum(axis=(0, 2, 3)).tolist(),
        }
        update_record(root, changes)
        for path in (root / PLANES_FILE, root / RUN, root):
            sync_to_disk(path)
        journal.remove()
        if place.replaces and ended == COMPLETED:
            place.publish()
    except (OSError, ValueError) as problem:
        raise StoreError(f"{root}: its end could not be written: {problem}") from problem
    finally:
        journal.close()


def _missing(
    states: States, reasons: Mapping[Index, str], otherwise: str
) -> Iterator[tuple[Index, str]]:
    absent = (states != PlaneState.UNPLANNED) & (states != PlaneState.STORED)
    for t, p, c, z in np.argwhere(absent).tolist():
        yield (t, p, c, z), reasons.get((t, p, c, z), otherwise)
