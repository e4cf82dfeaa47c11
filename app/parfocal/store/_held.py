"""See which planes of an image there are at all: those of a recording may be missing."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image
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
    if read_record(root) is None or sharding is None or len(shape) != 5:
        return everything
    return present_planes(array)
