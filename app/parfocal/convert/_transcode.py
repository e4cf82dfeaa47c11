"""Decode a shard's pixels, write them in the codecs of a recording, and compare them when read."""

from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import Planned
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source

__all__ = ["Target", "transcode"]

# nothing is kept: what is compared has come from the disk
CONTEXT = {"cache_pool": {"total_bytes_limit": 0}, "file_io_sync": False}


class Target:
    """The arrays of the new store, opened once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._context = ts.Context(CONTEXT)
        self._arrays: dict[str, Any] = {}

    def array(self, path: str) -> Any:
        """The array at a path of the store, to be written and read."""
        if path not in self._arrays:
            kvstore = {"driver": "file", "path": f"{(self.root / path).as_posix()}/"}
            spec = {"driver": "zarr3", "kvstore": kvstore}
            self._arrays[path] = ts.open(
                spec, open=True, read=True, write=True, context=self._context
            ).result()
        return self._arrays[path]


def transcode(
    source: Source, number: int, array: Planned, shard: tuple[int, ...], target: Target
) -> ShardDone:
    """Write one shard as a whole and compare every pixel of it with the source's."""
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
