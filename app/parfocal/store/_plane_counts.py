"""Count the planes of a store, planned and acquired, in all and of each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._images import ImageMap
from parfocal.store._journal import read_journal
from parfocal.store._ngff import Image
from parfocal.store._plane_book import count_states, is_told, tiled
from parfocal.store._planes import PlaneState, States, read_planes
from parfocal.store._present import present_planes


@dataclass(frozen=True, slots=True)
class PlaneCounts:
    """How many planes were planned and are on the disk, in all and of each field."""

    planned: int
    acquired: int
    planned_per_field: tuple[int, ...]
    acquired_per_field: tuple[int, ...]


def count_planes(
    root: Path, record: Mapping[str, Any] | None, images: Sequence[Image], places: ImageMap
) -> PlaneCounts:
    """Count them; of a store that Parfocal did not record every plane counts as planned and there.

    While it records, and after a kill, the journal says what is there; without it the shards do.
    """
    if record is None:
        each = tuple(_planes_of(image) for image in images)
        return PlaneCounts(sum(each), sum(each), each, each)
    states = current_states(root, record, places)
    if states is None:
        planned, acquired = int(record.get("planned", 0)), int(record.get("acquired", 0))
        return PlaneCounts(planned, acquired, (), ())
    counts = count_states(states)
    return PlaneCounts(
        # what the record and the states say of the same is compared by `check`
        counts["planned"] if record.get("state") == "recording" else int(record.get("planned", 0)),
        counts["acquired"],
        tuple(counts["planned_per_field"]),
        tuple(counts["acquired_per_field"]),
    )


def current_states(root: Path, record: Mapping[str, Any], places: ImageMap) -> States | None:
    """What is known of every plane now, shaped t, p, c, z; None when the store does not say."""
    states = read_planes(root)
    if states is None or record.get("state") != "recording":
        return states
    story = read_journal(root)
    if story is not None:
        there = np.array(sorted(story.committed), dtype=np.int64).reshape(-1, 4)
    else:
        there = _on_the_disk(root, places)  # copied away from its journal
    length = int(there[:, 0].max(initial=-1)) + 1
    if record.get("unbounded") and not is_told(states):
        states = tiled(states, max(1, length))
    inside = (there < states.shape).all(axis=1)
    states = np.where(states == PlaneState.STORED, PlaneState.PLANNED, states).astype(np.uint8)
    states[tuple(there[inside].T)] = PlaneState.STORED
    return states


def _on_the_disk(root: Path, places: ImageMap) -> "np.ndarray[Any, np.dtype[np.int64]]":
    found = []
    for place in places.places:
        for t, c, z in np.argwhere(present_planes(root / place.array())).tolist():
            found.append((t, place.field, place.channels[c], z))
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _planes_of(image: Image) -> int:
    shape = image.levels[0].shape if image.levels else None
    lengths = zip(image.axes, shape or (), strict=False)
    return prod(length for axis, length in lengths if axis.name not in ("y", "x"))
