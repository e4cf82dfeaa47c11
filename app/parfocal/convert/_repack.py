"""Take the chunks of a shard over as they are: put in a row, a checksum behind each, an index."""

from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path

import google_crc32c

from parfocal.convert._beside import ALONE, Beside
from parfocal.convert._description import CANONICAL
from parfocal.convert._plan import ArrayPlan
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._shard_file import packed, shard_file
from parfocal.convert._source import Source

__all__ = ["repack"]


def repack(
    source: Source,
    number: int,
    array: ArrayPlan,
    shard: tuple[int, ...],
    root: Path,
    beside: Beside = ALONE,
) -> ShardDone:
    """Write one shard and compare what lies on the disk with the source's bytes."""
    file = root / array.path / "c" / "/".join(str(n) for n in shard)
    checksummed = array.encoded is not None and array.encoded.checksummed
    key = array.source.key
    source_crc = 0
    with shard_file(file, prod(array.layout.across), flushed=beside.flushed) as written:
        for slot, position in _positions(array, shard):
            beside.between()
            raw = source.chunk(key, position)
            if raw is None:
                continue
            told = packed(google_crc32c.value(raw))
            source_crc = google_crc32c.extend(source_crc, told)
            if checksummed:
                written.add(slot, raw)
            else:
                written.add(slot, raw, told)
            del raw  # before the next one is read: it may be large
    return ShardDone(number, shard, written.size, source_crc, written.crc)


def _positions(array: ArrayPlan, shard: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The chunks of a shard that the array reaches: their slot, and where the source has them."""
    layout = array.layout
    across = layout.across
    inside = [
        range(n * per, min((n + 1) * per, -(-whole // length)))
        for n, per, whole, length in zip(shard, across, layout.shape, layout.chunk, strict=True)
    ]
    axes = [CANONICAL.index(axis) for axis in array.source.axes]
    first = [n * per for n, per in zip(shard, across, strict=True)]
    weight = [prod(across[axis + 1 :]) for axis in range(len(across))]
    for place in product(*inside):
        slot = sum((n - start) * each for n, start, each in zip(place, first, weight, strict=True))
        yield slot, tuple([place[axis] for axis in axes])
