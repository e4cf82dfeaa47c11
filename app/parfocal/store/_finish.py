"""Write how a recording ended: the store is whole after it, and needs no journal any more."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from parfocal.store._errors import StoreError, cause
from parfocal.store._files import sync_to_disk
from parfocal.store._frame_table import write_frame_table, write_missing_table
from parfocal.store._journal import Journal
from parfocal.store._layout import PLANES_FILE, RUN, reserve_path
from parfocal.store._metadata import timestamp, update_record
from parfocal.store._place import Place
from parfocal.store._planes import PlaneState, States, write_planes
from parfocal.store._spec import Index

COMPLETED, INTERRUPTED = "completed", "interrupted"

RESERVE_BYTES = 128 * 1024
RESERVE_BYTES_A_FRAME = 64  # 24 bytes in the table of frames were measured
LARGEST_RESERVE = 16 * 2**20
# A disk may be out of entries while it has bytes left: two tables, the states and the record, which
# are written beside the old ones first
RESERVE_FILES = 6


def reserve_room(root: Path, planned: int) -> None:
    """Take the room that the last words need, while there is some.

    When another program had filled the disk to the last byte, a store could not even say that it
    was interrupted, and called itself "recording" for as long as its window was open.
    """
    size = min(LARGEST_RESERVE, RESERVE_BYTES + RESERVE_BYTES_A_FRAME * planned)
    folder = reserve_path(root)
    folder.mkdir(parents=True)
    for number in range(RESERVE_FILES):
        (folder / str(number)).write_bytes(bytes(0 if number else size))


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
        shutil.rmtree(reserve_path(root), ignore_errors=True)
        with suppress(OSError):  # a journal at the largest size of a file: the record says it too
            journal.finish(ended, reason)
        if not (root / "zarr.json").is_file():
            raise FileNotFoundError("it was moved or deleted while it was being recorded")
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
        if place.replaces and ended == COMPLETED and not missing:
            place.publish()
    except (OSError, ValueError) as problem:
        raise StoreError(f"{root}: its end could not be written: {cause(problem)}") from problem
    finally:
        journal.close()


def _missing(
    states: States, reasons: Mapping[Index, str], otherwise: str
) -> Iterator[tuple[Index, str]]:
    absent = (states != PlaneState.UNPLANNED) & (states != PlaneState.STORED)
    for t, p, c, z in np.argwhere(absent).tolist():
        yield (t, p, c, z), reasons.get((t, p, c, z), otherwise)
