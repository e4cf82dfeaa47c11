"""Choose chunks and shards of a target array; a shard is one piece of work and one file."""

from collections.abc import Sequence
from itertools import product
from math import ceil, prod

from parfocal.convert._description import CANONICAL

__all__ = ["Five", "grid_of", "repack_shard", "shards_of", "transcode_shard"]

Five = tuple[int, int, int, int, int]
SHARD_BYTES = 64 * 2**20
MOST_CHUNKS = 2**14
"""Of a shard: its index is read whole."""
GROWTH = "xyzt"
"""A shard holds whole planes first, then whole stacks, then timepoints; never two channels."""


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
