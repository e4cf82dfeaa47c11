"""Take a small picture of a source through its own reading, without decoding much of it."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._description import FoundArray, FoundImage
from parfocal.convert._source import Source

__all__ = ["Glance", "glance"]

SIDE = 160
CHANNELS = 3
MOST_PIXELS = 2**23
"""Of a plane: of a larger one the middle is shown."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One plane of a field: channel × y × x, and the channels' colours."""

    planes: NDArray[np.float32]
    colors: tuple[str, ...]


def glance(source: Source, image: FoundImage) -> Glance:
    """The middle plane of a field's first timepoint, or of the first that was taken."""
    level = _small_enough(image)
    times, channels, depth, _, _ = level.canonical
    shown = min(channels, CHANNELS)
    lost = set(image.absent)
    middle = depth // 2
    # where the finest level's planes are missing; coarser ones along z are asked in its counts
    finest = image.levels[0].canonical[2]
    t = next(
        (
            t
            for t in range(times)
            if any((t, c, middle * finest // depth) not in lost for c in range(shown))
        ),
        0,
    )
    planes = [_plane(source, level, t, c, middle) for c in range(shown)]
    colors = tuple(one.color or "" for one in image.channels[:shown])
    return Glance(np.stack(planes), colors)


def _small_enough(image: FoundImage) -> FoundArray:
    """The coarsest level that still fills the picture."""
    for level in reversed(image.levels):
        if max(level.canonical[3:]) >= SIDE:
            return level
    return image.levels[0]


def _plane(source: Source, level: FoundArray, t: int, c: int, z: int) -> NDArray[np.float32]:
    _, _, _, height, width = level.canonical
    rows, columns = slice(0, height), slice(0, width)
    if height * width > MOST_PIXELS:
        half = int(MOST_PIXELS**0.5) // 2
        rows, columns = _middle(height, half), _middle(width, half)
    wanted = {"t": slice(t, t + 1), "c": slice(c, c + 1), "z": slice(z, z + 1)}
    wanted |= {"y": rows, "x": columns}
    pixels = source.read(level.key, tuple(wanted[axis] for axis in level.axes))
    order = [level.axes.index(axis) for axis in "tczyx" if axis in level.axes]
    plane = pixels.transpose(order).reshape(rows.stop - rows.start, columns.stop - columns.start)
    step = max(1, ceil(max(plane.shape) / SIDE))
    small: NDArray[np.float32] = plane[::step, ::step].astype(np.float32)
    return np.nan_to_num(small)


def _middle(length: int, half: int) -> slice:
    return slice(max(0, length // 2 - half), min(length, length // 2 + half))
