"""Read the index of a shard file: which chunks it holds, and whether it is whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from numpy.typing import NDArray

ABSENT = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class ChunkKeys:
    """Where the files of an array's chunks (its shards, when it has some) lie."""

    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    separator: str
    prefix: str

    def position(self, relative: str) -> tuple[int, ...] | None:
        """Which chunk a file is, from its path inside the array; None when it is none."""
        if not relative.startswith(self.prefix):
            return None
        words = relative.removeprefix(self.prefix).split(self.separator)
        if len(words) != len(self.shape) or not all(word.isdecimal() for word in words):
            return None
        return tuple(int(word) for word in words)

    def is_inside(self, position: tuple[int, ...]) -> bool:
        """Whether the array reaches as far as this chunk."""
        places = zip(position, self.chunk, self.shape, strict=True)
        return all(number * length < whole for number, length, whole in places)


def read_keys(metadata: Mapping[str, Any]) -> ChunkKeys:
    """Where the chunk files of an array lie, of either Zarr format."""
    shape = tuple(metadata["shape"])
    if metadata["zarr_format"] == 2:
        chunk = tuple(metadata["chunks"])
        return ChunkKeys(shape, chunk, metadata.get("dimension_separator", "."), "")
    encoding = metadata.get("chunk_key_encoding") or {}
    name = encoding.get("name", "default")
    separator = encoding.get("configuration", {}).get(
        "separator", "/" if name == "default" else "."
    )
    chunk = tuple(metadata["chunk_grid"]["configuration"]["chunk_shape"])
    return ChunkKeys(shape, chunk, separator, f"c{separator}" if name == "default" else "")


@dataclass(frozen=True, slots=True)
class Sharding:
    """How an array is sharded, as far as an index needs it."""

    shape: tuple[int, ...]
    shard: tuple[int, ...]
    inner: tuple[int, ...]
    at_end: bool
    checksum: bool
    separator: str
    prefix: str

    @property
    def chunks(self) -> tuple[int, ...]:
        """Inner chunks of a shard along each dimension."""
        return tuple(whole // part for whole, part in zip(self.shard, self.inner, strict=True))

    @property
    def index_bytes(self) -> int:
        """The size of the index."""
        return 16 * prod(self.chunks) + (4 if self.checksum else 0)

    def position(self, relative: str) -> tuple[int, ...] | None:
        """Which shard a file is, from its path inside the array; None when it is none."""
        return ChunkKeys(self.shape, self.shard, self.separator, self.prefix).position(relative)


def read_sharding(metadata: Mapping[str, Any]) -> Sharding | None:
    """The sharding of an array; None when it has none, or one whose index is encoded unusually."""
    codecs = metadata.get("codecs") or []
    if len(codecs) != 1 or codecs[0].get("name") != "sharding_indexed":
        return None
    configuration = codecs[0]["configuration"]
    names = [codec.get("name") for codec in configuration.get("index_codecs", [])]
    if names not in (["bytes"], ["bytes", "crc32c"]):
        return None
    keys = read_keys(metadata)
    return Sharding(
        shape=keys.shape,
        shard=keys.chunk,
        inner=tuple(configuration["chunk_shape"]),
        at_end=configuration.get("index_location", "end") == "end",
        checksum=len(names) == 2,
        separator=keys.separator,
        prefix=keys.prefix,
    )


def read_index(file: Path, sharding: Sharding) -> tuple[NDArray[np.bool_] | None, str]:
    """Which chunks a shard holds, shaped like its grid; or None and what is wrong with the file."""
    entries, size, problem = _entries(file, sharding)
    return (None, problem) if entries is None else _decode(entries, size, sharding)


def locate_chunks(file: Path, sharding: Sharding) -> tuple[NDArray[np.int64] | None, str]:
    """Number, offset and length of each chunk that a shard holds; or None and what is wrong."""
    entries, size, problem = _entries(file, sharding)
    if entries is None:
        return None, problem
    present, problem = _decode(entries, size, sharding)
    if present is None:
        return None, problem
    numbers = np.flatnonzero(present)
    return np.column_stack([numbers, entries[numbers].astype(np.int64)]), ""


def _entries(file: Path, sharding: Sharding) -> tuple[NDArray[np.uint64] | None, int, str]:
    """The offset and length of every chunk, and the size of the file."""
    size = file.stat().st_size
    length = sharding.index_bytes
    if size < length:
        return None, size, f"it has {size} bytes, fewer than its index needs ({length})"
    with file.open("rb") as shard:
        shard.seek(size - length if sharding.at_end else 0)
        raw = shard.read(length)
    if sharding.checksum:
        told = int.from_bytes(raw[-4:], "little")
        if google_crc32c.value(raw[:-4]) != told:
            return None, size, "the checksum of its index is wrong: it was cut short or altered"
        raw = raw[:-4]
    return np.frombuffer(raw, dtype="<u8").reshape(-1, 2), size, ""


def _decode(
    entries: NDArray[np.uint64], size: int, sharding: Sharding
) -> tuple[NDArray[np.bool_] | None, str]:
    offsets, lengths = entries[:, 0], entries[:, 1]
    present = ~((offsets == ABSENT) & (lengths == ABSENT))
    starts, counts = offsets[present], lengths[present]
    last = size - sharding.index_bytes if sharding.at_end else size
    # a difference, since a sum of two altered numbers may wrap around
    outside = (starts > last) | (counts > last) | (starts > last - np.minimum(counts, last))
    if outside.any():
        return None, f"{int(outside.sum())} of its chunks lie outside the file of {size} bytes"
    return present.reshape(_as_shape(sharding.chunks)), ""


def _as_shape(chunks: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(number) for number in chunks)
