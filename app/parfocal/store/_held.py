"""See which planes of an image there are at all: those of a recording may be missing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._images import image_map
from parfocal.store._layout import EVERY_CHUNK
from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image
from parfocal.store._planes import PlaneState, read_planes
from parfocal.store._present import present_planes, sharding_of

Held = NDArray[np.bool_]


def held_planes(root: Path, image: Image) -> Held:
    """Whether each plane of an image's full resolution is there, shaped t, c, z.

    Only Parfocal's own stores tell: elsewhere a chunk that is not there is one of zeros.
    """
    shape = image.levels[0].shape or ()
    lengths = dict(zip((axis.name for axis in image.axes), shape, strict=True))
    everything = np.ones([lengths.get(name, 1) for name in "tcz"], dtype=np.bool_)
    array = root / image.path / image.levels[0].path
    sharding = sharding_of(array)
    record = read_record(root)
    if record is not None and record.get("absent") == EVERY_CHUNK:
        return _told(root, record, image, everything)
    if record is None or sharding is None or len(shape) != 5:
        return everything
    return present_planes(array)


def _told(root: Path, record: Mapping[str, Any], image: Image, everything: Held) -> Held:
    """Of a store whose pixels came from elsewhere the states say which planes it has."""
    states, place = read_planes(root), image_map(record, [image]).of_path(image.path)
    if states is None or place is None:
        return everything
    told: Held = states[:, place.field, list(place.channels)] == PlaneState.STORED
    t, _, z = everything.shape
    mine: Held = told[:t, :, :z]
    return mine
