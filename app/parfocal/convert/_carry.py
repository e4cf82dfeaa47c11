"""Write an array that is no image as TensorStore does, and compare it when it is read."""

from typing import Any

import google_crc32c
import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.convert._carried import CarriedPlan
from parfocal.convert._errors import ConvertError
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source
from parfocal.convert._target import Target

__all__ = ["carry"]


def carry(
    source: Source, number: int, array: CarriedPlan, shard: tuple[int, ...], target: Target
) -> ShardDone:
    """Write one chunk, which is a file, and compare every pixel of it with the source's."""
    block = array.block(shard)
    pixels = array.ordered(source.read(array.source.key, array.region(block)), block)
    opened = target.array(array.path)
    file = target.root / array.path / "c" / "/".join(str(n) for n in shard)
    try:
        transaction: Any = ts.Transaction()
        opened.with_transaction(transaction)[block].write(pixels).copy.result()
        transaction.commit_async().result()
        back = np.asarray(opened[block].read().result())
    except ValueError as problem:
        raise ConvertError(f"{file} cannot be written: {_first_line(problem)}") from problem
    # as bytes: nan is not nan, and -0 is 0
    if not np.array_equal(_bits(back), _bits(pixels)):
        raise ConvertError(f"{file} does not hold the pixels that were written to it")
    crc = google_crc32c.value(np.ascontiguousarray(pixels).reshape(-1).view(np.uint8))
    if not file.is_file():
        return ShardDone(number, shard, 0, crc, 0)
    payload = file.read_bytes()
    return ShardDone(number, shard, len(payload), crc, google_crc32c.value(payload))


def _bits(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(pixels).view(f"u{pixels.dtype.itemsize}")


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0][:300]
