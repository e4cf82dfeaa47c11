"""Say of each pyramid level how large it is, how large its voxels are, and where it lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parfocal.store._info import origin_um
from parfocal.store._ngff import Image, Level
from parfocal.store._voxel_size import DEFAULT, resolve_voxel_size

_SPACE = ("z", "y", "x")


@dataclass(frozen=True, slots=True)
class LevelPlace:
    """A level: its length along each axis, the size of a voxel and the middle of the first one,
    both as z, y, x in µm."""

    lengths: Mapping[str, int]
    voxel_um: tuple[float, float, float]
    origin_um: tuple[float, float, float]


def level_places(root: Path, image: Image) -> tuple[LevelPlace, ...]:
    """The levels of an image, those whose array is there; sizes are those of the one resolver."""
    places: list[LevelPlace] = []
    for number, level in enumerate(image.levels):
        if level.shape is None:
            break
        lengths = dict(zip((axis.name for axis in image.axes), level.shape, strict=False))
        voxel = _voxel(root, image, level, lengths, places)
        places.append(LevelPlace(lengths, voxel, origin_um(image, number)))
    return tuple(places)


def _voxel(
    root: Path,
    image: Image,
    level: Level,
    lengths: Mapping[str, int],
    finer: list[LevelPlace],
) -> tuple[float, float, float]:
    path = f"{image.path}/{level.path}" if image.path else level.path
    size = resolve_voxel_size(root, path if finer else image.path)
    if not finer or size.source != DEFAULT:
        return size.z, size.y, size.x
    # nobody measured it, and a coarser level must still cover the same
    first = finer[0]
    z, y, x = (
        voxel * first.lengths.get(axis, 1) / lengths.get(axis, 1)
        for axis, voxel in zip(_SPACE, first.voxel_um, strict=True)
    )
    return z, y, x
