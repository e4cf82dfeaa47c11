"""Read a Zarr v3 array: regions by TensorStore, chunks as they lie where they are files."""

import os
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.convert._chunk_words import fault_of
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._source import Encoded, Region
from parfocal.convert._zarr2 import refuse_lengths, stored_chunk, zarr_metadata

__all__ = ["Zarr3Array"]

KEPT = ("blosc", "zstd", "gzip")


class Zarr3Array:
    """One array; read by many threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._told = zarr_metadata(folder / "zarr.json")
        try:
            self.shape = tuple(int(n) for n in self._told["shape"])
            self.dtype = np.dtype(self._told["data_type"])
            grid = self._told["chunk_grid"]["configuration"]["chunk_shape"]
            self._outer = tuple(int(n) for n in grid)
            self._codecs = list(self._told["codecs"])
            refuse_lengths(self.shape, self._outer, self.dtype.itemsize)
        except (KeyError, TypeError, ValueError, OverflowError) as problem:
            raise ConvertError(f"{folder / 'zarr.json'} makes no sense: {problem!r}") from problem
        self._names = self._naming()
        kvstore = {"driver": "file", "path": f"{folder.as_posix()}/"}
        context = ts.Context({"cache_pool": {"total_bytes_limit": 0}})
        try:
            self._array = ts.open(
                {"driver": "zarr3", "kvstore": kvstore}, open=True, read=True, context=context
            ).result()
        except ValueError as problem:
            raise ConvertError(f"{folder} cannot be opened: {problem}") from problem

    @property
    def chunk(self) -> tuple[int, ...]:
        """What is decoded at once."""
        if self._codecs[0].get("name") == "sharding_indexed":
            return tuple(int(n) for n in self._codecs[0]["configuration"]["chunk_shape"])
        return self._outer

    def encoded(self) -> Encoded | str:
        """How its chunks lie, or why they must be decoded."""
        names = [str(codec.get("name")) for codec in self._codecs]
        if names[0] == "sharding_indexed":
            return "its chunks lie in shards of their own"
        rest = list(self._codecs)
        order = tuple(range(len(self.shape)))
        if names[0] == "transpose":
            told = rest.pop(0)["configuration"]["order"]
            if not isinstance(told, list):  # a letter, in early stores
                return f"the order of its axes is told as {told!r}"
            order = tuple(int(n) for n in told)
        if not rest or rest[0].get("name") != "bytes":
            return f"its codecs {', '.join(names)} cannot be taken over"
        endian = (rest.pop(0).get("configuration") or {}).get("endian", "little")
        checksummed = bool(rest) and rest[-1].get("name") == "crc32c"
        inner = rest[:-1] if checksummed else rest
        if any(codec.get("name") not in KEPT for codec in inner):
            return f"its codecs {', '.join(names)} cannot be taken over"
        fill = self._told["fill_value"]
        if isinstance(fill, bool):  # a mask becomes uint8
            fill = int(fill)
        return Encoded(self._outer, order, endian == "big", tuple(rest), fill, checksummed)

    def raw(self, position: tuple[int, ...]) -> bytes | None:
        """A chunk as it is stored; None when it is not there."""
        file = self._file(position)
        if (raw := stored_chunk(file)) is None:
            return None
        if fault := self._fault_of(raw):
            raise SourceDamaged(f"the chunk {file} is damaged: {fault}")
        return raw

    def _fault_of(self, raw: bytes) -> str | None:
        """By its own checksum, and by the words of the one codec that made bytes of pixels."""
        names = [str(codec.get("name")) for codec in self._codecs]
        packing = names[names.index("bytes") + 1 :]
        if packing[-1:] == ["crc32c"]:
            if fault := fault_of(packing.pop(), raw, 0):
                return fault
            raw = raw[:-4]
        if len(packing) > 1:
            return None
        whole = prod(self._outer) * self.dtype.itemsize
        return fault_of(packing[0] if packing else None, raw, whole)

    def read(self, region: Region) -> NDArray[Any]:
        """A region, decoded; what is not there is the fill value."""
        try:
            return np.asarray(self._array[tuple(region)].read().result())
        except ValueError as problem:
            first = str(problem).splitlines()[0]
            raise SourceDamaged(f"{self.folder} cannot be read: {first}") from problem

    def _file(self, position: tuple[int, ...]) -> str:
        start, separator = self._names
        if start:
            return separator.join([f"{self.folder}{os.sep}{start}", *map(str, position)])
        return f"{self.folder}{os.sep}{separator.join(map(str, position or (0,)))}"

    def _naming(self) -> tuple[str, str]:
        """With what the name of a chunk begins, and what stands between its numbers."""
        encoding = self._told.get("chunk_key_encoding") or {}
        name = encoding.get("name", "default")
        told = (encoding.get("configuration") or {}).get("separator")
        return ("c", told or "/") if name == "default" else ("", told or ".")
