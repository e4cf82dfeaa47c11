"""Open the views of BigDataViewer's HDF5 files and N5 folders: z, y, x, by setup and timepoint."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.convert._damaged_hdf5 import DAMAGED_HDF5
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._hdf5_chunks import read_dataset

__all__ = ["BdvData", "Hdf5Views", "N5Views"]

Shape = tuple[int, int, int]
REFUSED_CODECS = ("lz4", "jpeg")


class BdvData(Protocol):
    """What holds the pixels."""

    def levels(self, setup: int) -> list[tuple[int, int, int]]:
        """How much coarser each level is than the first, z, y, x."""

    def facts(self, setup: int, timepoint: int, level: int) -> tuple[Shape, str] | None:
        """Shape and pixel type of a view; None when nothing was ever written to it."""

    def unwritten(self, setup: int, timepoint: int) -> list[int]:
        """The planes of a view's finest level of which not one block was written."""

    def chunk(self, setup: int, timepoint: int, level: int) -> Shape:
        """What is decoded at once."""

    def read(
        self, setup: int, timepoint: int, level: int, region: tuple[slice, ...]
    ) -> NDArray[Any]:
        """A region, decoded."""

    def close(self) -> None:
        """Let go of the files."""


class Hdf5Views:
    """`t00000/s00/0/cells`; 16 bits are unsigned, whatever the file says: BDV's own writer says
    signed."""

    def __init__(self, path: Path) -> None:
        import h5py

        self._path = path
        try:
            self._file = h5py.File(path, "r")
        except OSError as problem:
            raise ConvertError(f"{path} is no HDF5 file that can be read: {problem}") from problem

    def levels(self, setup: int) -> list[tuple[int, int, int]]:
        told = self._file.get(f"s{setup:02}/resolutions")
        if told is None:
            return [(1, 1, 1)]
        return [(round(z), round(y), round(x)) for x, y, z in np.asarray(told).tolist()]

    def facts(self, setup: int, timepoint: int, level: int) -> tuple[Shape, str] | None:
        found = self._dataset(setup, timepoint, level)
        if found is None or found.id.get_storage_size() == 0:
            return None
        z, y, x = found.shape
        return (z, y, x), _unsigned(found.dtype).str

    def unwritten(self, setup: int, timepoint: int) -> list[int]:
        found = self._dataset(setup, timepoint, 0)
        if found is None or found.chunks is None:
            return []
        count = found.id.get_num_chunks()
        starts = {found.id.get_chunk_info(number).chunk_offset[0] for number in range(count)}
        return _planes_without(starts, found.chunks[0], found.shape[0])

    def chunk(self, setup: int, timepoint: int, level: int) -> Shape:
        found = self._dataset(setup, timepoint, level)
        z, y, x = (1, 1, 1) if found is None or found.chunks is None else found.chunks
        return z, y, x

    def read(
        self, setup: int, timepoint: int, level: int, region: tuple[slice, ...]
    ) -> NDArray[Any]:
        found = self._dataset(setup, timepoint, level)
        try:
            pixels = read_dataset(found, region)
        except DAMAGED_HDF5 as problem:
            what = f"{self._path}: t{timepoint:05}/s{setup:02}/{level}/cells"
            raise SourceDamaged(f"{what} cannot be read: {problem}") from problem
        return pixels.view(_unsigned(pixels.dtype))

    def close(self) -> None:
        self._file.close()

    def _dataset(self, setup: int, timepoint: int, level: int) -> Any:
        return self._file.get(f"t{timepoint:05}/s{setup:02}/{level}/cells")


class N5Views:
    """`setup0/timepoint0/s0`, x first; read by TensorStore, since zarr-python 3 knows no N5."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[tuple[int, int, int], Any] = {}

    def levels(self, setup: int) -> list[tuple[int, int, int]]:
        told = n5_attributes(self._path / f"setup{setup}").get("downsamplingFactors")
        if not isinstance(told, list) or not told:
            return [(1, 1, 1)]
        return [(round(z), round(y), round(x)) for x, y, z in told]

    def facts(self, setup: int, timepoint: int, level: int) -> tuple[Shape, str] | None:
        folder = self._folder(setup, timepoint, level)
        if not (folder / "attributes.json").is_file() or not has_payload(folder):
            return None
        array = self._array(setup, timepoint, level)
        x, y, z = array.shape
        return (z, y, x), str(np.dtype(array.dtype.numpy_dtype).str)

    def unwritten(self, setup: int, timepoint: int) -> list[int]:
        folder = self._folder(setup, timepoint, 0)
        told = n5_attributes(folder)
        thick = int(told["blockSize"][2])
        blocks = folder.glob("*/*/*")  # x, y, z
        starts = {int(block.name) * thick for block in blocks if block.name.isdecimal()}
        return _planes_without(starts, thick, int(told["dimensions"][2]))

    def chunk(self, setup: int, timepoint: int, level: int) -> Shape:
        x, y, z = self._array(setup, timepoint, level).chunk_layout.read_chunk.shape
        return z, y, x

    def read(
        self, setup: int, timepoint: int, level: int, region: tuple[slice, ...]
    ) -> NDArray[Any]:
        array = self._array(setup, timepoint, level)
        try:
            pixels = np.asarray(array.T[tuple(region)].read().result())
        except ValueError as problem:
            folder = self._folder(setup, timepoint, level)
            first = str(problem).splitlines()[0]
            raise SourceDamaged(f"{folder} cannot be read: {first}") from problem
        return pixels

    def close(self) -> None:
        self._arrays.clear()

    def _folder(self, setup: int, timepoint: int, level: int) -> Path:
        return self._path / f"setup{setup}" / f"timepoint{timepoint}" / f"s{level}"

    def _array(self, setup: int, timepoint: int, level: int) -> Any:
        key = setup, timepoint, level
        if key not in self._arrays:
            self._arrays[key] = open_n5(self._folder(*key))
        return self._arrays[key]


def open_n5(folder: Path) -> Any:
    """An array of N5, x first."""
    told = n5_attributes(folder)
    codec = told.get("compression")
    kind = codec.get("type") if isinstance(codec, dict) else told.get("compressionType")
    if kind in REFUSED_CODECS:
        raise ConvertError(f"{folder} is compressed with {kind}, which cannot be read")
    context = ts.Context({"cache_pool": {"total_bytes_limit": 0}})
    kvstore = {"driver": "file", "path": f"{folder.as_posix()}/"}
    try:
        return ts.open(
            {"driver": "n5", "kvstore": kvstore}, open=True, read=True, context=context
        ).result()
    except ValueError as problem:
        raise ConvertError(
            f"{folder} cannot be opened: {str(problem).splitlines()[0]}"
        ) from problem


def n5_attributes(folder: Path) -> dict[str, Any]:
    """What a group or an array says; nothing where it says nothing."""
    file = folder / "attributes.json"
    if not file.is_file():
        return {}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ConvertError(f"{file} cannot be read: {problem}") from problem
    return told if isinstance(told, dict) else {}


def has_payload(folder: Path) -> bool:
    """Whether one block was ever written: a placeholder reads as zeros."""
    return any(file.is_file() for file in folder.rglob("*") if file.name.isdecimal())


def _planes_without(starts: Collection[int], thick: int, depth: int) -> list[int]:
    """Planes that lie in none of the blocks that begin there."""
    return [z for z in range(depth) if z // thick * thick not in starts]


def _unsigned(dtype: "np.dtype[Any]") -> "np.dtype[Any]":
    return np.dtype(f"{dtype.byteorder}u2") if dtype.kind == "i" and dtype.itemsize == 2 else dtype
