"""Write the NGFF 0.5 metadata of a recording, complete from its first moment."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parfocal import __version__
from parfocal.store._arrangement import Arrangement
from parfocal.store._cameras import Voxel
from parfocal.store._codec import Codec, sharding
from parfocal.store._files import read_json, write_json
from parfocal.store._geometry import Geometry
from parfocal.store._images import ImagePlace
from parfocal.store._layout import EXTRAS, RUN
from parfocal.store._spec import ChannelInfo, FieldInfo, Index, RecordingSpec
from parfocal.store._wells import plate_layout, wells_and_images

NGFF_VERSION = "0.5"
AXES = ("t", "c", "z", "y", "x")
# A blend of two or three of these stays readable for the colour-blind
PALETTE = ("FF00FF", "00FF00", "00FFFF", "FFFF00", "FF8000", "0080FF")


def write_skeleton(
    root: Path,
    spec: RecordingSpec,
    arrangement: Arrangement,
    codec: Codec,
    timepoints: int,
    started: str,
) -> None:
    """Write every group and array of a recording; it opens anywhere before its first frame."""
    milliseconds = round(datetime.fromisoformat(started).timestamp() * 1000)
    write_images(root, spec, arrangement, arrangement.images.places, codec, timepoints)
    write_wells(root, spec, arrangement, arrangement.images.places, milliseconds)
    write_json(root / EXTRAS / "zarr.json", group({EXTRAS: {"version": __version__}}))
    record = {
        "name": spec.name,
        "state": "recording",
        "reason": "",
        "planned": len(spec.planned),
        "unbounded": spec.unbounded,
        "voxel_size_um": dict(zip("zyx", map(float, spec.voxel_um), strict=True)),
        "voxel_size_guessed": list(spec.guessed),
        "time_step_s": spec.time_step_s,
        "started": started,
        "images": [place.as_json() for place in arrangement.images.places],
        "plan": dict(spec.plan),
        "plan_revisions": [revision(spec.plan, spec.planned, spec.due_s, spec.fields)],
        "microscope": dict(spec.microscope),
        "hardware": {"start": dict(spec.hardware), "end": {}},
    }
    write_json(root / RUN / "zarr.json", group({EXTRAS: record}))


def write_images(
    root: Path,
    spec: RecordingSpec,
    arrangement: Arrangement,
    places: Sequence[ImagePlace],
    codec: Codec,
    timepoints: int,
) -> None:
    """Write the groups and arrays of these images."""
    alike = {camera.channels: camera for camera in arrangement.cameras}
    for place in places:
        camera, field = alike[place.channels], arrangement.fields[place.field]
        origin = camera.origin_um(spec, field.origin_um)
        attributes = {
            "ome": {
                "version": NGFF_VERSION,
                "multiscales": [multiscales(field.name, origin, camera.voxel_um, spec.time_step_s)],
                "omero": omero(spec.channels, camera.dtype, camera.channels),
            },
            EXTRAS: {"field": field.name, "origin_um": list(origin)},
        }
        geometry = arrangement.geometries[camera.number]
        write_json(root / place.path / "zarr.json", group(attributes))
        write_json(root / place.array() / "zarr.json", pixel_array(geometry, codec, timepoints))


def write_wells(
    root: Path,
    spec: RecordingSpec,
    arrangement: Arrangement,
    changed: Sequence[ImagePlace],
    started: int,
) -> None:
    """Write the wells that have these images, then the plate that lists the wells."""
    wells = wells_and_images(arrangement.images.places, arrangement.cameras)
    for path in dict.fromkeys(place.path.rpartition("/")[0] for place in changed):
        well = {"version": NGFF_VERSION, "well": {"images": wells[path]}}
        write_json(root / path / "zarr.json", group({"ome": well}))
        row = root / path.partition("/")[0] / "zarr.json"
        if not row.is_file():
            write_json(row, group({}))
    plate = plate_layout(arrangement.fields, arrangement.cameras, spec.plate)
    for acquisition in plate["acquisitions"]:
        acquisition["starttime"] = started
    document = {"version": NGFF_VERSION, "name": spec.name, **plate}
    ome = {"version": NGFF_VERSION, "plate": document}
    write_json(root / "zarr.json", group({"ome": ome}))


def revision(
    plan: Mapping[str, Any],
    planned: Sequence[Index],
    due_s: Sequence[float],
    fields: Sequence[FieldInfo],
) -> dict[str, Any]:
    """What the record keeps of a plan, the first one and each that changed it in mid-run."""
    times = [index[0] for index in planned]
    return {
        "at": timestamp(),
        "planes": len(planned),
        "timepoints": [min(times), max(times)] if times else [],
        "due_s": [float(min(due_s)), float(max(due_s))] if due_s else [],
        "fields": [field.name for field in fields],
        "plan": dict(plan),
    }


def read_record(root: Path) -> dict[str, Any] | None:
    """What `parfocal/run` says about the recording; None when Parfocal did not record it."""
    path = root / RUN / "zarr.json"
    if not path.is_file():
        return None
    record = read_json(path).get("attributes", {}).get(EXTRAS)
    return record if isinstance(record, dict) else None


def update_record(root: Path, changes: Mapping[str, Any]) -> None:
    """Change what `parfocal/run` says, keeping the rest."""
    record = {**(read_record(root) or {}), **changes}
    write_json(root / RUN / "zarr.json", group({EXTRAS: record}))


def group(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A Zarr v3 group."""
    return {"zarr_format": 3, "node_type": "group", "attributes": dict(attributes)}


def pixel_array(geometry: Geometry, codec: Codec, timepoints: int) -> dict[str, Any]:
    """The Zarr v3 array of the pixels of one camera in one field."""
    dtype = geometry.dtype
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [timepoints, *geometry.array_shape[1:]],
        "data_type": dtype.name,
        "chunk_grid": {
            "name": "regular",
            "configuration": {"chunk_shape": list(geometry.shard_shape)},
        },
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0.0 if dtype.kind == "f" else 0,
        "codecs": sharding(geometry.chunk_shape, dtype, codec),
        "attributes": {},
        "dimension_names": list(AXES),
    }


def multiscales(
    name: str, origin_um: Voxel, voxel_um: Voxel, time_step_s: float | None
) -> dict[str, Any]:
    """One level, with its scale and its place on the stage in µm (and seconds, when known)."""
    time: dict[str, str] = {"name": "t", "type": "time"}
    if time_step_s:
        time["unit"] = "second"
    space = [{"name": axis, "type": "space", "unit": "micrometer"} for axis in "zyx"]
    scale = [time_step_s or 1.0, 1.0, *voxel_um]
    translation = [0.0, 0.0, *origin_um]
    transformations = [
        {"type": "scale", "scale": [float(value) for value in scale]},
        {"type": "translation", "translation": [float(value) for value in translation]},
    ]
    return {
        "name": name,
        "axes": [time, {"name": "c", "type": "channel"}, *space],
        "datasets": [{"path": "0", "coordinateTransformations": transformations}],
    }


def omero(
    channels: Sequence[ChannelInfo], dtype: "np.dtype[Any]", shown: Sequence[int] | None = None
) -> dict[str, Any]:
    """How a viewer shows the channels at first: all of them, or those of one camera."""
    lowest, highest = _range(dtype)
    entries = []
    for number in range(len(channels)) if shown is None else shown:
        channel = channels[number]
        only = "FFFFFF" if len(channels) == 1 else PALETTE[number % len(PALETTE)]
        start, end = channel.window or (lowest, highest)
        entries.append(
            {
                "label": channel.name,
                "color": (channel.color or only).lstrip("#").upper(),
                "active": True,
                "window": {"min": lowest, "max": highest, "start": start, "end": end},
            }
        )
    return {"channels": entries, "rdefs": {"defaultT": 0, "defaultZ": 0, "model": "color"}}


def timestamp() -> str:
    """Now, in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _range(dtype: "np.dtype[Any]") -> tuple[float, float]:
    if dtype.kind == "f":
        return 0.0, 1.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)
