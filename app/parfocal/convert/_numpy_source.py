"""Read arrays that NumPy saved: `.npy`, and the largest or the named one of an `.npz`."""

import zlib
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._axes import axes_of
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    canonical_shape,
)
from parfocal.convert._errors import ConvertError
from parfocal.convert._raw_pixels import RawPixels
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.store import ChannelInfo

__all__ = ["NumpySource"]

# a header of NumPy's is a piece of Python, and an .npz an archive of any version
UNREADABLE = (
    ValueError, OSError, EOFError, KeyError, RuntimeError, SyntaxError, TypeError,
    BadZipFile, TokenError, zlib.error,
)  # fmt: skip


class NumpySource:
    """One array; of an `.npy` only what is asked for is read."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._note = ""
        self._raw: RawPixels | None = None
        self._turned = False
        try:
            self._array = self._opened()
        except UNREADABLE as problem:
            raise ConvertError(f"{path} cannot be read as NumPy's: {problem}") from problem

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """By its ending."""
        return path.is_file() and path.suffix.lower() in (".npy", ".npz")

    def describe(self) -> Found:
        """The array, with axes and a voxel size that a person has to look at."""
        axes, how = axes_of(self._array.shape, self._wishes.axes, str(self.path))
        guessed = [note for note in (self._note, how) if note]
        voxel, source = self._wishes.voxel_um, "asked for"
        if voxel is None:
            voxel, source = (1.0, 1.0, 1.0), "default"
            guessed.append(UNKNOWN_SIZE)
        name = self.path.stem
        count = canonical_shape(axes, self._array.shape)[1]
        image = FoundImage(
            path="array",
            name=name,
            levels=(FoundArray("", axes, self._array.shape, self._array.dtype.str, voxel),),
            channels=tuple(ChannelInfo(f"channel {number}") for number in range(count)),
            voxel_um=voxel,
            voxel_source=source,
            guessed_axes=("z", "y", "x") if source == "default" else (),
        )
        return Found("NumPy", name, (image,), guessed=tuple(guessed))

    def identity(self) -> str:
        """Size and time of the file."""
        facts = self.path.stat()
        return f"{facts.st_size}\0{facts.st_mtime_ns}"

    def encoded(self, _key: str) -> Encoded | str:
        """It has no chunks."""
        return "an array of NumPy has no chunks"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks")

    def preferred_chunk(self, _key: str) -> tuple[int, ...]:
        """Any part is as good as another."""
        return tuple(1 for _ in self._array.shape)

    def read(self, _key: str, region: Region) -> NDArray[Any]:
        """A copy of a region."""
        if self._raw is None:
            return np.array(self._array[region])
        if self._turned:
            return self._raw.read(region[::-1]).transpose()
        return self._raw.read(region)

    def close(self) -> None:
        """Let go of the file."""
        del self._array

    def _opened(self) -> NDArray[Any]:
        if self.path.suffix.lower() == ".npy":
            mapped: np.memmap[Any, Any] = np.load(self.path, mmap_mode="r", allow_pickle=False)
            self._turned = not mapped.flags.c_contiguous
            shape = mapped.shape[::-1] if self._turned else mapped.shape
            self._raw = RawPixels(self.path, mapped.dtype, mapped.offset, shape)
            return mapped
        with self.path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            wished = self._wishes.array
            if wished is not None:
                if wished not in archive.files:
                    names = ", ".join(archive.files[:8])
                    raise ConvertError(f"{self.path} holds no array {wished!r}; it has: {names}")
                named: NDArray[Any] = archive[wished]
                return named
            arrays: dict[str, NDArray[Any]] = {name: archive[name] for name in archive.files}
        if not arrays:
            raise ConvertError(f"{self.path} holds no array")
        largest = max(arrays, key=lambda name: (prod(arrays[name].shape), name))
        if len(arrays) > 1:
            self._note = f"the largest of its {len(arrays)} arrays was taken: {largest}"
        return arrays[largest]
