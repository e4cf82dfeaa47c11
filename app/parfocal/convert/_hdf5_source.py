"""Read one dataset of an HDF5 file: the one that is named, else the largest."""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._axes import axes_of
from parfocal.convert._damaged_hdf5 import DAMAGED_HDF5
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    canonical_shape,
)
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._hdf5_chunks import read_dataset
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.store import ChannelInfo

__all__ = ["Hdf5Source"]

SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")


class Hdf5Source:
    """An HDF5 file without a layout that is known."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        import h5py

        self.path = path
        self._wishes = wishes
        try:
            self._file = h5py.File(path, "r")
        except OSError as problem:
            raise ConvertError(f"{path} is no HDF5 file that can be read: {problem}") from problem

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """By its ending and its first bytes."""
        if not path.is_file() or path.suffix.lower() not in SUFFIXES:
            return False
        with path.open("rb") as file:
            return file.read(8) == b"\x89HDF\r\n\x1a\n"

    def describe(self) -> Found:
        """The dataset, with axes and a voxel size that a person has to look at."""
        try:
            return self._found()
        except DAMAGED_HDF5 as problem:
            raise ConvertError(f"{self.path} is damaged: {problem}") from problem

    def _found(self) -> Found:
        sizes: dict[str, int] = {}

        def note(name: str, one: Any) -> None:
            if hasattr(one, "shape") and one.dtype.kind in "biuf" and len(one.shape) >= 2:
                sizes[name] = prod(one.shape)

        self._file.visititems(note)
        key, guessed = self._chosen(sizes)
        dataset = self._file[key]
        axes, how = axes_of(dataset.shape, self._wishes.axes, f"{self.path}: {key}")
        guessed += [how] if how else []
        voxel, source = self._wishes.voxel_um, "asked for"
        if voxel is None:
            voxel, source = (1.0, 1.0, 1.0), "default"
            guessed.append(UNKNOWN_SIZE)
        count = canonical_shape(axes, dataset.shape)[1]
        image = FoundImage(
            path=key,
            name=self.path.stem,
            levels=(FoundArray(key, axes, tuple(dataset.shape), dataset.dtype.str, voxel),),
            channels=tuple(ChannelInfo(f"channel {number}") for number in range(count)),
            voxel_um=voxel,
            voxel_source=source,
            guessed_axes=("z", "y", "x") if source == "default" else (),
        )
        legacy = {str(name): _plain(value) for name, value in dataset.attrs.items()}
        told = {key: legacy} if legacy else {}
        return Found("HDF5", self.path.stem, (image,), legacy=told, guessed=tuple(guessed))

    def identity(self) -> str:
        """Size and time of the file."""
        facts = self.path.stat()
        return f"{facts.st_size}\0{facts.st_mtime_ns}"

    def encoded(self, _key: str) -> Encoded | str:
        """Its chunks are decoded."""
        return "chunks of HDF5 are decoded"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none that could be taken over."""
        raise ConvertError(f"{self.path} has no chunks of Zarr")

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """A chunk of the dataset."""
        dataset = self._file[key]
        return tuple(dataset.chunks or (1 for _ in dataset.shape))

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels."""
        try:
            return read_dataset(self._file[key], region)
        except DAMAGED_HDF5 as problem:
            raise SourceDamaged(f"{self.path}: {key} cannot be read: {problem}") from problem

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _chosen(self, sizes: dict[str, int]) -> tuple[str, list[str]]:
        wished = self._wishes.array
        if wished is not None:
            key = wished.strip("/")
            if key not in sizes:
                names = ", ".join(sorted(sizes)[:8]) or "none"
                raise ConvertError(f"{self.path} holds no dataset {wished!r}; it has: {names}")
            return key, []
        if not sizes:
            raise ConvertError(f"{self.path} holds no dataset of pixels")
        key = max(sizes, key=lambda one: (sizes[one], one))
        if len(sizes) == 1:
            return key, []
        return key, [f"the largest of its {len(sizes)} datasets was taken: {key}"]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist() if value.dtype.kind in "biufU" else str(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
