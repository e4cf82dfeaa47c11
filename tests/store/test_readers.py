"""The readers of the field see the right shape, scale, names and places."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorstore as ts
import yaozarrs
import zarr
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import ChannelInfo, Recording, StoreReader, check, info

PLANNED = grid(t=2, p=2, c=2, z=3)
CHANNELS = [ChannelInfo("DAPI", "0000FF", (90.0, 900.0)), ChannelInfo("FITC")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("readers") / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED, channels=CHANNELS))
    put_all(recording, PLANNED)
    recording.close()
    return path


def pixels(field: int) -> np.ndarray:
    whole = np.zeros((2, 2, 3, *SHAPE), "uint16")
    for t, p, c, z in PLANNED:
        if p == field:
            whole[t, c, z] = plane_of((t, p, c, z))
    return whole


def test_our_own_reader(store: Path) -> None:
    found = info(store)
    assert found.state == "completed"
    assert found.axes == ("t", "c", "z", "y", "x")
    assert found.shape == (2, 2, 3, *SHAPE)
    assert found.fields == ("field 0", "field 1")
    assert found.channels == ("DAPI", "FITC")
    assert found.voxel_size_um == (2.0, 0.5, 0.25)
    assert found.voxel_size_source == "component:A/1/0"
    assert found.voxel_size_conflicts == ()
    assert found.time_step_s == 3.0
    assert found.origins_um == ((1.0, 0.0, 0.0), (1.0, 10.0, 20.0))
    assert (found.levels, found.dtype) == (1, "uint16")
    reader = StoreReader(store)
    np.testing.assert_array_equal(reader.array(1).read().result(), pixels(1))
    assert check(store, deep=True).findings == ()


def test_reading_writes_nothing(store: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in store.rglob("*")}
    info(store)
    check(store, deep=True)
    StoreReader(store).plane((0, 0, 0, 0))
    assert {file: file.stat().st_mtime_ns for file in store.rglob("*")} == before


def test_zarr_python(store: Path) -> None:
    group = zarr.open_group(store, mode="r")
    array = group["A/1/1/0"]
    assert isinstance(array, zarr.Array)
    assert array.metadata.dimension_names == ("t", "c", "z", "y", "x")
    np.testing.assert_array_equal(array[:], pixels(1))


def test_tensorstore(store: Path) -> None:
    kvstore = {"driver": "file", "path": f"{store / 'A/1/0/0'}/"}
    array = ts.open({"driver": "zarr3", "kvstore": kvstore}, read=True).result()
    assert array.domain.labels == ("t", "c", "z", "y", "x")
    np.testing.assert_array_equal(array.read().result(), pixels(0))


def test_yaozarrs_without_a_warning(store: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yaozarrs.validate_zarr_store(str(store))


def test_ome_zarr(store: Path) -> None:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    location = parse_url(store / "A" / "1" / "1")
    assert location is not None
    (node,) = list(Reader(location)())
    metadata: dict[str, Any] = node.metadata
    assert metadata["channel_names"] == ["DAPI", "FITC"]
    assert metadata["coordinateTransformations"][0] == [
        {"type": "scale", "scale": [3.0, 1.0, 2.0, 0.5, 0.25]},
        {"type": "translation", "translation": [0.0, 0.0, 1.0, 10.0, 20.0]},
    ]
    np.testing.assert_array_equal(np.asarray(node.data[0]), pixels(1))


def test_ome_zarr_opens_the_plate(store: Path) -> None:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Plate, Reader

    location = parse_url(store)
    assert location is not None
    nodes = list(Reader(location)())
    assert any(isinstance(spec, Plate) for node in nodes for spec in node.specs)


NAPARI = """
import json, sys
import numpy as np
from napari.components import ViewerModel
from parfocal.store import StoreReader

reader = StoreReader(sys.argv[1])
found = reader.info
layers = ViewerModel().add_image(
    reader.array(1),
    channel_axis=1,
    name=list(found.channels),
    scale=(1.0, *found.voxel_size_um),
    translate=(0.0, *found.origins_um[1]),
)
layer = layers[1]
print(json.dumps({
    "names": [each.name for each in layers],
    "scale": layer.scale.tolist(),
    "translate": layer.translate.tolist(),
    "shape": layer.data.shape,
    "plane": np.asarray(layer.data[1, 2]).tolist(),
}))
"""


def test_napari_shows_a_field_in_its_place(store: Path) -> None:
    """napari has no OME-Zarr reader of its own; its model takes what StoreReader gives."""
    child = subprocess.run(
        [sys.executable, "-c", NAPARI, str(store)], capture_output=True, text=True, check=True
    )
    shown = json.loads(child.stdout.splitlines()[-1])
    assert shown["names"] == ["DAPI", "FITC"]
    assert shown["scale"] == [1.0, 2.0, 0.5, 0.25]
    assert shown["translate"] == [0.0, 1.0, 10.0, 20.0]
    assert shown["shape"] == [2, 3, *SHAPE]
    np.testing.assert_array_equal(shown["plane"], plane_of((1, 1, 1, 2)))
