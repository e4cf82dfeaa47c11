"""Read regions of an array that lies uncompressed in a file, in C order."""

from collections.abc import Sequence
from io import FileIO
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._errors import SourceDamaged
from parfocal.convert._source import Region

__all__ = ["RawPixels"]


class RawPixels:
    """An array in a file; read by many threads at once.

    Not mapped into memory: pages of a mapped file count as memory of the process (of a TIFF of
    2.1 GB all of it), and a file that is cut short meanwhile kills it.
    """

    def __init__(
        self, file: Path, dtype: "np.dtype[Any]", start: int, shape: Sequence[int]
    ) -> None:
        self._file, self._dtype, self._start, self._shape = file, dtype, start, tuple(shape)
        need = start + prod(self._shape) * dtype.itemsize
        if (size := file.stat().st_size) < need:
            raise SourceDamaged(f"{file} has {size} bytes and needs {need}")

    def read(self, region: Region) -> NDArray[Any]:
        """A region, run by run of what lies in a row."""
        result = np.empty([part.stop - part.start for part in region], self._dtype)
        if not result.size:
            return result
        try:
            self._read(region, result)
        except OSError as problem:
            raise SourceDamaged(f"{self._file} cannot be read: {problem.strerror}") from problem
        return result

    def _read(self, region: Region, result: NDArray[Any]) -> None:
        # the axes behind `last` are whole, and it is in one piece
        last = len(region) - 1
        while last > 0 and region[last] == slice(0, self._shape[last]):
            last -= 1
        steps = [prod(self._shape[n + 1 :]) for n in range(len(region))]
        flat = result.reshape(-1).view(np.uint8).data
        length = prod(result.shape[last:]) * self._dtype.itemsize
        done = 0
        with self._file.open("rb", buffering=0) as stream:
            for place in product(*(range(part.start, part.stop) for part in region[:last])):
                first = (*place, region[last].start)
                pixel = sum(n * step for n, step in zip(first, steps, strict=False))
                stream.seek(self._start + pixel * self._dtype.itemsize)
                self._fill(stream, flat[done : done + length])
                done += length

    def _fill(self, stream: FileIO, into: memoryview) -> None:
        while into:
            count = stream.readinto(into)
            if not count:
                raise SourceDamaged(f"{self._file} was cut short while it was read")
            into = into[count:]
