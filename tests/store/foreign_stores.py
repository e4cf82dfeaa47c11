"""Write small NGFF stores with zarr-python, as another program would."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr

AXES = ("c", "z", "y", "x")
TYPES = {"t": "time", "c": "channel"}
METHOD = {"type": "stride", "metadata": {"method": "every second pixel"}}


def write_image(
    path: Path,
    *,
    shape: Sequence[int] = (2, 3, 16, 12),
    axes: Sequence[str] = AXES,
    levels: int = 2,
    dtype: str = "uint16",
    version: str = "0.5",
    chunks: Sequence[int] | None = None,
    **ome: Any,
) -> None:
    """An image whose levels take every second pixel of y and x."""
    zarr_format: Any = 3 if version == "0.5" else 2
    group = zarr.create_group(path, zarr_format=zarr_format)
    datasets = []
    for level in range(levels):
        step = 2**level
        size = [*shape[:-2], *(-(-length // step) for length in shape[-2:])]
        names: dict[str, Any] = {"dimension_names": list(axes)} if version == "0.5" else {}
        array = group.create_array(
            str(level), shape=size, chunks=chunks or size, dtype=dtype, **names
        )
        array[:] = np.ones(size, dtype)
        scale = [1.0] * (len(axes) - 2) + [0.5 * step] * 2
        transformations = [{"type": "scale", "scale": scale}]
        datasets.append({"path": str(level), "coordinateTransformations": transformations})
    multiscale: dict[str, Any] = {
        "name": "image",
        **METHOD,
        "axes": [{"name": name, "type": TYPES.get(name, "space")} for name in axes],
        "datasets": datasets,
    }
    if version == "0.5":
        group.attrs["ome"] = {"version": version, "multiscales": [multiscale], **ome}
    else:
        group.attrs.update({"multiscales": [{**multiscale, "version": version}], **ome})


def write_labelled(path: Path, **label: Any) -> None:
    """An image with one label image, `cells`."""
    write_image(path)
    labels = zarr.create_group(path / "labels", zarr_format=3)
    labels.attrs["ome"] = {"version": "0.5", "labels": ["cells"]}
    colours = {"colors": [{"label-value": 1, "rgba": [255, 0, 0, 255]}]}
    values: dict[str, Any] = {"dtype": "uint32", "image-label": colours, **label}
    write_image(path / "labels" / "cells", **values)


def write_plate(path: Path, *, version: str = "0.5", swapped: bool = False) -> None:
    """A plate of two rows and two columns, its four wells with one field each."""
    zarr_format: Any = 3 if version == "0.5" else 2
    rows, columns = ("A", "B"), ("1", "2")
    wells = [
        {"path": f"{c}/{r}" if swapped else f"{r}/{c}", "rowIndex": i, "columnIndex": j}
        for i, r in enumerate(rows)
        for j, c in enumerate(columns)
    ]
    acquisitions = [{"id": 0, "name": "first", "maximumfieldcount": 1}]
    plate: dict[str, Any] = {
        "name": "plate",
        "version": version,
        "rows": [{"name": name} for name in rows],
        "columns": [{"name": name} for name in columns],
        "wells": wells,
        "acquisitions": acquisitions,
    }
    well = {"version": version, "images": [{"path": "0", "acquisition": 0}]}
    _write_group(path, zarr_format, {"plate": plate})
    for name in sorted({str(entry["path"]).split("/")[0] for entry in wells}):
        zarr.create_group(path / name, zarr_format=zarr_format)
    for entry in wells:
        place = path / str(entry["path"])
        _write_group(place, zarr_format, {"well": well})
        image = {"shape": (8, 8), "axes": ("y", "x"), "levels": 1}
        write_image(place / "0", version=version, **image)  # type: ignore[arg-type]


def _write_group(path: Path, zarr_format: Any, ome: dict[str, Any]) -> None:
    group = zarr.create_group(path, zarr_format=zarr_format)
    group.attrs.update({"ome": {"version": "0.5", **ome}} if zarr_format == 3 else ome)


def edit(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the NGFF metadata in a file, or the file itself when it has none."""
    value = json.loads(file.read_text())
    attributes = value.get("attributes", {})
    change(attributes.get("ome") or attributes.get("parfocal") or value)
    file.write_text(json.dumps(value))
