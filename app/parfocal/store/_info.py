"""Say what a store holds: its state, planes, axes, voxel size and where that number is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._file_lock import is_locked
from parfocal.store._images import ImageMap, ImagePlace, image_map
from parfocal.store._journal import read_journal
from parfocal.store._layout import EDIT, LOCK, whole_path
from parfocal.store._length_units import micrometres
from parfocal.store._metadata import read_record
from parfocal.store._missing import MissingPlanes, missing_of_fields
from parfocal.store._ngff import Image, find_images
from parfocal.store._plane_counts import count_planes
from parfocal.store._voxel_size import resolve_voxel_size

# the units of time that NGFF names and a microscope may mean
SECONDS = {
    "nanosecond": 1e-9,
    "microsecond": 1e-6,
    "millisecond": 1e-3,
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
}


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What `parfocal info` prints; lengths in µm (z, y, x), times in seconds."""

    path: Path
    state: str
    reason: str
    name: str
    planned: int
    acquired: int
    missing: int
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    fields: tuple[str, ...]
    field_paths: tuple[str, ...]
    origins_um: tuple[tuple[float, float, float], ...]
    channels: tuple[str, ...]
    voxel_size_um: tuple[float, float, float]
    voxel_size_source: str
    voxel_size_conflicts: tuple[str, ...]
    time_step_s: float | None
    levels: int
    dtype: str
    voxel_size_notes: tuple[str, ...] = ()
    missing_planes: tuple[MissingPlanes, ...] = ()
    planned_per_field: tuple[int, ...] = ()
    acquired_per_field: tuple[int, ...] = ()
    images: tuple[ImagePlace, ...] = ()
    ended_as: str = ""
    """How the run itself ended: `cancelled` tells one that was stopped from one that failed."""

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        return {
            "store": str(self.path),
            "name": self.name,
            "state": self.state,
            "reason": self.reason,
            "ended_as": self.ended_as,
            "planned": self.planned,
            "acquired": self.acquired,
            "missing": self.missing,
            "missing_planes": [
                {"name": self.fields[one.field], **one.as_json()} for one in self.missing_planes
            ],
            "axes": list(self.axes),
            "shape": list(self.shape),
            "fields": list(self.fields),
            "field_paths": list(self.field_paths),
            "planned_per_field": list(self.planned_per_field),
            "acquired_per_field": list(self.acquired_per_field),
            "images": [place.as_json() for place in self.images],
            "origins_um": [dict(zip("zyx", origin, strict=True)) for origin in self.origins_um],
            "channels": list(self.channels),
            "voxel_size_um": dict(zip("zyx", self.voxel_size_um, strict=True)),
            "voxel_size_source": self.voxel_size_source,
            "voxel_size_conflicts": list(self.voxel_size_conflicts),
            "voxel_size_notes": list(self.voxel_size_notes),
            "time_step_s": self.time_step_s,
            "levels": self.levels,
            "dtype": self.dtype,
        }


def info(path: Path | str) -> StoreInfo:
    """Read what the store at `path` holds, without writing anything.

    `shape` and `dtype` are those of the first image, with all channels of the recording; a camera
    of another size has images of its own, which `images` names.
    """
    root = whole_path(path)
    found = find_images(root)
    if not found or not found[0].levels or found[0].levels[0].shape is None:
        raise StoreError(f"{root} is a Zarr store, but holds no OME-Zarr image")
    record = read_record(root)
    places = image_map(record, found)
    fields = _fields(places, found)
    first = next(image for _, image in fields if image is not None)
    level = first.levels[0]
    state, reason = store_state(root, record, found)
    planes = count_planes(root, record, found, places)
    voxel = resolve_voxel_size(root)
    return StoreInfo(
        path=root,
        state=state,
        reason=reason,
        name=str((record or {}).get("name") or first.name or root.name),
        planned=planes.planned,
        acquired=planes.acquired,
        missing=planes.planned - planes.acquired,
        axes=tuple(axis.name for axis in first.axes),
        shape=_shape(first, places),
        fields=tuple(path if image is None else image.name for path, image in fields),
        field_paths=tuple(path for path, _ in fields),
        origins_um=tuple(origin_um(image) for _, image in fields),
        channels=_channel_names(places, found),
        voxel_size_um=(voxel.z, voxel.y, voxel.x),
        voxel_size_source=voxel.source,
        voxel_size_conflicts=voxel.conflicts,
        time_step_s=time_step(first),
        levels=len(first.levels),
        dtype=level.dtype or "",
        voxel_size_notes=voxel.notes,
        missing_planes=missing_of_fields(root, record, places),
        planned_per_field=planes.planned_per_field,
        acquired_per_field=planes.acquired_per_field,
        images=places.places,
        ended_as=recorded_end(root, record),
    )


def store_state(
    root: Path, record: Mapping[str, Any] | None, images: list[Image]
) -> tuple[str, str]:
    """The store's state word, and the reason that was given for it."""
    if record is None:
        current = images[0].zarr_format == 3 and images[0].version >= "0.5"
        return ("foreign" if current else "legacy"), ""
    if any(not (root / place.path).is_dir() for place in ImageMap.of_record(record).places):
        return "damaged", "a field's folder is gone"
    return recorded_state(root, record)


def recorded_state(root: Path, record: Mapping[str, Any]) -> tuple[str, str]:
    """The same of a store of Parfocal's, without a look whether every field is there."""
    if (root / EDIT).is_file() and not is_locked(root / LOCK):
        return "interrupted", "a change of its metadata was not brought to its end"
    state, reason = str(record.get("state")), str(record.get("reason") or "")
    if state != "recording":
        return state, reason
    story = read_journal(root)
    if story is not None and story.alive:
        return "recording", ""
    return "interrupted", "the recording process ended before it closed the store"


def recorded_end(root: Path, record: Mapping[str, Any] | None) -> str:
    """How the run says that it ended; "" of older stores, and of what something broke since."""
    if record is None or record.get("state") not in ("completed", "interrupted"):
        return ""
    return "" if (root / EDIT).is_file() else str(record.get("ended_as") or "")


def _fields(places: ImageMap, images: list[Image]) -> list[tuple[str, Image | None]]:
    """The path and the image of each field; of a damaged store the image may be gone.

    A field that more than one camera saw is where its first camera's image is.
    """
    there = {image.path: image for image in images if image.levels and image.levels[0].shape}
    paths: dict[int, str] = {}
    for place in places.places:
        paths.setdefault(place.field, place.path)
    return [(paths[field], there.get(paths[field])) for field in sorted(paths)]


def _shape(image: Image, places: ImageMap) -> tuple[int, ...]:
    """The shape of an image, with all channels of the recording."""
    lengths = zip(image.axes, image.levels[0].shape or (), strict=False)
    channels = len(_channels(places))
    return tuple(channels if axis.name == "c" else length for axis, length in lengths)


def _channels(places: ImageMap) -> list[int]:
    """The channels of the first field: all of a recording, those that it has of another store."""
    first = min(place.field for place in places)
    return sorted(channel for place in places.of_field(first) for channel in place.channels)


def _channel_names(places: ImageMap, images: list[Image]) -> tuple[str, ...]:
    """The name of each channel, from the first image that has it."""
    names: dict[int, str] = {}
    by_path = {image.path: image for image in images}
    for place in places.places:
        image = by_path.get(place.path)
        told = image.channels if image is not None else ()
        for number, channel in enumerate(place.channels):
            if number < len(told):
                names.setdefault(channel, told[number])
    return tuple(names.get(number, f"channel {number}") for number in _channels(places))


def origin_um(image: Image | None, level: int = 0) -> tuple[float, float, float]:
    """Where the middle of the first voxel lies (z, y, x); 0 along an axis that says nothing."""
    if image is None:
        return 0.0, 0.0, 0.0
    found = {}
    for axis, start in zip(image.axes, image.levels[level].translation or (), strict=False):
        found[axis.name] = start * ((micrometres(axis.unit) if axis.unit else 1.0) or 0.0)
    return found.get("z", 0.0), found.get("y", 0.0), found.get("x", 0.0)


def time_step(image: Image) -> float | None:
    """The seconds between timepoints, when the store says so."""
    for axis, step in zip(image.axes, image.levels[0].scale or (), strict=False):
        if axis.name == "t" and axis.unit in SECONDS:
            return step * SECONDS[axis.unit]
        if axis.name == "t" and axis.unit is None and step not in (0.0, 1.0) and isfinite(step):
            return step  # 1 is what writers put who know of none
    return None
