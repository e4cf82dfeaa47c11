"""A recording and a result of it open alike in every reader: pixels, scale, channels, labels."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorstore as ts
import yaozarrs
import zarr
from result_stores import PLANNED, double, doubled, recorded
from store_recordings import plane_of

from parfocal.store import check, info, write_labels, write_pyramid

SHAPE = (800, 420)
FIELD = "A/1/1"
LEVELS = 3
SCALE = [3.0, 1.0, 2.0, 0.5, 0.25]
PLACE = [0.0, 0.0, 1.0, 10.0, 20.0]


@dataclass(frozen=True)
class Case:
    """A store or a result in it, and what every reader must see of its second field."""

    path: Path
    pixels: np.ndarray
    labels: np.ndarray


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    store = recorded(tmp_path_factory.mktemp("readers") / "cells.ome.zarr", shape=SHAPE)
    write_pyramid(store)
    double(store, shape=SHAPE, levels="mean")
    double(store, shape=SHAPE, levels="mean")
    latest = store / "results/double/latest"
    cells = np.zeros((2, 1, 3, *SHAPE), "uint32")
    cells[1, 0, 2, 100:300, 50:200] = 70000
    cells[0, 0, 0, 4:8, 4:8] = 3
    for image in (FIELD, f"results/double/latest/{FIELD}"):
        with write_labels(store, image, "nuclei", colors={3: (255, 0, 0, 255)}) as labels:
            for t in range(2):
                for z in range(3):
                    labels.put(t, cells[t, 0, z], z)
    raw = np.zeros((2, 2, 3, *SHAPE), "uint16")
    for t, p, c, z in PLANNED:
        if p == 1:
            raw[t, c, z] = plane_of((t, p, c, z), SHAPE)
    return {
        "recording": Case(store, raw, cells),
        "result": Case(latest, doubled(1, SHAPE), cells),
    }


@pytest.fixture(params=["recording", "result"])
def case(cases: dict[str, Case], request: pytest.FixtureRequest) -> Case:
    return cases[request.param]


def test_ours_finds_nothing_wrong(case: Case) -> None:
    assert check(case.path, deep=True).findings == ()
    found = info(case.path)
    assert (found.levels, found.channels) == (LEVELS, ("DAPI", "FITC"))
    assert found.voxel_size_um == (2.0, 0.5, 0.25)


def test_tensorstore(case: Case) -> None:
    def read(path: str) -> np.ndarray:
        kvstore = {"driver": "file", "path": f"{case.path / FIELD / path}/"}
        array = ts.open({"driver": "zarr3", "kvstore": kvstore}, read=True).result()
        assert array.domain.labels == ("t", "c", "z", "y", "x")
        return np.asarray(array.read().result())

    np.testing.assert_array_equal(read("0"), case.pixels)
    np.testing.assert_array_equal(read("labels/nuclei/0"), case.labels)
    for level in range(1, LEVELS):
        step = 2**level
        coarse = case.labels[..., ::step, ::step]
        np.testing.assert_array_equal(read(f"labels/nuclei/{level}"), coarse)
        assert read(str(level)).shape[-2:] == coarse.shape[-2:]


def test_zarr_python(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        group = zarr.open_group(case.path, mode="r")
        array, labels = group[f"{FIELD}/0"], group[f"{FIELD}/labels/nuclei/0"]
        assert isinstance(array, zarr.Array)
        assert isinstance(labels, zarr.Array)
        np.testing.assert_array_equal(array[:], case.pixels)
        np.testing.assert_array_equal(labels[:], case.labels)
        listed: Any = group[f"{FIELD}/labels"].attrs["ome"]
        assert listed["labels"] == ["nuclei"]


def test_yaozarrs_without_a_warning(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yaozarrs.validate_zarr_store(str(case.path))


def nodes_of(path: Path) -> list[Any]:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    location = parse_url(path)
    assert location is not None
    return list(Reader(location)())


def test_ome_zarr(case: Case) -> None:
    image, *others = nodes_of(case.path / FIELD)
    assert image.metadata["channel_names"] == ["DAPI", "FITC"]
    steps = image.metadata["coordinateTransformations"]
    assert steps[0] == [
        {"type": "scale", "scale": SCALE},
        {"type": "translation", "translation": PLACE},
    ]
    assert len(image.data) == LEVELS
    np.testing.assert_array_equal(np.asarray(image.data[0]), case.pixels)
    (labels,) = [node for node in others if node.data]
    assert labels.metadata["name"] == "nuclei" or "nuclei" in str(labels)
    assert labels.metadata["coordinateTransformations"][0] == steps[0]
    assert len(labels.data) == LEVELS
    np.testing.assert_array_equal(np.asarray(labels.data[0]), case.labels)
    assert labels.metadata["color"][3] == [1.0, 0.0, 0.0, 1.0]


def test_ome_zarr_opens_the_plate(case: Case) -> None:
    from ome_zarr.reader import Plate

    assert any(isinstance(spec, Plate) for node in nodes_of(case.path) for spec in node.specs)


NAPARI = """
import json, sys
import numpy as np
from napari.components import ViewerModel
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader

viewer = ViewerModel()
image, *others = list(Reader(parse_url(sys.argv[1]))())

def placed(node):
    scale, translation = node.metadata["coordinateTransformations"][0]
    without_c = lambda values: [value for n, value in enumerate(values) if n != 1]
    return {"scale": without_c(scale["scale"]), "translate": without_c(translation["translation"])}

names = image.metadata["channel_names"]
layers = viewer.add_image(
    image.data, channel_axis=1, name=names, multiscale=True, **placed(image)
)
(node,) = [node for node in others if node.data]
name = node.metadata["name"]
labels = viewer.add_labels(
    [level[:, 0] for level in node.data], name=name, multiscale=True, **placed(node)
)
layers.append(labels)
np.savez(sys.argv[2], *[np.asarray(layer.data[0]) for layer in layers])
print(json.dumps([
    {
        "name": layer.name,
        "scale": layer.scale.tolist(),
        "translate": layer.translate.tolist(),
        "levels": len(layer.data),
        "extent": layer.extent.world.tolist(),
    }
    for layer in layers
]))
"""


def test_napari_lays_labels_over_their_image(case: Case, tmp_path: Path) -> None:
    """What napari-ome-zarr hands over, in napari's own layers."""
    command = [sys.executable, "-c", NAPARI, str(case.path / FIELD), str(tmp_path / "shown.npz")]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    shown = json.loads(child.stdout.splitlines()[-1])
    assert [layer["name"].lstrip("/") for layer in shown] == ["DAPI", "FITC", "nuclei"]
    for layer in shown:
        assert layer["scale"] == [3.0, 2.0, 0.5, 0.25]
        assert layer["translate"] == [0.0, 1.0, 10.0, 20.0]
        assert layer["levels"] == LEVELS
        assert layer["extent"] == shown[0]["extent"]
    with np.load(tmp_path / "shown.npz") as arrays:
        for channel in range(2):
            np.testing.assert_array_equal(arrays[f"arr_{channel}"], case.pixels[:, channel])
        np.testing.assert_array_equal(arrays["arr_2"], case.labels[:, 0])
