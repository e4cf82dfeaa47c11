"""Check the chunk files of every array: whole shards, and the planes that are promised."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal import counted
from parfocal.store._check_chunks import check_chunks
from parfocal.store._errors import StoreError
from parfocal.store._files import read_json
from parfocal.store._findings import Finding, Severity
from parfocal.store._images import ImagePlace
from parfocal.store._layout import LOCK_SUFFIX
from parfocal.store._ngff import Image
from parfocal.store._planes import name_frame
from parfocal.store._present import METADATA_FILES, ShardFile, mark_planes
from parfocal.store._progress import Between, go_on
from parfocal.store._shard_index import ChunkKeys, Sharding, read_index, read_keys, read_sharding

REPAIR = "restore the file from a copy, or parfocal recover to mark its planes as missing"
DEEP_REPAIR = REPAIR.replace("recover", "recover --deep")  # it doubts every chunk


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be on the disk: any chunk at all, and of a recording which planes (t, c, z)."""

    chunks: Severity | None
    planes: "NDArray[np.bool_] | None" = None
    place: ImagePlace | None = None


def check_array(root: Path, path: str, image: Image, expected: Expected) -> Iterator[Finding]:
    """Check one level of an image: that it opens, its shards' indices, its planes."""
    array = root / path
    try:
        metadata = _metadata(array)
        keys, sharding = read_keys(metadata), read_sharding(metadata)
        _open(array)
    except (StoreError, AttributeError, KeyError, TypeError, ValueError) as senseless:
        message = f"it cannot be opened: {' '.join(str(senseless).split())[:300]}"
        yield Finding(path, "array-metadata", "error", message, "restore its metadata from a copy")
        return
    yield from _dimension_names(path, image, metadata)
    found = np.zeros(keys.shape[:-2], dtype=np.bool_)
    count = 0
    for file, position in chunk_files(array, keys):
        name = file.relative_to(root).as_posix()
        if position is None:
            message = "it is no chunk of this array"
            yield Finding(name, "stray-file", "warning", message, "delete it")
            continue
        count += 1
        try:
            yield from _check_file(file, name, position, sharding, found)
        except OSError as problem:
            message = f"it cannot be read: {problem.strerror}"
            yield Finding(name, "unreadable", "error", message, REPAIR)
    if expected.chunks and 0 in keys.shape:
        message = f"its shape is {list(keys.shape)}, so it holds no pixel"
        yield Finding(path, "no-pixels", expected.chunks, message, "restore it from a copy")
        return
    if not count and expected.chunks:
        message = "not one of its chunks is there, so it reads as an empty picture"
        yield Finding(path, "no-chunks", expected.chunks, message, "restore the chunks from a copy")
        return
    if expected.planes is not None and sharding is not None:
        yield from _broken_promises(path, expected, found)


def decode_array(root: Path, path: str, between: Between = go_on) -> Iterator[Finding]:
    """Decode every chunk that is there; those that cannot be are named file by file."""
    array = root / path
    try:
        keys = read_keys(_metadata(array))
        opened = _open(array)
    except (StoreError, AttributeError, KeyError, TypeError, ValueError):
        return  # the check of the array says so
    for file, position in chunk_files(array, keys):
        if position is None:
            continue
        problems = check_chunks(opened, keys, position, between)
        if problems:
            name = file.relative_to(root).as_posix()
            more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
            message = f"the chunk at {problems[0]}{more} cannot be decoded"
            yield Finding(name, "chunk-unreadable", "error", message, DEEP_REPAIR)


def chunk_files(array: Path, keys: ChunkKeys) -> Iterator[tuple[Path, tuple[int, ...] | None]]:
    """Each file of an array with its position, one by one; None for one that is no chunk."""
    waiting = [str(array)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name not in METADATA_FILES and not entry.name.endswith(LOCK_SUFFIX):
                    relative = Path(entry.path).relative_to(array).as_posix()
                    position = keys.position(relative)
                    inside = position is not None and keys.is_inside(position)
                    yield Path(entry.path), position if inside else None


def _metadata(array: Path) -> dict[str, Any]:
    current = array / "zarr.json"
    return read_json(current if current.is_file() else array / ".zarray")


def _open(array: Path) -> Any:
    driver = "zarr3" if (array / "zarr.json").is_file() else "zarr"
    kvstore = {"driver": "file", "path": f"{array.as_posix()}/"}
    return ts.open({"driver": driver, "kvstore": kvstore}, open=True, read=True).result()


def _dimension_names(path: str, image: Image, metadata: Mapping[str, Any]) -> Iterator[Finding]:
    if metadata["zarr_format"] == 2:
        return
    wanted = [axis.name for axis in image.axes]
    names = metadata.get("dimension_names")
    if names != wanted:
        message = f"its dimension_names are {names}, the axes of its image {wanted}"
        fix = "give the array the names of the axes"
        yield Finding(path, "dimension-names", "error", message, fix)


def _check_file(
    file: Path,
    name: str,
    position: tuple[int, ...],
    sharding: Sharding | None,
    found: "NDArray[np.bool_]",
) -> Iterator[Finding]:
    if sharding is None:
        if not file.stat().st_size:
            yield Finding(name, "chunk-empty", "error", "it has no bytes", REPAIR)
        return
    present, problem = read_index(file, sharding)
    if present is None:
        yield Finding(name, "shard-truncated", "error", problem, REPAIR)
        return
    # a plane is there when all its chunks are
    planes: NDArray[np.bool_] = np.logical_and.reduce(present, axis=(-2, -1))
    inner = sharding.inner[: planes.ndim]
    if all(length == 1 for length in inner):
        block = tuple(
            slice(number * length, number * length + length)
            for number, length in zip(position, planes.shape, strict=False)
        )
        mark_planes(found, ShardFile(file, block, planes, ""))


def _broken_promises(
    path: str, expected: Expected, found: "NDArray[np.bool_]"
) -> Iterator[Finding]:
    promised, place = expected.planes, expected.place
    if promised is None or place is None:
        return
    if promised.shape != found.shape:
        message = f"it has {found.shape} planes along t, c, z, its record {promised.shape}"
        yield Finding(path, "planes-disagree", "error", message, "parfocal recover")
        return
    lost = promised & ~found
    if lost.any():
        t, c, z = (int(number) for number in np.argwhere(lost)[0])
        message = (
            f"not there: {counted(int(lost.sum()), 'plane')} recorded as stored, "
            f"the first is {name_frame((t, place.field, place.channels[c], z))}"
        )
        yield Finding(path, "planes-lost", "error", message, REPAIR)
