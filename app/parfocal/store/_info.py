"""Say what a store holds: its state, planes, axes, voxel size and where that number is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._journal import read_journal
from parfocal.store._layout import field_path, whole_path
from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image, find_images
from parfocal.store._planes import PlaneState, read_planes
from parfocal.store._present import count_present
from parfocal.store._voxel_size import resolve_voxel_size


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

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        return {
            "store": str(self.path),
            "name": self.name,
            "state": self.state,
            "reason": self.reason,
            "planned": self.planned,
            "acquired": self.acquired,
            "missing": self.missing,
            "axes": list(self.axes),
            "shape": list(self.shape),
            "fields": list(self.fields),
            "field_paths": list(self.field_paths),
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
    """Read what the store at `path` holds, without writing anything."""
    root = whole_path(path)
    images = find_images(root)
    if not images or not images[0].levels or images[0].levels[0].shape is None:
        raise StoreError(f"{root} is a Zarr store, but holds no OME-Zarr image")
    record = read_record(root)
    first, level = images[0], images[0].levels[0]
    state, reason = store_state(root, record, images)
    planned, acquired = count_planes(root, record, images)
    voxel = resolve_voxel_size(root)
    return StoreInfo(
        path=root,
        state=state,
        reason=reason,
        name=str((record or {}).get("name") or first.name or root.name),
        planned=planned,
        acquired=acquired,
        missing=planned - acquired,
        axes=tuple(axis.name for axis in first.axes),
        shape=level.shape or (),
        fields=tuple(image.name for image in images),
        field_paths=tuple(image.path for image in images),
        origins_um=tuple(_origin(image) for image in images),
        channels=first.channels or _unnamed_channels(first),
        voxel_size_um=(voxel.z, voxel.y, voxel.x),
        voxel_size_source=voxel.source,
        voxel_size_conflicts=voxel.conflicts,
        time_step_s=time_step(first),
        levels=len(first.levels),
        dtype=level.dtype or "",
        voxel_size_notes=voxel.notes,
    )


def store_state(
    root: Path, record: Mapping[str, Any] | None, images: list[Image]
) -> tuple[str, str]:
    """The store's state word, and the reason that was given for it."""
    if record is None:
        current = images[0].zarr_format == 3 and images[0].version >= "0.5"
        return ("foreign" if current else "legacy"), ""
    fields = record.get("planned_per_field") or []
    if any(not (root / field_path(number)).is_dir() for number in range(len(fields))):
        return "damaged", "a field's folder is gone"
    state, reason = str(record.get("state")), str(record.get("reason") or "")
    if state != "recording":
        return state, reason
    story = read_journal(root)
    if story is not None and story.alive:
        return "recording", ""
    return "interrupted", "the recording process ended before it closed the store"


def count_planes(
    root: Path, record: Mapping[str, Any] | None, images: list[Image]
) -> tuple[int, int]:
    """How many planes were planned, and how many of them are on the disk."""
    if record is None:
        total = sum(_planes_of(image) for image in images)
        return total, total
    planned = int(record.get("planned", 0))
    if record.get("state") == "recording":
        story = read_journal(root)
        if story is not None:
            return planned, len(story.committed)
        # copied away from its journal: what is there is counted
        return planned, sum(count_present(root / image.path / "0") for image in images)
    states = read_planes(root)
    if states is None:
        return planned, int(record.get("acquired", 0))
    return planned, int((states == PlaneState.STORED).sum())


def _planes_of(image: Image) -> int:
    shape = image.levels[0].shape if image.levels else None
    lengths = zip(image.axes, shape or (), strict=False)
    return prod(length for axis, length in lengths if axis.name not in ("y", "x"))


def _unnamed_channels(image: Image) -> tuple[str, ...]:
    lengths = dict(
        zip((axis.name for axis in image.axes), image.levels[0].shape or (), strict=False)
    )
    return tuple(f"channel {number}" for number in range(lengths.get("c", 1)))


def _origin(image: Image) -> tuple[float, float, float]:
    place = image.levels[0].translation or ()
    found = dict(zip((axis.name for axis in image.axes), place, strict=False))
    return found.get("z", 0.0), found.get("y", 0.0), found.get("x", 0.0)


def time_step(image: Image) -> float | None:
    """The seconds between timepoints, when the store says so."""
    for axis, step in zip(image.axes, image.levels[0].scale or (), strict=False):
        if axis.name == "t" and axis.unit in ("second", "millisecond", "minute", "hour"):
            return step * {"second": 1.0, "millisecond": 1e-3, "minute": 60.0}.get(
                axis.unit, 3600.0
            )
    return None
