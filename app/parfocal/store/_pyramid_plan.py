"""Plan the coarser levels of an image: their shapes, factors, places on the stage and shards."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from math import log, prod
from typing import Any

import numpy as np

from parfocal.store._codec import inner_chunk
from parfocal.store._downsample import coarser, shift
from parfocal.store._held import Held
from parfocal.store._ngff import Image
from parfocal.store._voxel_size import TRANSFORMATIONS

# the smallest level of a large camera has 193 to 384 pixels: a thumbnail, and no level less
SMALLEST = 384
# a transaction holds a shard about four times: as it is, encoded, and put together
SHARD_BYTES = 16 * 2**20
FACTORS = "downsample_factors_tczyx"
METHOD = "downsample_method"


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """One level to be made of the one before; shapes and factors are t, c, z, y, x."""

    number: int
    shape: tuple[int, ...]
    step: tuple[int, int, int]  # z, y, x: how much coarser than the level before
    factors: tuple[int, ...]  # how much coarser than the first level
    scale: tuple[float, ...]
    translation: tuple[float, ...]
    method: str

    @property
    def path(self) -> str:
        """Its array, below its image."""
        return str(self.number)

    @property
    def source(self) -> int:
        """The level that it is made of."""
        return self.number - 1

    def held(self, finer: Held) -> Held:
        """Which of its planes can be made of those that the finer level has."""
        if self.step[0] == 1:
            return finer
        if self.method == "stride":
            return finer[:, :, :: self.step[0]]
        return np.logical_or.reduceat(finer, range(0, finer.shape[2], self.step[0]), axis=2)

    def dataset(self) -> dict[str, Any]:
        """Its entry in the image's multiscales."""
        transformations = [
            {"type": "scale", "scale": list(self.scale)},
            {"type": "translation", "translation": list(self.translation)},
        ]
        return {"path": self.path, TRANSFORMATIONS: transformations}

    def array(self, first: dict[str, Any]) -> dict[str, Any]:
        """Its Zarr array: type and codecs of the first level's, with shards of its own."""
        document = deepcopy(first)
        height, width = self.shape[-2:]
        inner = inner_chunk((height, width))
        itemsize = np.dtype(first["data_type"]).itemsize
        outer = [coarser(height, inner[0]) * inner[0], coarser(width, inner[1]) * inner[1]]
        frames, depth = _planes_a_shard(self.shape, prod(outer) * itemsize)
        document["shape"] = list(self.shape)
        document["chunk_grid"]["configuration"]["chunk_shape"] = [frames, 1, depth, *outer]
        document["codecs"][0]["configuration"]["chunk_shape"] = [1, 1, 1, *inner]
        document["attributes"] = {FACTORS: list(self.factors), METHOD: self.method}
        return document


def plan_levels(image: Image, method: str) -> Iterator[LevelPlan]:
    """Every coarser level that the image should have; none for a small one."""
    first = image.levels[0]
    assert first.shape is not None
    assert first.scale is not None
    shape = first.shape
    factors: tuple[int, ...] = (1,) * 5
    origin = first.translation or (0.0,) * 5
    number = 0
    while max(shape[-2:]) > SMALLEST:
        scale = tuple(size * factor for size, factor in zip(first.scale, factors, strict=True))
        step = _step(shape[-3:], scale[-3:])
        shape = (*shape[:2], *(coarser(n, by) for n, by in zip(shape[-3:], step, strict=True)))
        factors = (1, 1, *(whole * by for whole, by in zip(factors[2:], step, strict=True)))
        number += 1
        yield LevelPlan(
            number,
            shape,
            step,
            factors,
            tuple(size * factor for size, factor in zip(first.scale, factors, strict=True)),
            tuple(
                start + shift(factor, method) * size
                for start, factor, size in zip(origin, factors, first.scale, strict=True)
            ),
            method,
        )


def _step(shape: tuple[int, ...], scale: tuple[float, ...]) -> tuple[int, int, int]:
    """2 along y and x, and along z too as soon as that brings the voxel nearer to a cube."""
    y, x = (2 if length > 1 else 1 for length in shape[1:])
    lateral = log(max(scale[1] * y, scale[2] * x))
    kept, halved = abs(log(scale[0]) - lateral), abs(log(2 * scale[0]) - lateral)
    return (2 if shape[0] > 1 and halved < kept else 1), y, x


def _planes_a_shard(shape: tuple[int, ...], plane_bytes: int) -> tuple[int, int]:
    """As many planes as make a file worth opening: along z first, then along time."""
    room = max(1, SHARD_BYTES // plane_bytes)
    depth = min(shape[2], room)
    frames = min(shape[0], room // depth) if depth == shape[2] else 1
    return frames, depth
