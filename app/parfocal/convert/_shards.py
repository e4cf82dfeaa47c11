"""Choose chunks, shards and blocks of a target array.

A shard is one piece of work and one file. A block is what is read of the source at once: whole
chunks of it, so that none is decoded twice.
"""

from collections.abc import Sequence
from itertools import product
from math import ceil, lcm, prod
from typing import Protocol

import numpy as np

from parfocal.convert._description import CANONICAL
from parfocal.store import inner_chunk

__all__ = [
    "Five",
    "InShards",
    "grid_of",
    "read_block",
    "repack_shard",
    "shards_of",
    "transcode_chunk",
    "transcode_shard",
]

Five = tuple[int, int, int, int, int]
SHARD_BYTES = 64 * 2**20
BLOCK_BYTES = 32 * 2**20
SMALL_BLOCK_BYTES = 4 * 2**20
"""Blocks are made as large, where the source allows smaller ones: each call costs some time."""
MOST_CHUNKS = 2**14
"""Of a shard: its index is read whole."""
SIDE, LEAST_SIDE = 1024, 128
GROWTH = "xyzt"
"""A shard holds whole planes first, then whole stacks, then timepoints; two channels only where a
chunk of the source does."""


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


def repack_shard(shape: Five, chunk: Five, itemsize: int, most: int | None = None) -> Five:
    """As many whole chunks as make a file worth opening: planes, then stacks, then timepoints."""
    most = SHARD_BYTES if most is None else most
    shard = list(chunk)
    chunks = 1
    for axis in GROWTH:
        n = CANONICAL.index(axis)
        room = min(most // (prod(shard) * itemsize), MOST_CHUNKS // chunks)
        number = max(1, min(ceil(shape[n] / chunk[n]), room))
        shard[n] *= number
        chunks *= number
    return _five(shard)


def transcode_chunk(shape: Five, unit: Five, itemsize: int) -> Five:
    """A tile of a plane; smaller where the source's chunks are thick.

    A stack of HDF5 in chunks of 64³ is read 64 planes at once: with 1024² pixels each these are
    134 MB of memory, with 512² they are 34 MB.
    """
    side = SIDE
    thick = prod(unit[:3])
    while (
        side > max(LEAST_SIDE, *unit[3:]) and thick * side * side * itemsize > BLOCK_BYTES * 3 // 2
    ):
        side //= 2
    return (1, 1, 1, *inner_chunk((shape[3], shape[4]), side))


def transcode_shard(
    shape: Five, inner: Five, unit: Five, itemsize: int, most: int | None = None
) -> Five:
    """Whole planes, as many as the source decodes at once, or tiles of a very large plane."""
    most = SHARD_BYTES if most is None else most
    rows, columns = (ceil(shape[n] / inner[n]) * inner[n] for n in (3, 4))
    down, right = (_step(shape, inner, unit, n) for n in (3, 4))
    thick, channels = prod(unit[:3]), unit[1]
    while thick * rows * columns * itemsize > most and (rows > down or columns > right):
        if (rows >= columns and rows > down) or columns <= right:
            rows = ceil(rows / 2 / down) * down
        else:
            columns = ceil(columns / 2 / right) * right
    planes = max(1, most // (channels * rows * columns * itemsize))
    depth = _multiple(shape[2], planes, unit[2])
    frames = _multiple(shape[0], max(1, planes // depth), unit[0])
    if depth < shape[2]:
        frames = unit[0]
    return _five((frames, channels, depth, rows, columns))


def read_block(shape: Five, shard: Five, inner: Five, unit: Five, itemsize: int) -> Five:
    """What is read at once: whole planes, or tiles of them where the source's chunks are thick."""
    t, c, z = unit[:3]
    rows, columns = shard[3:]
    down, right = (min(_step(shape, inner, unit, n), shard[n]) for n in (3, 4))
    if t * c * z * rows * columns * itemsize > BLOCK_BYTES:
        rows = down
        if t * c * z * rows * columns * itemsize > BLOCK_BYTES:
            columns = right
    if (rows, columns) == shard[3:]:
        plane = c * rows * columns * itemsize
        z = min(shard[2], z * max(1, SMALL_BLOCK_BYTES // (t * z * plane)))
        if z == shard[2]:
            t = min(shard[0], t * max(1, SMALL_BLOCK_BYTES // (t * z * plane)))
    return t, c, z, rows, columns


def grid_of(shape: Sequence[int], shard: Sequence[int]) -> tuple[int, ...]:
    """How many shards there are along each axis."""
    return tuple(ceil(length / part) for length, part in zip(shape, shard, strict=True))


def shards_of(shape: Sequence[int], shard: Sequence[int]) -> list[tuple[int, ...]]:
    """The position of every shard, in C order."""
    return list(product(*(range(n) for n in grid_of(shape, shard))))


def _step(shape: Five, inner: Five, unit: Five, axis: int) -> int:
    """Whole chunks of the target that are whole chunks of the source too, where there are any."""
    whole = ceil(shape[axis] / inner[axis]) * inner[axis]
    common = lcm(inner[axis], unit[axis])
    if common <= whole:
        return common
    return min(whole, ceil(unit[axis] / inner[axis]) * inner[axis])


def _multiple(length: int, most: int, unit: int) -> int:
    """At most so many in whole units of the source; one unit where not even that fits."""
    return length if max(most, unit) >= length else max(unit, most // unit * unit)


def _five(lengths: Sequence[int]) -> Five:
    t, c, z, y, x = lengths
    return t, c, z, y, x
