"""Write the NGFF 0.5 metadata of a recording, complete from its first moment."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parfocal import __version__
from parfocal.store._codec import Codec, sharding
from parfocal.store._files import read_json, write_json
from parfocal.store._geometry import Geometry
from parfocal.store._layout import COLUMN, EXTRAS, ROW, RUN, WELL, array_path, field_path
from parfocal.store._spec import ChannelInfo, FieldInfo, RecordingSpec

NGFF_VERSION = "0.5"
AXES = ("t", "c", "z", "y", "x")
# A blend of two or three of these stays readable for the colour-blind
PALETTE = ("FF00FF", "00FF00", "00FFFF", "FFFF00", "FF8000", "0080FF")


def write_skeleton(root: Path, spec: RecordingSpec, geometry: Geometry, codec: Codec) -> None:
    """Write every group and array of a recording; it opens anywhere before its first frame."""
    write_json(root / "zarr.json", group({"ome": _plate(spec)}))
    write_json(root / ROW / "zarr.json", group({}))
    images = [{"path": str(number), "acquisition": 0} for number in range(len(spec.fields))]
    well = {"version": NGFF_VERSION, "well": {"images": images}}
    write_json(root / WELL / "zarr.json", group({"ome": well}))
    array = pixel_array(geometry, codec)
    for number, field in enumerate(spec.fields):
        attributes = {
            "ome": {
                "version": NGFF_VERSION,
                "multiscales": [multiscales(field, spec)],
                "omero": omero(spec.channels, np.dtype(spec.dtype)),
            },
            EXTRAS: {"field": field.name, "origin_um": list(field.origin_um)},
        }
        write_json(root / field_path(number) / "zarr.json", group(attributes))
        write_json(root / array_path(number) / "zarr.json", array)
    write_json(root / EXTRAS / "zarr.json", group({EXTRAS: {"version": __version__}}))
    record = {
        "name": spec.name,
        "state": "recording",
        "reason": "",
        "planned": len(spec.planned),
        "voxel_size_um": dict(zip("zyx", map(float, spec.voxel_um), strict=True)),
        "time_step_s": spec.time_step_s,
        "started": timestamp(),
        "plan": dict(spec.plan),
        "microscope": dict(spec.microscope),
    }
    write_json(root / RUN / "zarr.json", group({EXTRAS: record}))


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


def pixel_array(geometry: Geometry, codec: Codec) -> dict[str, Any]:
    """The Zarr v3 array of one field's pixels."""
    dtype = geometry.dtype
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(geometry.array_shape),
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


def multiscales(field: FieldInfo, spec: RecordingSpec) -> dict[str, Any]:
    """One level, with its scale and its place on the stage in µm (and seconds, when known)."""
    time: dict[str, str] = {"name": "t", "type": "time"}
    if spec.time_step_s:
        time["unit"] = "second"
    space = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale = [spec.time_step_s or 1.0, 1.0, *spec.voxel_um]
    translation = [0.0, 0.0, *field.origin_um]
    transformations = [
        {"type": "scale", "scale": [float(value) for value in scale]},
        {"type": "translation", "translation": [float(value) for value in translation]},
    ]
    return {
        "name": field.name,
        "axes": [time, {"name": "c", "type": "channel"}, *space],
        "datasets": [{"path": "0", "coordinateTransformations": transformations}],
    }


def omero(channels: Sequence[ChannelInfo], dtype: "np.dtype[Any]") -> dict[str, Any]:
    """How a viewer shows the channels at first."""
    lowest, highest = _range(dtype)
    entries = []
    for number, channel in enumerate(channels):
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


def _plate(spec: RecordingSpec) -> dict[str, Any]:
    fields = len(spec.fields)
    return {
        "version": NGFF_VERSION,
        "plate": {
            "version": NGFF_VERSION,
            "name": spec.name,
            "rows": [{"name": ROW}],
            "columns": [{"name": COLUMN}],
            "wells": [{"path": WELL, "rowIndex": 0, "columnIndex": 0}],
            "field_count": fields,
            "acquisitions": [
                {
                    "id": 0,
                    "name": spec.name,
                    "maximumfieldcount": fields,
                    "starttime": int(datetime.now(UTC).timestamp() * 1000),
                }
            ],
        },
    }


def _range(dtype: "np.dtype[Any]") -> tuple[float, float]:
    if dtype.kind == "f":
        return 0.0, 1.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)
