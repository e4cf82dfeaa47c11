"""Read one array of an N5 container, whose axes begin with x: the one named, else the largest."""

import os
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._axes import axes_of
from parfocal.convert._bdv_data import n5_attributes, open_n5
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    canonical_shape,
)
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import ChannelInfo

__all__ = ["N5Source"]


class N5Source:
    """A container of N5, or an array in one."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._arrays: dict[str, Any] = {}

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """Whether a folder says that it is N5."""
        if not path.is_dir():
            return False
        told = n5_attributes(path)
        return path.suffix.lower() == ".n5" or "n5" in told or "dimensions" in told

    def describe(self) -> Found:
        """The array, with axes and a voxel size that a person has to look at."""
        key, guessed = self._chosen()
        shape = tuple(reversed(self._array(key).shape))
        wished = None if self._wishes.axes is None else self._wishes.axes
        axes, how = axes_of(shape, wished, str(self.path / key))
        guessed += [how] if how else []
        voxel, source = self._wishes.voxel_um, "asked for"
        if voxel is None:
            voxel, source = (1.0, 1.0, 1.0), "default"
            guessed.append(UNKNOWN_SIZE)
        count = canonical_shape(axes, shape)[1]
        dtype = np.dtype(self._array(key).dtype.numpy_dtype).str
        image = FoundImage(
            path=key,
            name=self.path.stem,
            levels=(FoundArray(key, axes, shape, dtype, voxel),),
            channels=tuple(ChannelInfo(f"channel {number}") for number in range(count)),
            voxel_um=voxel,
            voxel_source=source,
            guessed_axes=("z", "y", "x") if source == "default" else (),
        )
        legacy = {key or "/": n5_attributes(self.path / key)}
        return Found("N5", self.path.stem, (image,), legacy=legacy, guessed=tuple(guessed))

    def identity(self) -> str:
        """Names, sizes and times of all its files."""
        return tree_identity(self.path)

    def encoded(self, _key: str) -> Encoded | str:
        """Its blocks have heads of their own."""
        return "blocks of N5 are decoded"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none that could be taken over."""
        raise ConvertError(f"{self.path} has no chunks of Zarr")

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """A block."""
        return tuple(reversed(self._array(key).chunk_layout.read_chunk.shape))

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels, the last axis x."""
        try:
            pixels = np.asarray(self._array(key).T[tuple(region)].read().result())
        except ValueError as problem:
            first = str(problem).splitlines()[0]
            raise SourceDamaged(f"{self.path / key} cannot be read: {first}") from problem
        return pixels

    def close(self) -> None:
        """Nothing stays open."""
        self._arrays.clear()

    def _array(self, key: str) -> Any:
        if key not in self._arrays:
            self._arrays[key] = open_n5(self.path / key)
        return self._arrays[key]

    def _chosen(self) -> tuple[str, list[str]]:
        found = dict(_arrays(self.path))
        wished = self._wishes.array
        if wished is not None:
            key = wished.strip("/")
            if key not in found:
                names = ", ".join(sorted(found)[:8]) or "none"
                raise ConvertError(f"{self.path} holds no array {wished!r}; it has: {names}")
            return key, []
        if not found:
            raise ConvertError(f"{self.path} is a container of N5, but holds no array")
        key = max(found, key=lambda one: (found[one], one))
        if len(found) == 1:
            return key, []
        return key, [f"the largest of its {len(found)} arrays was taken: {key}"]


def _arrays(root: Path) -> Iterator[tuple[str, int]]:
    """The paths of all arrays and how many pixels they have."""
    waiting = [""]
    while waiting:
        path = waiting.pop()
        dimensions = n5_attributes(root / path).get("dimensions")
        if isinstance(dimensions, list):
            yield path, prod(int(n) for n in dimensions)
            continue
        with os.scandir(root / path) as entries:
            inside = sorted(entry.name for entry in entries if entry.is_dir())
        waiting += [f"{path}/{name}" if path else name for name in reversed(inside)]
