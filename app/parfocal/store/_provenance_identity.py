"""Name the content of a part of a store: equal names mean equal pixels, whoever copied it.

Every chunk that Parfocal writes ends with its crc32c. Quickly, those are read and believed; else
every byte is read and the sums are computed, which gives the same name for a sound store.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import google_crc32c

from parfocal.store._component import normal
from parfocal.store._errors import StoreError
from parfocal.store._files import read_json
from parfocal.store._layout import EXTRAS, is_store
from parfocal.store._ngff import Image, find_images, read_attributes, read_image
from parfocal.store._results_place import real_place
from parfocal.store._shard_index import Sharding, locate_chunks, read_sharding

PREFIX = "sha256:"
PIECE = 8 * 2**20
METADATA = {"zarr.json", ".zarray", ".zattrs", ".zgroup"}


def content_identity(
    store: Path | str, path: str, *, quick: bool = False, touched_since: float | None = None
) -> str:
    """The identity of an array, an image, a plate or collection of images, a folder or a file.

    Of an image it is that of its full resolution, its axes and its scale: a pyramid or a label
    that is added changes nothing. `quick` believes the checksums that chunks carry; with
    `touched_since` (a time in seconds) it believes them only in files that are older.
    """
    root = Path(store).absolute()
    place = real_place(root, normal(path))
    if not (root / place).exists():
        raise StoreError(f"{root} holds no '{path}', so its content cannot be named")
    whole_since = (touched_since if touched_since is not None else float("inf")) if quick else None
    hashed = hashlib.sha256()
    try:
        for line in _lines(root, place, whole_since):
            hashed.update(line.encode() + b"\n")
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise StoreError(f"{root / place} cannot be read: {problem}") from problem
    return PREFIX + hashed.hexdigest()


def _lines(root: Path, path: str, whole_since: float | None) -> Iterator[str]:
    place = root / path
    if place.is_file():
        yield f"file {_file_sum(place)}"
        return
    if _is_array(place):
        yield from _array_lines(place, whole_since)
        return
    image = read_image(root, path) if is_store(place) else None
    if image is not None:
        yield from _image_lines(root, image, whole_since)
        return
    images = find_images(place) if is_store(place) else []
    if images:
        yield from _run_line(place)
        for each in sorted(images, key=lambda one: one.path):
            yield f"image {each.path}"
            yield from _image_lines(place, each, whole_since)
        return
    yield from _folder_lines(place)


def _image_lines(root: Path, image: Image, whole_since: float | None) -> Iterator[str]:
    level = image.levels[0]
    yield from _run_line(root / image.path)
    yield f"axes {','.join(axis.name for axis in image.axes)}"
    yield f"scale {list(level.scale or ())}"
    yield from _array_lines(root / image.path / level.path, whole_since)


def _run_line(group: Path) -> Iterator[str]:
    """What was made again is another thing, even when it came out the same."""
    ours = read_attributes(group)[1].get(EXTRAS)
    run = ours.get("run") if isinstance(ours, Mapping) else None
    if isinstance(run, str):
        yield f"run {run}"


def _is_array(place: Path) -> bool:
    if (place / ".zarray").is_file():
        return True
    file = place / "zarr.json"
    return file.is_file() and read_json(file).get("node_type") == "array"


def _array_lines(array: Path, whole_since: float | None) -> Iterator[str]:
    current = (array / "zarr.json").is_file()
    metadata = read_json(array / ("zarr.json" if current else ".zarray"))
    bare = {key: value for key, value in metadata.items() if key != "attributes"}
    yield f"array {json.dumps(bare, sort_keys=True, separators=(',', ':'))}"
    sharding = read_sharding(metadata)
    for key in sorted(_files_below(array)):
        file = array / key
        if sharding is None or sharding.position(key) is None:
            yield f"{key} {_file_sum(file)}"
            continue
        believed = whole_since is not None and file.stat().st_mtime < whole_since
        yield from _shard_lines(key, file, sharding, _ends_with_sum(metadata), believed=believed)


def _shard_lines(
    key: str, file: Path, sharding: Sharding, carries: bool, *, believed: bool
) -> Iterator[str]:
    """One line a chunk: its place in the shard, its length and the crc32c of its bytes."""
    ranges, problem = locate_chunks(file, sharding)
    if ranges is None:
        yield f"{key} {problem} {_file_sum(file)}"
        return
    with file.open("rb") as shard:
        for number, offset, length in ranges.tolist():
            body = length - 4 if carries and length > 4 else length
            told: int | None = None
            if body < length:
                shard.seek(offset + body)
                told = int.from_bytes(shard.read(4), "little")
            total = told
            if told is None or not believed:
                shard.seek(offset)
                total = google_crc32c.value(shard.read(body))
            # one that carries another sum can be read by nobody
            damaged = "" if told in (None, total) else " damaged"
            yield f"{key} {number} {length} {total:08x}{damaged}"


def _ends_with_sum(metadata: Mapping[str, Any]) -> bool:
    codecs = metadata["codecs"][0]["configuration"]["codecs"]
    return bool(codecs) and codecs[-1].get("name") == "crc32c"


def _folder_lines(folder: Path) -> Iterator[str]:
    """Of tables and of what is no image: every file."""
    for key in sorted(_files_below(folder, metadata=True)):
        yield f"{key} {_file_sum(folder / key)}"


def _files_below(folder: Path, *, metadata: bool = False) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            if (metadata or name not in METADATA) and "__lock" not in name:
                yield (Path(place) / name).relative_to(folder).as_posix()


def _file_sum(file: Path) -> str:
    total = size = 0
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            total = google_crc32c.extend(total, piece)
            size += len(piece)
    return f"{size} {total:08x}"
