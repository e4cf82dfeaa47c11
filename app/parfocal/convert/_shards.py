"""Choose chunks and shards of a target array; a shard is one piece of work and one file."""

from collections.abc import Sequence
from itertools import product
from math import ceil, prod
from typing import Protocol

import numpy as np

from parfocal.convert._description import CANONICAL

__all__ = ["Five", "InShards", "grid_of", "repack_shard", "shards_of", "transcode_shard"]

Five = tuple[int, int, int, int, int]
SHARD_BYTES = 64 * 2**20
MOST_CHUNKS = 2**14
"""Of a shard: its index is read whole."""
GROWTH = "xyzt"
"""A shard holds whole planes first, then whole stacks, then timepoints; never two channels."""


class Layout(Protocol):
    """As much as has to be known of a target array."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def shard(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...


class InShards:
    """A target array, cut into shards."""

    __slots__ = ()
    layout: Layout

    @property
    def raw_bytes(self) -> int:
        """Its pixels, decoded."""
        return prod(self.layout.shape) * np.dtype(self.layout.dtype).itemsize

    @property
    def shard_bytes(self) -> int:
        """The pixels of one whole shard, decoded."""
        return prod(self.layout.shard) * np.dtype(self.layout.dtype).itemsize

    def block(self, shard: tuple[int, ...]) -> tuple[slice, ...]:
        """The part of the array that a shard holds; the last ones may be smaller."""
        return tuple(
            slice(n * length, min((n + 1) * length, whole))
            for n, length, whole in zip(shard, self.layout.shard, self.layout.shape, strict=True)
        )


def repack_shard(shape: Five, chunk: Five, itemsize: int) -> Five:
    """As many whole chunks as make a file worth opening: planes, then stacks, then timepoints."""
    shard = list(chunk)
    chunks = 1
    for axis in GROWTH:
        n = CANONICAL.index(axis)
        room = min(SHARD_BYTES // (prod(shard) * itemsize), MOST_CHUNKS // chunks)
        number = max(1, min(ceil(shape[n] / chunk[n]), room))
        shard[n] *= number
        chunks *= number
    return _five(shard)


def transcode_shard(shape: Five, inner: Five, preferred: Five, itemsize: int) -> Five:
    """Whole planes, as many as the source decodes at once, or tiles of a very large plane."""
    rows, columns = (ceil(shape[n] / inner[n]) * inner[n] for n in (3, 4))
    while rows * columns * itemsize > SHARD_BYTES and (rows > inner[3] or columns > inner[4]):
        if rows >= columns and rows > inner[3]:
            rows = ceil(rows / 2 / inner[3]) * inner[3]
        else:
            columns = ceil(columns / 2 / inner[4]) * inner[4]
    planes = max(1, SHARD_BYTES // (rows * columns * itemsize))
    depth = _multiple(shape[2], planes, preferred[2])
    frames = _multiple(shape[0], max(1, planes // depth), preferred[0]) if depth >= shape[2] else 1
    return _five((frames, 1, depth, rows, columns))


def grid_of(shape: Sequence[int], shard: Sequence[int]) -> tuple[int, ...]:
    """How many shards there are along each axis."""
    return tuple(ceil(length / part) for length, part in zip(shape, shard, strict=True))


def shards_of(shape: Sequence[int], shard: Sequence[int]) -> list[tuple[int, ...]]:
    """The position of every shard, in C order."""
    return list(product(*(range(n) for n in grid_of(shape, shard))))


def _multiple(length: int, most: int, unit: int) -> int:
    """At most so many, in whole units of the source where one fits."""
    if most >= length:
        return length
    return most // unit * unit if most >= unit else most


def _five(lengths: Sequence[int]) -> Five:
    t, c, z, y, x = lengths
    return t, c, z, y, x
