"""Find the one array that is meant in a Zarr store without OME metadata."""

import os
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from parfocal.convert._axes import axes_of
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    canonical_shape,
)
from parfocal.convert._errors import ConvertError
from parfocal.convert._source import Open, Wishes
from parfocal.store import ChannelInfo, StoreError, read_attributes, resolve_voxel_size

__all__ = ["find_plain"]


def find_plain(root: Path, wishes: Wishes, opened: Open) -> Found:
    """The array that is named, else the largest; which one it is stands among what was guessed."""
    guessed: list[str] = []
    warnings: list[str] = []
    if wishes.array is not None:
        key = wishes.array.strip("/")
        if key not in set(_arrays(root)):
            names = ", ".join(sorted(_arrays(root))[:8]) or "none"
            raise ConvertError(f"{root} holds no array {key!r}; it has: {names}")
    else:
        sizes = _sizes(root, opened, warnings)
        key = max(sizes, key=lambda one: (sizes[one], one))
        if len(sizes) > 1:
            guessed.append(f"the largest of its {len(sizes)} arrays was taken: {key}")
    array = opened(key)
    axes, how = axes_of(array.shape, wishes.axes, f"{root / key}")
    if how:
        guessed.append(how)
    voxel, source = wishes.voxel_um, "asked for"
    if voxel is None:
        try:
            size = resolve_voxel_size(root, key or None)
            voxel, source = (size.z, size.y, size.x), size.source
        except StoreError:
            voxel, source = (1.0, 1.0, 1.0), "default"
    if source == "default":
        guessed.append(UNKNOWN_SIZE)
    name = root.name.removesuffix(".zarr").removesuffix(".ome") or "images"
    channels = canonical_shape(axes, array.shape)[1]
    image = FoundImage(
        path=key,
        name=name,
        levels=(FoundArray(key, axes, array.shape, array.dtype.str, voxel),),
        channels=tuple(ChannelInfo(f"channel {number}") for number in range(channels)),
        voxel_um=voxel,
        voxel_source=source,
        guessed_axes=("z", "y", "x") if source == "default" else (),
    )
    return Found(
        "Zarr",
        name,
        (image,),
        legacy=dict(_legacy(root, key)),
        guessed=tuple(guessed),
        warnings=tuple(warnings),
    )


def _sizes(root: Path, opened: Open, warnings: list[str]) -> dict[str, int]:
    """How many pixels each array has that could be an image; of others it is said why not."""
    sizes, others = {}, {}
    for key in _arrays(root):
        try:
            array = opened(key)
        except ConvertError as problem:
            warnings.append(f"the array {root / key} was passed over: {problem}")
            continue
        if array.dtype.kind in "biuf" and len(array.shape) >= 2:
            sizes[key] = prod(array.shape)
        else:
            others[key] = prod(array.shape)
    if not sizes and not others:
        why = f" that can be read: {warnings[0]}" if warnings else ""
        raise ConvertError(f"{root} is a Zarr store, but holds no array{why}")
    if sizes:
        warnings += [f"the array {root / key} is no image; it was passed over" for key in others]
    return sizes or others


def _arrays(root: Path) -> Iterator[str]:
    """The paths of all arrays below a folder; what lies in an array is no array."""
    waiting = [""]
    while waiting:
        path = waiting.pop()
        folder = root / path
        if (folder / ".zarray").is_file() or _is_array(folder / "zarr.json"):
            yield path
            continue
        with os.scandir(folder) as entries:
            inside = sorted(entry.name for entry in entries if entry.is_dir())
        waiting += [f"{path}/{name}" if path else name for name in reversed(inside)]


def _is_array(file: Path) -> bool:
    return file.is_file() and '"array"' in file.read_text(encoding="utf-8", errors="replace")


def _legacy(root: Path, key: str) -> Iterator[tuple[str, Any]]:
    for path in dict.fromkeys(("", key)):
        _, attributes = read_attributes(root / path)
        if attributes:
            yield path or "/", attributes
