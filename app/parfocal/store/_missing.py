"""List the planes that were planned and are not there, field by field."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._held import planes_on_disk
from parfocal.store._images import image_map
from parfocal.store._journal import read_journal
from parfocal.store._ngff import Image
from parfocal.store._planes import PlaneState, States, read_planes


@dataclass(frozen=True, slots=True)
class MissingPlanes:
    """The missing planes of one field: their t, c, z, one a row."""

    field: int
    planes: "NDArray[np.int64]" = dataclasses.field(compare=False, repr=False)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.planes)

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values; every plane is named."""
        return {"field": self.field, "count": self.count, "planes": self.planes.tolist()}


def missing_planes(
    root: Path, record: Mapping[str, Any] | None, images: Sequence[Image]
) -> tuple[MissingPlanes, ...]:
    """The fields that have missing planes; none as long as they may still come."""
    states = None if record is None else read_planes(root)
    if states is None or record is None:
        return ()
    if record.get("state") == "recording":
        states = _killed(root, states, record, images)
    absent = (states != PlaneState.UNPLANNED) & (states != PlaneState.STORED)
    fields = np.flatnonzero(absent.any(axis=(0, 2, 3))).tolist()
    return tuple(MissingPlanes(number, np.argwhere(absent[:, number])) for number in fields)


def _killed(
    root: Path, states: States, record: Mapping[str, Any], images: Sequence[Image]
) -> States:
    """The states with what the journal acknowledges, or without one with what is on the disk."""
    story = read_journal(root)
    if story is not None and story.alive:
        return np.zeros_like(states)
    if story is not None:
        if story.committed:
            states[tuple(np.asarray(list(story.committed)).T)] = PlaneState.STORED
        return states
    for place in image_map(record, images):
        held = planes_on_disk(root / place.array())
        for local, channel in enumerate(place.channels):
            mine = states[: len(held), place.field, channel]
            mine[held[: len(mine), local]] = PlaneState.STORED
    return states
