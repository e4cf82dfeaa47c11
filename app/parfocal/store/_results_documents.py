"""Write the NGFF metadata of a derived collection after those of its sources."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from parfocal import __version__
from parfocal.store._errors import StoreError
from parfocal.store._layout import EXTRAS
from parfocal.store._metadata import group, omero, timestamp
from parfocal.store._ngff import Image, read_image, read_ome
from parfocal.store._results_place import named_place, real_place
from parfocal.store._spec import ChannelInfo
from parfocal.store._voxel_size import RESTATED, resolve_voxel_size

NGFF_VERSION = "0.5"
AXES = ("t", "c", "z", "y", "x")


@dataclass(frozen=True, slots=True)
class ResultImage:
    """One image of a derived collection, told by how it differs from the one it is made from.

    `source` is an image of the store (`A/1/0`) or of a result in it (`results/mip/latest/A/1/0`);
    the result has the same well and field. None means the source's: its shape (t, c, z, y, x),
    pixel type, voxel size and place of the first voxel (z, y, x in µm), time step, channels.
    Planes along z that share a shard should be put together.
    """

    source: str
    shape: tuple[int, int, int, int, int] | None = None
    dtype: DTypeLike | None = None
    voxel_um: tuple[float, float, float] | None = None
    origin_um: tuple[float, float, float] | None = None
    channels: Sequence[ChannelInfo] | None = None
    planes_a_shard: int = 1


@dataclass(frozen=True, slots=True)
class Described:
    """A result's image with nothing left open: where it will be, and its group's attributes."""

    path: str
    shape: tuple[int, ...]
    dtype: "np.dtype[Any]"
    planes_a_shard: int
    attributes: dict[str, Any]


def describe(root: Path, image: ResultImage, collection: str, run: str) -> Described:
    """What the group of one image says; its levels beyond the first are listed later."""
    place = real_place(root, image.source)
    source = read_image(root, place)
    if source is None or not source.levels or source.levels[0].shape is None:
        raise StoreError(f"{root} holds no image '{image.source}' to make a result from")
    if tuple(axis.name for axis in source.axes) != AXES or source.levels[0].scale is None:
        raise StoreError(f"{root / place} has not the axes {', '.join(AXES)} with a scale")
    shape = tuple(image.shape or source.levels[0].shape)
    dtype = np.dtype(image.dtype if image.dtype is not None else source.levels[0].dtype)
    dtype = dtype.newbyteorder("=")
    voxel = resolve_voxel_size(root, place)
    size = tuple(image.voxel_um or (voxel.z, voxel.y, voxel.x))
    translation = source.levels[0].translation or (0.0,) * 5
    origin = tuple(image.origin_um or translation[2:])
    _refuse_senseless(root / place, shape, dtype, (*size, *origin), size)
    multiscale = {
        "name": source.name,
        "axes": _axes(root, place),
        "datasets": [{"path": "0", "coordinateTransformations": _transform(source, size, origin)}],
    }
    named = named_place(root, place)
    attributes = {
        "ome": {
            "version": NGFF_VERSION,
            "multiscales": [multiscale],
            "omero": _channels(root, place, source, image, shape[1], dtype),
        },
        EXTRAS: {
            "field": source.name,
            "run": run,
            "derived_from": [named],
            "voxel_size_um_zyx": [float(each) for each in size],
            RESTATED: voxel.source if image.voxel_um is None else f"analysis:{run}",
        },
    }
    path = place.removeprefix(collection).strip("/")
    return Described(path, shape, dtype, image.planes_a_shard, attributes)


def collection_of(root: Path, images: Sequence[ResultImage]) -> str:
    """The store or the result in it that all sources belong to."""
    places = [real_place(root, image.source) for image in images]
    found = {"/".join(place.split("/")[:3]) if _is_result(place) else "" for place in places}
    if len(found) != 1:
        raise StoreError(f"the images of one result in {root} come from {len(found)} collections")
    if len(set(places)) != len(places):
        raise StoreError(f"an image of {root} is named twice as the source of one result")
    return found.pop()


def group_documents(
    root: Path, collection: str, paths: Sequence[str], analysis: str, run: str
) -> dict[str, dict[str, Any]]:
    """The plate and wells around these images: those of the source without what has no result."""
    ome = read_ome(root / collection)
    plate = deepcopy(ome.get("plate"))
    if not isinstance(plate, dict):
        raise StoreError(f"{root / collection} is no plate, so a result has no place in it")
    wells: dict[str, list[dict[str, Any]]] = {}
    for entry in plate["wells"]:
        members = read_ome(root / collection / entry["path"])["well"]["images"]
        kept = [each for each in members if f"{entry['path']}/{each['path']}" in paths]
        if kept:
            wells[entry["path"]] = kept
    plate["wells"] = [entry for entry in plate["wells"] if entry["path"] in wells]
    plate["name"] = analysis
    ours = {"version": __version__, "analysis": analysis, "run": run, "made": timestamp()}
    documents = {"": group({"ome": {"version": NGFF_VERSION, "plate": plate}, EXTRAS: ours})}
    for well, members in wells.items():
        documents[well.partition("/")[0]] = group({})
        told = {"version": NGFF_VERSION, "well": {"images": members}}
        documents[well] = group({"ome": told})
    return documents


def _is_result(place: str) -> bool:
    return place.startswith("results/") and place.count("/") > 2


def _axes(root: Path, place: str) -> list[Any]:
    axes: list[Any] = deepcopy(read_ome(root / place)["multiscales"][0]["axes"])
    for axis in axes:
        if axis["type"] == "space":
            axis["unit"] = "micrometer"  # the voxel size that was resolved is in µm
    return axes


def _transform(
    source: Image, size: tuple[float, ...], origin: tuple[float, ...]
) -> list[dict[str, Any]]:
    first = source.levels[0]
    scale, translation = first.scale or (1.0,) * 5, first.translation or (0.0,) * 5
    return [
        {"type": "scale", "scale": [float(n) for n in (*scale[:2], *size)]},
        {"type": "translation", "translation": [float(n) for n in (*translation[:2], *origin)]},
    ]


def _channels(
    root: Path, place: str, source: Image, image: ResultImage, count: int, dtype: "np.dtype[Any]"
) -> dict[str, Any]:
    """The source's channels as they are; with other pixels only their names and colours."""
    told = read_ome(root / place).get("omero")
    entries = told.get("channels", []) if isinstance(told, Mapping) else []
    if image.channels is not None:
        made = image.channels
    elif len(entries) == count and dtype.name == source.levels[0].dtype:
        return deepcopy(dict(told or {}))
    elif len(entries) == count:
        made = [
            ChannelInfo(str(each.get("label") or number), each.get("color"))
            for number, each in enumerate(entries)
        ]
    else:
        made = [ChannelInfo(f"channel {number}") for number in range(count)]
    if len(made) != count:
        raise StoreError(f"{len(made)} channels are named for a result of {count}")
    return omero(made, dtype)


def _refuse_senseless(
    source: Path,
    shape: tuple[int, ...],
    dtype: "np.dtype[Any]",
    numbers: tuple[float, ...],
    size: tuple[float, ...],
) -> None:
    wrong = {
        f"the shape {shape}": len(shape) != 5 or min(shape, default=0) < 1,
        f"pixels of type {dtype}": dtype.kind not in "iuf" or dtype.itemsize > 8,
        f"the voxel size and place {numbers}": not all(isfinite(each) for each in numbers)
        or len(numbers) != 6
        or min(size) <= 0,
    }
    for what, applies in wrong.items():
        if applies:
            raise StoreError(f"a result made from {source} cannot have {what}")
