"""Lay out a store whose pixels come from elsewhere, and close it when they are all there.

A recording knows frames that come one by one; here whole arrays are known before, each with the
chunks and the codecs that it will have, so that chunks can be taken over as they are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from parfocal import __version__
from parfocal.store._array_document import array_document
from parfocal.store._cameras import Camera
from parfocal.store._codec import sharded
from parfocal.store._files import write_json
from parfocal.store._frame_table import write_missing_table
from parfocal.store._images import ImagePlace
from parfocal.store._labels_documents import FOLDER as LABELS
from parfocal.store._layout import EVERY_CHUNK, EXTRAS, RUN
from parfocal.store._metadata import (
    AXES,
    NGFF_VERSION,
    group,
    multiscales,
    omero,
    timestamp,
    update_record,
)
from parfocal.store._plane_book import count_states, missing_planes
from parfocal.store._planes import PlaneState, States, write_planes
from parfocal.store._spec import ChannelInfo, FieldInfo, Index
from parfocal.store._voxel_size import RESTATED
from parfocal.store._wells import plate_layout, well_of

__all__ = ["ArrayLayout", "ImageLayout", "LabelsLayout", "StoreLayout", "close_layout", "lay_out"]

Five = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """A sharded TCZYX array as it will be: `codecs` are those of a chunk, in Zarr v3's words."""

    shape: Five
    dtype: str
    chunk: Five
    shard: Five
    codecs: tuple[Mapping[str, Any], ...]
    fill_value: Any
    scale: tuple[float, float, float, float, float]
    translation: tuple[float, float, float, float, float]

    @property
    def across(self) -> tuple[int, ...]:
        """How many chunks a shard has along each axis."""
        return tuple(whole // part for whole, part in zip(self.shard, self.chunk, strict=True))

    def document(self) -> dict[str, Any]:
        """Its Zarr v3 metadata."""
        codecs = sharded(self.chunk, self.codecs)
        told = array_document(self.shape, self.dtype, self.shard, codecs, self.fill_value, {})
        return {**told, "dimension_names": list(AXES)}

    def dataset(self, path: str) -> dict[str, Any]:
        """Its entry in the multiscales of its image."""
        transformations = [
            {"type": "scale", "scale": list(self.scale)},
            {"type": "translation", "translation": list(self.translation)},
        ]
        return {"path": path, "coordinateTransformations": transformations}


@dataclass(frozen=True, slots=True)
class LabelsLayout:
    """Labels of an image: what NGFF says of their values stands in `told` (`image-label`)."""

    name: str
    levels: tuple[ArrayLayout, ...]
    told: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageLayout:
    """One field: where it lies, its channels by their number in the store, its levels."""

    place: FieldInfo
    channels: tuple[int, ...]
    levels: tuple[ArrayLayout, ...]
    voxel_um: tuple[float, float, float]
    voxel_source: str
    time_step_s: float | None = None
    method: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[LabelsLayout, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """A whole store: its fields in order, and the channels that they share."""

    name: str
    images: tuple[ImageLayout, ...]
    channels: tuple[ChannelInfo, ...]
    plate: tuple[int, int] | None = None

    def places(self) -> tuple[ImagePlace, ...]:
        """Where each field's image lies."""
        taken: Counter[str] = Counter()
        places = []
        for number, image in enumerate(self.images):
            well = well_of(image.place)
            places.append(ImagePlace(f"{well}/{taken[well]}", number, image.channels))
            taken[well] += 1
        return tuple(places)


def lay_out(root: Path, layout: StoreLayout, record: Mapping[str, Any]) -> None:
    """Write every group and array of the store; `record` adds to what `parfocal/run` says."""
    places = layout.places()
    for place, image in zip(places, layout.images, strict=True):
        _write_image(root, place, image, layout.channels)
    _write_wells(root, layout, places)
    write_json(root / EXTRAS / "zarr.json", group({EXTRAS: {"version": __version__}}))
    first = layout.images[0]
    told = {
        "name": layout.name,
        "state": "recording",
        "reason": "",
        "planned": 0,
        "unbounded": False,
        "voxel_size_um": dict(zip("zyx", first.voxel_um, strict=True)),
        "time_step_s": first.time_step_s,
        "started": timestamp(),
        "images": [place.as_json() for place in places],
        "absent": EVERY_CHUNK,
    }
    write_json(root / RUN / "zarr.json", group({EXTRAS: {**told, **record}}))


def close_layout(root: Path, states: States, reasons: Mapping[Index, str]) -> None:
    """Say of every plane whether it is there or why not, and that the store is complete."""
    for index in reasons:
        states[index] = PlaneState.SKIPPED
    write_planes(root, states)
    missing = missing_planes(states, dict(reasons), "")
    if missing:
        write_missing_table(root, missing)
    changes = {"state": "completed", "ended": timestamp(), **count_states(states)}
    update_record(root, changes)


def whole_states(layout: StoreLayout) -> States:
    """Every plane of every image, stored."""
    shapes = [image.levels[0].shape for image in layout.images]
    extent = (
        max(shape[0] for shape in shapes),
        len(shapes),
        len(layout.channels),
        max(shape[2] for shape in shapes),
    )
    states = np.full(extent, PlaneState.UNPLANNED, dtype=np.uint8)
    for number, (image, shape) in enumerate(zip(layout.images, shapes, strict=True)):
        states[: shape[0], number, list(image.channels), : shape[2]] = PlaneState.STORED
    return states


def _write_image(
    root: Path, place: ImagePlace, image: ImageLayout, channels: Sequence[ChannelInfo]
) -> None:
    first = image.levels[0]
    origin = image.place.origin_um
    told = multiscales(image.place.name, origin, image.voxel_um, image.time_step_s)
    told["datasets"] = [level.dataset(str(n)) for n, level in enumerate(image.levels)]
    if len(image.levels) > 1:
        told |= dict(image.method)
    ome = {
        "version": NGFF_VERSION,
        "multiscales": [told],
        "omero": omero(channels, np.dtype(first.dtype), image.channels),
    }
    ours = {"field": image.place.name, "origin_um": list(origin), RESTATED: image.voxel_source}
    attributes = {**image.attributes, "ome": ome, EXTRAS: ours}
    write_json(root / place.path / "zarr.json", group(attributes))
    for number, level in enumerate(image.levels):
        write_json(root / place.array(number) / "zarr.json", level.document())
    if image.labels:
        folder = root / place.path / LABELS
        names = [labels.name for labels in image.labels]
        write_json(folder / "zarr.json", group({"ome": {"version": NGFF_VERSION, "labels": names}}))
        for labels in image.labels:
            _write_labels(folder / labels.name, labels, image)


def _write_labels(place: Path, labels: LabelsLayout, image: ImageLayout) -> None:
    told = multiscales(labels.name, image.place.origin_um, image.voxel_um, image.time_step_s)
    told["datasets"] = [level.dataset(str(n)) for n, level in enumerate(labels.levels)]
    if len(labels.levels) > 1:
        told |= dict(image.method)
    said = {**labels.told, "version": NGFF_VERSION, "source": {"image": "../../"}}
    ome = {"version": NGFF_VERSION, "multiscales": [told], "image-label": said}
    ours = {"voxel_size_um_zyx": list(image.voxel_um), RESTATED: image.voxel_source}
    write_json(place / "zarr.json", group({**labels.attributes, "ome": ome, EXTRAS: ours}))
    for number, level in enumerate(labels.levels):
        write_json(place / str(number) / "zarr.json", level.document())


def _write_wells(root: Path, layout: StoreLayout, places: Sequence[ImagePlace]) -> None:
    wells: dict[str, list[dict[str, Any]]] = {}
    for place in places:
        well, _, name = place.path.rpartition("/")
        wells.setdefault(well, []).append({"path": name, "acquisition": 0})
    for well, images in wells.items():
        told = {"version": NGFF_VERSION, "well": {"images": images}}
        write_json(root / well / "zarr.json", group({"ome": told}))
        write_json(root / well.partition("/")[0] / "zarr.json", group({}))
    fields = [image.place for image in layout.images]
    first = layout.images[0].levels[0]
    camera = Camera(
        0, layout.name, (), first.shape[-2:], np.dtype(first.dtype), layout.images[0].voxel_um
    )
    plate = plate_layout(fields, (camera,), layout.plate)
    document = {"version": NGFF_VERSION, "name": layout.name, **plate}
    write_json(root / "zarr.json", group({"ome": {"version": NGFF_VERSION, "plate": document}}))
