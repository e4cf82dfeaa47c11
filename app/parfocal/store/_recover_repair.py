"""Repair one store, step by step; each step may be done twice, and the record is written last."""

from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np

from parfocal.store._files import read_json, sync_to_disk, write_json
from parfocal.store._images import ImageMap
from parfocal.store._layout import journal_path, spool_path
from parfocal.store._planes import PlaneState, States
from parfocal.store._progress import Course
from parfocal.store._recover_finish import (
    fit_arrays,
    known_reasons,
    write_end,
    write_frames_table,
)
from parfocal.store._recover_inventory import Inventory, Marks
from parfocal.store._recover_leftovers import drop_reserve, keep_a_copy, leftovers, quarantine
from parfocal.store._recover_spool import unwritten, write_frames
from parfocal.store._spec import Index
from parfocal.store._spool import SpooledFrame

MOST_NAMED = 1000  # files named in the record
DAMAGED = "its shard was damaged"


def repair(
    root: Path,
    record: Mapping[str, Any],
    images: ImageMap,
    found: Inventory,
    frames: list[SpooledFrame],
    course: Course,
    moved: list[str],
) -> None:
    """Keep what is whole, restore what was spooled, and say of the rest that it is missing.

    The record names what was moved out of the store, also what was `moved` before.
    """
    moved = [*moved, *sweep(root), *_remove_broken(root, found)]
    course.say("restoring frames from the spool")
    restored = unwritten(frames, found)
    if restored:  # some may be of timepoints that no array had reached
        fit_arrays(found.arrays, len(found.states))
        write_frames(restored, images, found, course)
    states = _new_states(found, restored)
    told = found.claimed | found.held
    lost = told & (states != PlaneState.STORED)
    timepoints = _timepoints(record, states, told)
    course.say("writing what there is")
    fit_arrays(found.arrays, timepoints)
    _flush(found.fresh)
    write_frames_table(root, states, frames)
    recovery = {
        "lost": int(lost.sum()),
        "unacknowledged": int((found.whole & ~found.claimed).sum()),
        "from_spool": len(restored),
        "quarantined": moved[:MOST_NAMED],
    }
    reasons = _reasons(root, found, lost)
    write_end(root, states[:timepoints], reasons, record, recovery)
    clear(root)


def sweep(root: Path) -> list[str]:
    """Move locks and half-written files out of the store; says which."""
    drop_reserve(root)
    return [quarantine(root, file) for file in list(leftovers(root))]


def clear(root: Path) -> None:
    """Delete what the store itself says now."""
    rmtree(spool_path(root), ignore_errors=True)
    journal_path(root).unlink(missing_ok=True)
    sync_to_disk(root.parent)


def _remove_broken(root: Path, found: Inventory) -> list[str]:
    for level in found.spoiled:
        _unlist(root, level)
    moved = [quarantine(root, file) for files in found.spoiled.values() for file in files]
    for array, shard in found.broken:
        if shard.planes.any():
            moved.append(keep_a_copy(root, shard.file))
            array.keep_whole_planes(shard)
        else:
            moved.append(quarantine(root, shard.file))
    return moved


def _unlist(root: Path, level: str) -> None:
    """List a damaged level, and those that are coarser, no more: the hole would be a picture of
    zeros. The next pyramid fills it and lists them again."""
    image, _, name = level.rpartition("/")
    file = root / image / "zarr.json"
    document = read_json(file)
    multiscale = document["attributes"]["ome"]["multiscales"][0]
    paths = [dataset["path"] for dataset in multiscale["datasets"]]
    if name in paths:  # not a coarser one of a level that was damaged too
        multiscale["datasets"] = multiscale["datasets"][: paths.index(name)]
        write_json(file, document)
        sync_to_disk(file)


def _new_states(found: Inventory, restored: list[SpooledFrame]) -> States:
    states = found.states.copy()
    states[states == PlaneState.STORED] = PlaneState.PLANNED
    states[found.whole] = PlaneState.STORED
    for frame in restored:
        states[frame.index] = PlaneState.STORED
    return states


def _timepoints(record: Mapping[str, Any], states: States, told: Marks) -> int:
    """A recording is as long as it was planned; a killed unbounded one as it had become."""
    came = told | (states == PlaneState.STORED) | (states == PlaneState.SKIPPED)
    becoming = record.get("unbounded") and record.get("state") == "recording"
    planned = 0 if becoming else _length(states != PlaneState.UNPLANNED)
    return max(1, planned, _length(came))


def _length(marks: Marks) -> int:
    """How many timepoints there are up to the last one with a mark."""
    times = np.flatnonzero(marks.any(axis=(1, 2, 3)))
    return int(times[-1]) + 1 if times.size else 0


def _reasons(root: Path, found: Inventory, lost: Marks) -> dict[Index, str]:
    damaged = dict.fromkeys(((t, p, c, z) for t, p, c, z in np.argwhere(lost).tolist()), DAMAGED)
    return {**known_reasons(root), **damaged, **found.reasons}


def _flush(shards: list[Path]) -> None:
    """Make what the journal had not flushed survive a power cut, before the store relies on it."""
    kept = [shard for shard in shards if shard.is_file()]
    for shard in kept:
        sync_to_disk(shard)
    for folder in sorted({shard.parent for shard in kept}):
        sync_to_disk(folder)
