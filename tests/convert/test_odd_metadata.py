"""Metadata with junk anywhere in it are refused in a sentence, or taken as if it were not said."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr
from zarr_stores import COMPRESSORS, multiscales

from parfocal import ParfocalError
from parfocal.convert import dry_run

JUNK: list[Any] = [None, "", "x", -1, 0, 1e308, {}, [], [3], True, 10**30]
DATA = np.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8).astype("u2")
Place = tuple[Any, ...]


def packed(path: Path) -> list[str]:
    root = zarr.open_group(path, mode="w", zarr_format=2)
    delta: dict[str, Any] = {"filters": [numcodecs.Delta(dtype="u2")]}
    for name in ("blosc-lz4", "zstd", "gzip", "delta"):
        image = root.create_group(name)
        options: dict[str, Any] = {"compressors": COMPRESSORS[name]}
        options |= delta if name == "delta" else {}
        image.create_array("0", shape=DATA.shape, dtype="u2", chunks=(1, 3, 8, 8), **options)
        image.attrs["multiscales"] = multiscales("czyx")
    root.attrs["bioformats2raw.layout"] = 3
    return [f"{name}/0/.zarray" for name in ("blosc-lz4", "zstd", "gzip", "delta")]


def version_3(path: Path) -> list[str]:
    root = zarr.open_group(path, mode="w", zarr_format=3)
    root.create_array("0", shape=DATA.shape, dtype="u2", chunks=(1, 3, 8, 8))
    root.attrs["ome"] = {"version": "0.5", "multiscales": multiscales("czyx")}
    return ["0/zarr.json", "zarr.json"]


def plate(path: Path) -> list[str]:
    root = zarr.open_group(path, mode="w", zarr_format=2)
    wells = [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}]
    root.attrs["plate"] = {
        "rows": [{"name": "A"}], "columns": [{"name": "1"}], "wells": wells, "version": "0.4",
    }  # fmt: skip
    root.create_group("A/1").attrs["well"] = {"images": [{"path": "0"}]}
    image = root.create_group("A/1/0")
    image.create_array("0", shape=DATA.shape, dtype="u2")
    window = {"start": 0, "end": 9, "min": 0, "max": 10}
    channel = {"label": "a", "color": "FF0000", "window": window, "active": True}
    image.attrs.update({"multiscales": multiscales("czyx"), "omero": {"channels": [channel] * 2}})
    image.create_group("labels").attrs["labels"] = ["n"]
    nuclei = image.create_group("labels/n")
    nuclei.create_array("0", shape=DATA.shape[1:], dtype="u1")
    colours = {"colors": [{"label-value": 1, "rgba": [1, 2, 3, 4]}]}
    nuclei.attrs.update({"multiscales": multiscales("zyx"), "image-label": colours})
    groups = ("", "A/1/", "A/1/0/", "A/1/0/labels/", "A/1/0/labels/n/")
    return [f"{group}.zattrs" for group in groups]


def older(path: Path) -> list[str]:
    root = zarr.open_group(path, mode="w", zarr_format=2)
    for key, by in (("data", 1), ("data_pyramid/level_1", 2)):
        shape = (1, 1, *DATA.shape[:2], 8 // by, 8 // by)
        root.create_array(key, shape=shape, dtype="u2")
    found = root.create_array("results/a/b", shape=(5,), dtype="f8")
    found.attrs["source_component"] = "data"
    axes = {"stage_axis_map_zyx": {"z": "+z", "y": "+y", "x": "+x"}}
    root.attrs.update(
        {
            "voxel_size_um_zyx": [1.0, 2.0, 3.0],
            "stage_rows": [{"x": 1, "y": 2, "z": 3, "theta": 0, "f": 0}],
            "data_pyramid_factors_tpczyx": [[1] * 6, [1, 1, 1, 1, 2, 2]],
            "spatial_calibration": axes,
            "source_experiment": "/x/experiment.yml",
        }
    )
    return [".zattrs", "data/.zarray", "results/a/b/.zattrs"]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    yield at
    inside = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in inside:
        yield from places(value[key], (*at, key))


def changed(value: Any, at: Place, junk: Any) -> Any:
    if not at:
        return junk
    other = copy.deepcopy(value)
    inner = other
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = junk
    return other


@pytest.mark.parametrize("made", [packed, version_3, plate, older], ids=lambda one: one.__name__)
def test_junk_anywhere_is_one_sentence_or_nothing(made: Any, tmp_path: Path) -> None:
    dice = random.Random(made.__name__)
    store = tmp_path / "o.zarr"
    said: list[str] = []
    for name in made(store):
        whole = (store / name).read_text()
        for at in places(json.loads(whole)):
            junk = dice.choice(JUNK)
            (store / name).write_text(json.dumps(changed(json.loads(whole), at, junk)))
            try:
                dry_run(store, tmp_path / "n.ome.zarr")
            except ParfocalError as problem:
                said.append(str(problem))
        (store / name).write_text(whole)
    dry_run(store, tmp_path / "n.ome.zarr")
    assert not [one for one in said if "\n" in one]
