"""Decode a shard's pixels, write them in the codecs of a recording, and compare what these hold.

Block by block as the source decodes them: a shard takes the memory of a block.
"""

from math import prod
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from parfocal.convert._beside import ALONE, Beside
from parfocal.convert._blocks import Region5, chunks_of
from parfocal.convert._chunk_codec import ChunkCodec, Tile
from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import ArrayPlan
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._shard_file import packed, shard_file
from parfocal.convert._source import Source
from parfocal.convert._target import Target

__all__ = ["transcode"]


def transcode(
    source: Source,
    number: int,
    array: ArrayPlan,
    shard: tuple[int, ...],
    target: Target,
    beside: Beside = ALONE,
) -> ShardDone:
    """Write one shard as a whole and compare every pixel of it with the source's."""
    layout = array.layout
    file = target.root / array.path / "c" / "/".join(str(n) for n in shard)
    dtype = np.dtype(layout.dtype)
    codec = ChunkCodec(layout.codecs)
    tile, back, last = (np.empty(layout.chunk, dtype) for _ in range(3))
    sums = np.zeros(prod(layout.across), "<u4")
    place: Region5 | None = None
    shows = beside.shows(array)
    with shard_file(file, len(sums), flushed=beside.flushed) as written:
        for block in array.blocks(shard):
            beside.between()
            pixels = array.ordered(source.read(array.source.key, array.region(block)), block)
            for chunk in chunks_of(layout, shard, block):
                _fill(tile, pixels[chunk.within])
                if shows:
                    beside.show(array, chunk.place, tile)
                bits = _bits(tile)
                sums[chunk.slot] = google_crc32c.value(bits.view(np.uint8))
                if not bits.any():
                    continue  # the fill value need not be there
                encoded = codec.encode(tile)
                codec.decode(encoded, back)
                # as bits: nan is not nan, and -0 is 0
                if not np.array_equal(_bits(back), bits):
                    raise ConvertError(f"{file} would not hold the pixels of its source")
                written.add(chunk.slot, encoded, packed(google_crc32c.value(encoded)))
                place, last, tile = chunk.place, tile, last
    if place is not None:
        _ask_another_reader(target.array(array.path), place, last, file)
    crc = google_crc32c.value(sums.view(np.uint8))
    return ShardDone(number, shard, written.size, crc, written.crc)


def _fill(tile: Tile, pixels: NDArray[Any]) -> None:
    """The pixels as the target has them; behind the end of the array there are zeros."""
    if tile.shape != pixels.shape:
        tile.fill(0)
    tile[tuple(slice(length) for length in pixels.shape)] = pixels


def _ask_another_reader(array: Any, place: Region5, tile: Tile, file: Path) -> None:
    """What we read could be as wrong as what we write: TensorStore must find the last chunk."""
    try:
        found = np.asarray(array[place].read().result())
    except ValueError as problem:
        first = str(problem).splitlines()[0][:300]
        raise ConvertError(f"{file} cannot be read: {first}") from problem
    wanted = tile[tuple(slice(length) for length in found.shape)]
    if not np.array_equal(_bits(found), _bits(wanted)):
        raise ConvertError(f"{file} does not hold the pixels that were written to it")


def _bits(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(pixels).reshape(-1).view(f"u{pixels.dtype.itemsize}")
