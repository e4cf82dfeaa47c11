"""Read a region of an HDF5 dataset; chunks that gzip compressed are decoded here."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from parfocal.convert._source import Region

__all__ = ["read_dataset"]

LIBDEFLATE: Any = imagecodecs
"""Its types know no arrays."""
DEFLATE, SHUFFLE = 1, 2
Position = tuple[int, ...]


def read_dataset(dataset: Any, region: Region) -> NDArray[Any]:
    """Decoded pixels; an OSError, RuntimeError or ValueError says why there are none.

    HDF5 lets one thread in at a time: 128 MB of gzip took 0.49 s, in which the others waited. Here
    it hands out the chunks as they are, and decoding them takes 0.28 s on any of the threads.
    """
    shuffled = _shuffled(dataset)
    if shuffled is None:
        return np.asarray(dataset[region])
    result = np.empty([part.stop - part.start for part in region], dataset.dtype)
    for position in _chunks(region, dataset.chunks):
        first = tuple(n * length for n, length in zip(position, dataset.chunks, strict=True))
        part = tuple(
            slice(max(one.start, n), min(one.stop, n + length))
            for one, n, length in zip(region, first, dataset.chunks, strict=True)
        )
        into = _moved(part, [one.start for one in region])
        result[into] = _pixels(dataset, first, part, shuffled=shuffled)
    return result


def _shuffled(dataset: Any) -> bool | None:
    """Whether the bytes of its pixels are in another order; None for what is left to HDF5."""
    if dataset.chunks is None:
        return None
    told = dataset.id.get_create_plist()
    filters = [told.get_filter(number)[0] for number in range(told.get_nfilters())]
    if filters == [DEFLATE]:
        return False
    return True if filters == [SHUFFLE, DEFLATE] else None


def _chunks(region: Region, chunk: Position) -> Iterator[Position]:
    return product(
        *(
            range(part.start // length, -(-part.stop // length))
            for part, length in zip(region, chunk, strict=True)
        )
    )


def _pixels(dataset: Any, first: Position, part: Region, *, shuffled: bool) -> Any:
    """A part of the chunk that begins at `first`."""
    if dataset.id.get_chunk_info_by_coord(first).byte_offset is None:
        return dataset.fillvalue
    skipped, raw = dataset.id.read_direct_chunk(first)
    if skipped:  # a filter that did not pay was left out
        return dataset[part]
    dtype, chunk = dataset.dtype, dataset.chunks
    flat = LIBDEFLATE.deflate_decode(
        raw, out=np.empty(prod(chunk) * dtype.itemsize, dtype=np.uint8)
    )
    if shuffled:
        flat = np.ascontiguousarray(flat.reshape(dtype.itemsize, -1).T).reshape(-1)
    return flat.view(dtype).reshape(chunk)[_moved(part, first)]


def _moved(part: Region, by: Any) -> Region:
    return tuple(slice(one.start - n, one.stop - n) for one, n in zip(part, by, strict=True))
