"""Lay down the metadata of small stores, version 2 and 3, for the tests of the voxel size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def group(place: Path, attributes: Mapping[str, Any] | None = None, zarr_format: int = 3) -> None:
    """A group with these attributes."""
    place.mkdir(parents=True, exist_ok=True)
    if zarr_format == 3:
        document = {"zarr_format": 3, "node_type": "group", "attributes": attributes or {}}
        (place / "zarr.json").write_text(json.dumps(document))
    else:
        (place / ".zgroup").write_text('{"zarr_format": 2}')
        (place / ".zattrs").write_text(json.dumps(attributes or {}))


def array(
    place: Path,
    shape: Sequence[int],
    attributes: Mapping[str, Any] | None = None,
    zarr_format: int = 3,
) -> None:
    """An array of this shape without a chunk; only its metadata matter here."""
    place.mkdir(parents=True, exist_ok=True)
    if zarr_format == 3:
        document = {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(shape),
            "data_type": "uint16",
            "attributes": attributes or {},
        }
        (place / "zarr.json").write_text(json.dumps(document))
    else:
        document = {"zarr_format": 2, "shape": list(shape), "dtype": "<u2"}
        (place / ".zarray").write_text(json.dumps(document))
        (place / ".zattrs").write_text(json.dumps(attributes or {}))


def ngff(
    scales: Sequence[Sequence[Any] | None],
    axes: str = "tczyx",
    unit: str | None = "micrometer",
    shared: Sequence[float] | None = None,
    zarr_format: int = 3,
) -> dict[str, Any]:
    """The attributes of an image with one level a scale."""
    entries = [
        {"name": name, "type": "space", **({"unit": unit} if unit else {})}
        if name in "zyx"
        else {"name": name, "type": "time" if name == "t" else "channel"}
        for name in axes
    ]
    datasets: list[dict[str, Any]] = [{"path": str(number)} for number in range(len(scales))]
    for dataset, scale in zip(datasets, scales, strict=True):
        if scale is not None:
            dataset["coordinateTransformations"] = [{"type": "scale", "scale": list(scale)}]
    multiscale: dict[str, Any] = {"axes": entries, "datasets": datasets}
    if shared is not None:
        multiscale["coordinateTransformations"] = [{"type": "scale", "scale": list(shared)}]
    if zarr_format == 3:
        return {"ome": {"version": "0.5", "multiscales": [multiscale]}}
    return {"multiscales": [{"version": "0.4", **multiscale}]}


def image(
    place: Path,
    scales: Sequence[Sequence[Any] | None],
    shapes: Sequence[Sequence[int]] = ((1, 1, 8, 64, 64), (1, 1, 8, 32, 32), (1, 1, 4, 16, 16)),
    others: Mapping[str, Any] | None = None,
    zarr_format: int = 3,
    **options: Any,
) -> None:
    """An image and its levels."""
    attributes = ngff(scales, zarr_format=zarr_format, **options)
    group(place, {**attributes, **(others or {})}, zarr_format)
    for number, shape in enumerate(shapes[: len(scales)]):
        array(place / str(number), shape, zarr_format=zarr_format)


def plate(root: Path, fields: int = 1, zarr_format: int = 3, **others: Any) -> None:
    """A plate with the one well A/1; its fields are still to be laid down."""
    wells = [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}]
    well = {"images": [{"path": str(number)} for number in range(fields)]}
    if zarr_format == 3:
        group(root, {"ome": {"version": "0.5", "plate": {"wells": wells}}, **others})
        group(root / "A/1", {"ome": {"version": "0.5", "well": well}})
    else:
        group(root, {"plate": {"wells": wells}, **others}, 2)
        group(root / "A/1", {"well": well}, 2)
    group(root / "A", {}, zarr_format)


def fingerprint(root: Path) -> str:
    """Every file's and folder's name, bytes and time of change."""
    digest = hashlib.sha256()
    for path in sorted([root, *root.rglob("*")]):
        digest.update(f"{path.relative_to(root)} {path.stat().st_mtime_ns}".encode())
        digest.update(path.read_bytes() if path.is_file() else b"/")
    return digest.hexdigest()
