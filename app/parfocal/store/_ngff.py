"""Read what NGFF metadata says, versions 0.1 to 0.5, without writing and without pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json
from parfocal.store._layout import is_store

OLD_AXES = ("t", "c", "z", "y", "x")
AXIS_TYPES = {"t": "time", "c": "channel"}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an image."""

    name: str
    type: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of an image; shape and type are None when its array is not there."""

    path: str
    shape: tuple[int, ...] | None
    dtype: str | None
    scale: tuple[float, ...] | None
    translation: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Image:
    """A multiscale image: where it is, what its axes mean, and its levels."""

    path: str
    name: str
    version: str
    zarr_format: int
    axes: tuple[Axis, ...]
    levels: tuple[Level, ...]
    channels: tuple[str, ...]
    has_omero: bool


def read_attributes(group: Path) -> tuple[int, dict[str, Any]]:
    """The Zarr format of a group and its attributes."""
    if (group / "zarr.json").is_file():
        attributes = read_json(group / "zarr.json").get("attributes", {})
        zarr_format = 3
    else:
        file = group / ".zattrs"
        attributes = read_json(file) if file.is_file() else {}
        zarr_format = 2
    if not isinstance(attributes, dict):
        raise StoreError(f"the attributes of {group} are no object")
    return zarr_format, attributes


def read_ome(group: Path) -> dict[str, Any]:
    """What NGFF says in a group: under `ome` since 0.5, at the top before."""
    _, attributes = read_attributes(group)
    ome = attributes.get("ome", attributes)
    return ome if isinstance(ome, dict) else {}


def refuse_no_store(root: Path) -> None:
    """A StoreError says what is there instead."""
    if root.is_dir() and is_store(root):
        return
    if root.exists():
        raise StoreError(f"{root} is {'a file and ' if root.is_file() else ''}no OME-Zarr store")
    raise StoreError(f"{root} {'leads nowhere' if root.is_symlink() else 'does not exist'}")


def find_images(root: Path) -> list[Image]:
    """Every image of a store: of a plate's wells, of a series, or the store itself."""
    refuse_no_store(root)
    try:
        found = [read_image(root, path) for path in image_paths(root)]
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise StoreError(
            f"the NGFF metadata of {root} makes no sense; parfocal check says where"
        ) from problem
    return [image for image in found if image is not None]


def read_image(root: Path, path: str) -> Image | None:
    """The image at `path`; None when no multiscale image is there."""
    group = root / path
    if not is_store(group):
        return None
    zarr_format, attributes = read_attributes(group)
    ome = attributes.get("ome", attributes)
    scales = ome.get("multiscales") if isinstance(ome, dict) else None
    if not isinstance(scales, list) or not scales or not isinstance(scales[0], dict):
        return None
    multiscale = scales[0]
    axes = _axes(multiscale)
    omero = ome.get("omero")
    entries = omero.get("channels", []) if isinstance(omero, dict) else []
    return Image(
        path=path,
        name=str(multiscale.get("name") or path),
        version=str(ome.get("version") or multiscale.get("version") or "0.4"),
        zarr_format=zarr_format,
        axes=axes,
        levels=tuple(_levels(group, multiscale)),
        channels=tuple(
            str(entry.get("label") or f"channel {number}") if isinstance(entry, dict) else ""
            for number, entry in enumerate(entries)
        ),
        has_omero=isinstance(omero, dict) and "channels" in omero,
    )


def image_paths(root: Path) -> Iterator[str]:
    """Where a store says that its images are."""
    ome = read_ome(root)
    if isinstance(ome.get("plate"), dict):
        for well in ome["plate"].get("wells", []):
            well_path = str(well["path"])
            members = read_ome(root / well_path).get("well", {}).get("images", [])
            yield from (f"{well_path}/{member['path']}" for member in members)
    elif isinstance(ome.get("well"), dict):
        yield from (str(member["path"]) for member in ome["well"].get("images", []))
    elif "multiscales" in ome:
        yield ""
    elif "bioformats2raw.layout" in ome:
        number = 0
        while is_store(root / str(number)):
            yield str(number)
            number += 1


def _axes(multiscale: dict[str, Any]) -> tuple[Axis, ...]:
    axes = []
    for entry in multiscale.get("axes", OLD_AXES):
        # a bare letter before 0.4
        fields = entry if isinstance(entry, dict) else {"name": entry}
        name = str(fields.get("name", ""))
        kind = str(fields.get("type") or AXIS_TYPES.get(name, "space"))
        unit = fields.get("unit")
        axes.append(Axis(name, kind, unit if isinstance(unit, str) else None))
    return tuple(axes)


def _levels(group: Path, multiscale: dict[str, Any]) -> Iterator[Level]:
    shared = _transform(multiscale.get("coordinateTransformations"))
    for dataset in multiscale.get("datasets", []):
        path = str(dataset["path"])
        shape, dtype = _array(group / path)
        own = _transform(dataset.get("coordinateTransformations"))
        yield Level(path, shape, dtype, _product(own[0], shared[0]), _moved(own[1], shared))


def _transform(entries: Any) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    found: dict[str, tuple[float, ...]] = {}
    for entry in entries if isinstance(entries, list) else []:
        kind = entry.get("type")
        if isinstance(entry.get(kind), list):
            found[kind] = tuple(float(value) for value in entry[kind])
    return found.get("scale"), found.get("translation")


def _product(
    own: tuple[float, ...] | None, shared: tuple[float, ...] | None
) -> tuple[float, ...] | None:
    if own is None or shared is None or len(own) != len(shared):
        return own or shared
    return tuple(mine * theirs for mine, theirs in zip(own, shared, strict=True))


def _moved(
    own: tuple[float, ...] | None, shared: tuple[tuple[float, ...] | None, tuple[float, ...] | None]
) -> tuple[float, ...] | None:
    """Where a level lies: what holds for all levels comes after what the level says itself."""
    scale, way = shared
    scaled = own if own is None or scale is None else _product(own, scale)
    if scaled is None or way is None or len(scaled) != len(way):
        return scaled or way
    return tuple(mine + theirs for mine, theirs in zip(scaled, way, strict=True))


def _array(path: Path) -> tuple[tuple[int, ...] | None, str | None]:
    if (path / "zarr.json").is_file():
        metadata = read_json(path / "zarr.json")
        kind = metadata.get("data_type")
    elif (path / ".zarray").is_file():
        metadata = read_json(path / ".zarray")
        kind = metadata.get("dtype")
    else:
        return None, None
    shape = metadata.get("shape")
    if not isinstance(shape, list):
        return None, None
    try:
        dtype = np.dtype(kind).name if isinstance(kind, str) else str(kind)
    except TypeError:
        dtype = str(kind)
    return tuple(int(length) for length in shape), dtype
