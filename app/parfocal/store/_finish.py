"""Write how a recording ended: the store is whole after it, and needs no journal any more."""

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.store._array_lengths import ArrayLengths
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import sync_all_to_disk
from parfocal.store._frame_table import write_frame_table, write_missing_table
from parfocal.store._journal import Journal
from parfocal.store._layout import RUN, reserve_path
from parfocal.store._metadata import read_record, timestamp, update_record
from parfocal.store._place import Place
from parfocal.store._plane_book import PlaneBook, count_states, missing_planes
from parfocal.store._planes import plane_files, write_planes
from parfocal.store._provenance_recording import record_recording

COMPLETED, INTERRUPTED = "completed", "interrupted"
FAILED = "failed"  # no state of a store, but how a recording ended

RESERVE_BYTES = 128 * 1024
RESERVE_BYTES_A_FRAME = 64  # 24 bytes in the table of frames were measured
LARGEST_RESERVE = 16 * 2**20
UNKNOWN_FRAMES = 65_536  # of an unbounded recording
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A disk may be out of entries while it has bytes left: two tables, the states, the record and the
# first words of the history, which are written beside the old ones first
RESERVE_FILES = 12


def reserve_room(root: Path, planned: int | None) -> None:
    """Take the room that the last words need, while there is some.

    When another program had filled the disk to the last byte, a store could not even say that it
    was interrupted, and called itself "recording" for as long as its window was open.
    """
    frames = UNKNOWN_FRAMES if planned is None else planned
    size = min(LARGEST_RESERVE, RESERVE_BYTES + RESERVE_BYTES_A_FRAME * frames)
    folder = reserve_path(root)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(RESERVE_FILES):
        _take_room(folder / str(number), 0 if number else size)


def _take_room(file: Path, size: int) -> None:
    """Have so many bytes of the disk; writing them is the way where the system knows no other."""
    with file.open("wb") as taken:
        try:
            os.posix_fallocate(taken.fileno(), 0, size)
        except (AttributeError, OSError) as problem:
            if getattr(problem, "errno", None) in FULL:
                raise
            taken.write(bytes(size))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a recording ended: in whose word, reason, and the microscope's state then.

    The store's own state is `completed` or `interrupted`; that a person stopped the run, or that
    it failed, is kept beside it.
    """

    state: str
    reason: str
    hardware: Mapping[str, Any]


def finish_store(
    place: Place, journal: Journal, book: PlaneBook, lengths: ArrayLengths, ended: Ended
) -> None:
    """Write states, tables and the last words; publish a replacement only when it is complete."""
    root, reason = place.root, ended.reason
    state = COMPLETED if ended.state == COMPLETED else INTERRUPTED
    try:
        shutil.rmtree(reserve_path(root), ignore_errors=True)
        with suppress(OSError):  # a journal at the largest size of a file: the record says it too
            journal.finish(state, reason)
        if not (root / "zarr.json").is_file():
            raise FileNotFoundError("it was moved or deleted while it was being recorded")
        states = book.states
        lengths.settle(len(states))
        write_planes(root, states)
        write_frame_table(root, journal.path)
        missing = missing_planes(states, book.reasons, reason or "it never arrived")
        if missing:
            write_missing_table(root, missing)
        hardware = (read_record(root) or {}).get("hardware", {})
        changes = {
            "state": state,
            "ended_as": ended.state,
            "reason": reason,
            "ended": timestamp(),
            **count_states(states),
            "hardware": {**hardware, "end": dict(ended.hardware)},
        }
        update_record(root, changes)
        record_recording(root, changes)
        sync_all_to_disk([*plane_files(root), root / RUN, root])
        journal.remove()
        if place.replaces and state == COMPLETED and not missing:
            place.publish()
    except (OSError, ValueError) as problem:
        raise StoreError(f"{root}: its end could not be written: {cause(problem)}") from problem
    finally:
        journal.close()
