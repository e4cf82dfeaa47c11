"""See which planes of an array are really on the disk, from its shards' indices alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parfocal.store._files import read_json
from parfocal.store._shard_index import Sharding, read_index, read_sharding

METADATA_FILES = {"zarr.json", ".zarray", ".zattrs", ".zgroup"}


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A file of an array: which planes it holds, or what is wrong with it."""

    path: Path
    block: tuple[slice, ...]
    planes: "NDArray[np.bool_] | None"
    problem: str
    is_chunk: bool = True


def sharding_of(array: Path) -> Sharding | None:
    """The sharding of the array at this path; None when it has none."""
    file = array / "zarr.json"
    return read_sharding(read_json(file)) if file.is_file() else None


def chunk_files(array: Path) -> list[Path]:
    """Every file of an array but its metadata and locks."""
    return [
        file
        for file in sorted(array.rglob("*"))
        if file.is_file() and file.name not in METADATA_FILES and "__lock" not in file.name
    ]


def shard_files(array: Path, sharding: Sharding, files: list[Path]) -> Iterator[ShardFile]:
    """Open the index of every shard."""
    for file in files:
        position = sharding.position(file.relative_to(array).as_posix())
        if position is None:
            yield ShardFile(file, (), None, "it is no chunk of this array", is_chunk=False)
            continue
        present, problem = read_index(file, sharding)
        if present is None:
            yield ShardFile(file, (), None, problem)
            continue
        # a plane is there when all its chunks are
        planes: NDArray[np.bool_] = np.logical_and.reduce(present, axis=(-2, -1))
        block = tuple(
            slice(number * length, number * length + length)
            for number, length in zip(position, planes.shape, strict=False)
        )
        yield ShardFile(file, block, planes, "")


def mark_planes(found: "NDArray[np.bool_]", shard: ShardFile) -> None:
    """Mark a shard's planes in `found`, shaped as the array without y and x."""
    if shard.planes is None:
        return
    target = found[shard.block]
    target |= shard.planes[tuple(slice(0, length) for length in target.shape)]


def present_planes(array: Path) -> "NDArray[np.bool_]":
    """Which whole planes of a sharded array are on the disk, shaped as it is without y and x."""
    sharding = sharding_of(array)
    if sharding is None:
        return np.zeros((0, 0, 0), dtype=np.bool_)
    found = np.zeros(sharding.shape[:-2], dtype=np.bool_)
    for shard in shard_files(array, sharding, chunk_files(array)):
        mark_planes(found, shard)
    return found
