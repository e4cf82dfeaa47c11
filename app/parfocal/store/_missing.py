"""List the planes that were planned and are not there, field by field."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._images import ImageMap
from parfocal.store._journal import read_journal
from parfocal.store._plane_counts import current_states
from parfocal.store._planes import PlaneState


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


def missing_of_fields(
    root: Path, record: Mapping[str, Any] | None, places: ImageMap
) -> tuple[MissingPlanes, ...]:
    """The fields that have missing planes; none as long as they may still come."""
    story = None if record is None else read_journal(root)
    recording = record is not None and record.get("state") == "recording"
    if record is None or (recording and story is not None and story.alive):
        return ()
    states = current_states(root, record, places)
    if states is None:
        return ()
    states = states[:, : places.fields]  # an extension tells the record of its fields last
    absent = (states != PlaneState.UNPLANNED) & (states != PlaneState.STORED)
    fields = np.flatnonzero(absent.any(axis=(0, 2, 3))).tolist()
    return tuple(MissingPlanes(number, np.argwhere(absent[:, number])) for number in fields)
