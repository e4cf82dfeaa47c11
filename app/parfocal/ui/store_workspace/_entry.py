"""Look at the stores under a folder: what is there, and what one of them holds. No widgets."""

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.store import StoreInfo, StoreReader, info
from parfocal.ui.store_workspace._thumbnail import Picture, compose

# A legacy store has a file a chunk: millions on a network disk. Counting stops here and the size
# says "more than".
SIZE_COUNT_S = 2.0
# Folders deeper than this are not looked into: a person sorts by project and day, not deeper.
SCAN_DEPTH = 4
PICTURE_SIDE = 320


@dataclass(frozen=True, slots=True)
class Entry:
    """One store as the list and the details show it."""

    path: Path
    modified: datetime
    size: int
    size_is_whole: bool = True
    info: StoreInfo | None = None
    problem: str = ""
    colors: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The folder's name without its endings."""
        return self.path.name.removesuffix(".zarr").removesuffix(".ome")

    @property
    def state(self) -> str:
        """The store's state word; what cannot be read is damaged."""
        return self.info.state if self.info is not None else "damaged"


def find_stores(folder: Path, cancelled: threading.Event, depth: int = SCAN_DEPTH) -> list[Path]:
    """The stores under `folder`, by name; what is inside a store is not looked at."""
    if _is_store(folder):
        return [folder]
    return sorted(_walk(folder, cancelled, depth), key=lambda path: str(path).lower())


def look(path: Path, cancelled: threading.Event) -> Entry:
    """Read what one store holds, its size and its pictures."""
    modified = datetime.fromtimestamp(_last_change(path)).astimezone()
    size, whole = _size(path, cancelled)
    try:
        found = info(path)
    except ParfocalError as error:
        return Entry(path, modified, size, whole, problem=str(error))
    colors = _colors(path, found)
    return Entry(path, modified, size, whole, found, "", colors, _pictures(path, found, colors))


def _is_store(folder: Path) -> bool:
    return folder.name.endswith(".zarr") and any(
        (folder / name).is_file() for name in ("zarr.json", ".zgroup", ".zattrs")
    )


def _walk(folder: Path, cancelled: threading.Event, depth: int) -> Iterator[Path]:
    try:
        children = sorted(child for child in folder.iterdir() if child.is_dir())
    except OSError:
        return  # a folder that may not be read, or that has just gone, holds nothing for us
    for child in children:
        if cancelled.is_set() or child.name.startswith("."):
            continue
        if child.name.endswith(".zarr"):
            yield child
        elif depth > 1:
            yield from _walk(child, cancelled, depth - 1)


def _last_change(path: Path) -> float:
    for name in ("zarr.json", ".zattrs", ".zgroup"):
        if (path / name).is_file():
            return (path / name).stat().st_mtime
    return path.stat().st_mtime if path.exists() else 0.0


def _size(path: Path, cancelled: threading.Event) -> tuple[int, bool]:
    total, until = 0, time.monotonic() + SIZE_COUNT_S
    for folder, _folders, names in os.walk(path):
        if cancelled.is_set() or time.monotonic() > until:
            return total, False
        for name in names:
            try:
                total += (Path(folder) / name).stat().st_size
            except OSError:
                continue  # a file of a store that is being recorded may just have been renamed
    return total, True


def _colors(path: Path, found: StoreInfo) -> tuple[str, ...]:
    """The display colour of each channel, as the first field's metadata has it."""
    if not found.field_paths:
        return ()
    channels = _omero_channels(path / found.field_paths[0])
    return tuple(
        str(channels[c].get("color", "")) if c < len(channels) else ""
        for c in range(len(found.channels))
    )


def _omero_channels(folder: Path) -> list[dict[str, Any]]:
    for name in ("zarr.json", ".zattrs"):
        try:
            document = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        attributes = document.get("attributes", document)
        ome = attributes.get("ome", attributes)
        channels = ome.get("omero", {}).get("channels", [])
        return [channel for channel in channels if isinstance(channel, dict)]
    return []


def _pictures(path: Path, found: StoreInfo, colors: tuple[str, ...]) -> tuple[Picture, ...]:
    """One composite picture a field, of the first fields; none of a store that has no planes."""
    if found.acquired == 0:
        return ()
    pictures = []
    try:
        reader = StoreReader(path)
        for number, name in enumerate(found.fields[:6]):
            planes = _middle_planes(reader, number, found)
            if planes is not None:
                pictures.append(Picture(name, compose(planes, colors)))
    except (ParfocalError, ValueError, KeyError, OSError):
        return tuple(pictures)  # `info` and Check say what is wrong with it; here is no picture
    return tuple(pictures)


def _middle_planes(
    reader: StoreReader, field_number: int, found: StoreInfo
) -> NDArray[np.float32] | None:
    array = reader.array(field_number, max(0, found.levels - 1))
    sizes = dict(zip(found.axes, array.shape, strict=True))
    step = max(1, max(sizes["y"], sizes["x"]) // PICTURE_SIDE)
    # the middle of the stack, all channels, and of any other axis the first
    whole = {"c": slice(None), "y": slice(None, None, step), "x": slice(None, None, step)}
    where = {**whole, "z": sizes.get("z", 1) // 2}
    planes = np.asarray(array[tuple(where.get(axis, 0) for axis in found.axes)].read().result())
    if "c" not in sizes:
        planes = planes[None]
    return planes.astype(np.float32) if planes.any() else None
