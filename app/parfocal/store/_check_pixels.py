"""Check the chunk files of every array: whole shards, the planes that are promised, each chunk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._findings import Finding
from parfocal.store._ngff import Image
from parfocal.store._planes import PlaneState, States, name_frame
from parfocal.store._present import chunk_files, mark_planes, shard_files, sharding_of

REPAIR = "restore the file from a copy, or parfocal recover to mark its planes as missing"


def check_arrays(
    root: Path, images: list[Image], states: States | None, *, deep: bool
) -> Iterator[Finding]:
    """Check every level of every image; `states` says which planes Parfocal promises."""
    for field, image in enumerate(images):
        for number, level in enumerate(image.levels):
            if level.shape is None:
                continue
            array = root / image.path / level.path
            promised = _promised(states, field) if number == 0 else None
            yield from _check_array(root, array, promised, expect_chunks=states is None)
            if deep:
                yield from _decode_all(root, array)


def _promised(states: States | None, field: int) -> "NDArray[np.bool_] | None":
    """Which planes of a field must be there, shaped t, c, z."""
    if states is None or field >= states.shape[1]:
        return None
    stored: NDArray[np.bool_] = states[:, field] == PlaneState.STORED
    return stored


def _check_array(
    root: Path, array: Path, promised: "NDArray[np.bool_] | None", *, expect_chunks: bool
) -> Iterator[Finding]:
    path = array.relative_to(root).as_posix()
    try:
        sharding = sharding_of(array)
    except (StoreError, AttributeError, KeyError, TypeError, ZeroDivisionError) as senseless:
        yield Finding(path, "array-metadata", "error", str(senseless), REPAIR)
        return
    files = chunk_files(array)
    must_have = expect_chunks if promised is None else bool(promised.any())
    if not files and must_have:
        message = "not one of its chunks is there, so it reads as an empty picture"
        yield Finding(path, "no-chunks", "error", message, "restore the chunks from a copy")
        return
    if sharding is None:
        return
    found = np.zeros(sharding.shape[:-2], dtype=np.bool_)
    for shard in shard_files(array, sharding, files):
        name = shard.path.relative_to(root).as_posix()
        if not shard.is_chunk:
            yield Finding(name, "stray-file", "warning", shard.problem, "delete it")
        elif shard.planes is None:
            yield Finding(name, "shard-truncated", "error", shard.problem, REPAIR)
        else:
            mark_planes(found, shard)
    if promised is not None and promised.shape == found.shape:
        yield from _broken_promises(path, promised & ~found)


def _broken_promises(path: str, lost: "NDArray[np.bool_]") -> Iterator[Finding]:
    if not lost.any():
        return
    t, c, z = (int(number) for number in np.argwhere(lost)[0])
    field = int(path.split("/")[-2])
    message = (
        f"{int(lost.sum())} planes are recorded as stored but are not there, "
        f"the first is {name_frame((t, field, c, z))}"
    )
    yield Finding(path, "planes-lost", "error", message, REPAIR)


def _decode_all(root: Path, path: Path) -> Iterator[Finding]:
    """Read every plane; a wrong checksum or a torn chunk is an error of the one that has it."""
    name = path.relative_to(root).as_posix()
    driver = "zarr3" if (path / "zarr.json").is_file() else "zarr"
    kvstore = {"driver": "file", "path": f"{path.as_posix()}/"}
    try:
        array: Any = ts.open({"driver": driver, "kvstore": kvstore}, read=True).result()
    except ValueError as problem:
        yield Finding(name, "array-metadata", "error", str(problem), REPAIR)
        return
    for index in np.ndindex(*array.shape[:-2]):
        try:
            array[index].read().result()
        except ValueError as problem:
            place = ", ".join(str(number) for number in index)
            message = f"plane ({place}) cannot be decoded: {str(problem)[:300]}"
            yield Finding(name, "chunk-unreadable", "error", message, REPAIR)
