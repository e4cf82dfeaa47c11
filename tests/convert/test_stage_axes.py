"""A map of the stage's axes moves fields to where they lie, and stands in the store's history."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from test_mmstack import write
from test_navigate import HEADER, experiment, tiff
from zarr_stores import multiscales

from parfocal.convert import Wishes, convert, dry_run
from parfocal.store import StageAxisMap, info, read_provenance, read_store_metadata

AXES = StageAxisMap.parse("z=-x,y=y,x=f")
HALF_Y, HALF_X = 29 / 2 * 0.2, 39 / 2 * 0.1
ROWS = [{"x": 100.0 * n, "y": 7.0, "z": 30.0, "theta": 1.5, "f": 5.0 + n} for n in range(3)]
ONES = np.ones((1, 3, 1, 2, 30, 40), "u2")


def older(path: Path) -> Path:
    root = zarr.open_group(path / "o.zarr", mode="w", zarr_format=2)
    root.create_array("data", shape=ONES.shape, dtype="u2", chunks=(1, 1, 1, 2, 30, 40))[...] = ONES
    root.attrs["voxel_size_um_zyx"] = [2.5, 0.2, 0.1]
    root.attrs["stage_rows"] = ROWS
    return path / "o.zarr"


def navigate(path: Path) -> Path:
    folder = path / "cell"
    folder.mkdir()
    rows = [[row[name.lower()] for name in HEADER] for row in ROWS]
    told = experiment(folder, positions=[HEADER, *rows], depth=2)
    (folder / "experiment.yml").write_text(json.dumps(told))
    for p in range(3):
        for c in range(2):
            tiff(folder / f"Position{p}" / f"CH{c:02}_000000.tif", ONES[0, 0, 0])
    return folder


def namespaced(path: Path) -> Path:
    """NGFF images that say where they lie, and the rows of the older namespace beside them."""
    root = zarr.open_group(path / "i.zarr", mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    for n in range(3):
        image = root.create_group(str(n))
        image.create_array("0", shape=(30, 40), dtype="u2", chunks=(30, 40))[...] = 1
        image.create_array("1", shape=(15, 20), dtype="u2", chunks=(15, 20))[...] = 1
        told = multiscales("yx", 2)
        for level in told[0]["datasets"]:
            by = 2.0 if level["path"] == "1" else 1.0
            level["coordinateTransformations"] = [
                {"type": "scale", "scale": [0.2 * by, 0.1 * by]},
                {"type": "translation", "translation": [3.0 + 0.1 * (by - 1), 4.0]},
            ]
        image.attrs["multiscales"] = told
    root.create_group("clearex/metadata").attrs["stage_rows"] = ROWS
    return path / "i.zarr"


@pytest.mark.parametrize("made", [older, navigate, namespaced])
def test_fields_lie_where_the_map_says(made: Callable[[Path], Path], tmp_path: Path) -> None:
    source = made(tmp_path)
    new = tmp_path / "n.ome.zarr"
    report = convert(source, new, Wishes(stage_axes=AXES))
    assert not [one for one in report.warnings if "moves nothing" in one]
    for n, origin in enumerate(info(new).origins_um):
        assert origin == pytest.approx((-100.0 * n, 7 - HALF_Y, 5 + n - HALF_X))
    assert read_store_metadata(new).spatial_calibration == AXES
    (step,) = read_provenance(new)
    assert step.parameters["stage_axis_map"] == "z=-x,y=+y,x=+f"


def test_a_level_moves_with_its_image(tmp_path: Path) -> None:
    new = tmp_path / "n.ome.zarr"
    convert(namespaced(tmp_path), new, Wishes(stage_axes=AXES))
    told = json.loads((new / "A/1/1/zarr.json").read_text())["attributes"]["ome"]
    fine, coarse = (
        one["coordinateTransformations"][1]["translation"]
        for one in told["multiscales"][0]["datasets"]
    )
    assert np.subtract(coarse, fine) == pytest.approx([0, 0, 0, 0.1, 0])


def test_places_of_micro_manager_and_ome_follow_too(tmp_path: Path) -> None:
    write(tmp_path / "a_MMStack_Pos0.ome.tif", [(0, 0, 0, 0)], Positions=1, Slices=1, Channels=1)
    axes = Wishes(stage_axes=StageAxisMap.parse("y=-x,x=y"))
    convert(tmp_path / "a_MMStack_Pos0.ome.tif", tmp_path / "m.ome.zarr", axes)
    ((z, y, x),) = info(tmp_path / "m.ome.zarr").origins_um
    assert (z, y, x) == pytest.approx((30, 0 - 19 / 2 * 0.25, 7 - 29 / 2 * 0.25))
    places = {"PositionX": [10.0], "PositionY": [20.0], "PositionZ": [3.0]}
    told = {"axes": "YX", "PhysicalSizeX": 1.0, "PhysicalSizeY": 1.0, "Plane": places}
    tifffile.imwrite(tmp_path / "o.ome.tif", np.ones((3, 5), "u2"), metadata=told)
    convert(tmp_path / "o.ome.tif", tmp_path / "o.ome.zarr", axes)
    assert info(tmp_path / "o.ome.zarr").origins_um == ((3.0, -10.0 - 1, 20.0 - 2),)


def test_a_map_with_nothing_to_act_on_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 30, 40), "u2"))
    report = dry_run(tmp_path / "a.npy", tmp_path / "n.ome.zarr", Wishes(stage_axes=AXES))
    assert f"{tmp_path / 'a.npy'} does not say where the stage stood" in report.warnings[0]


def parfocal(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "parfocal", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_older_names_of_the_bare_command_migrate(tmp_path: Path) -> None:
    older(tmp_path)
    first = parfocal(tmp_path, "--migrate-store", "o.zarr", "--json")
    assert json.loads(first.stdout)["store"] == str(tmp_path / "o.ome.zarr"), first.stderr
    again = parfocal(tmp_path, "--migrate-store=o.zarr", "--migrate-output", "o.ome.zarr")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "exists already" in again.stderr
    words = ("--migrate-output", "o.ome.zarr", "--migrate-overwrite", "--stage-axis-map", "x=-f")
    done = parfocal(tmp_path, "--migrate-store", "o.zarr", *words)
    assert done.returncode == 0, done.stderr
    assert info(tmp_path / "o.ome.zarr").origins_um[1][2] == pytest.approx(-6 - HALF_X)
    assert len([path for path in tmp_path.iterdir() if ".previous-" in path.name]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--migrate-overwrite"], "--migrate-overwrite needs --migrate-store"),
        (["--stage-axis-map", "x=y"], "--stage-axis-map needs --migrate-store"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--migrate-store", "o.zarr", "--bogus"], "unrecognized arguments: --bogus"),
        (["--migrate-store", "o.zarr", "--stage-axis-map", "x=q"], "'+q' is no axis of a stage"),
        (["--migrate-store", "o.zarr", "--stage-axis-map", "x=y,y=y"], "of the stage twice"),
        (["--migrate-store", "o.zarr", "--stage-axis-map", "sideways"], "is no stage axis map"),
    ],
)
def test_older_names_that_make_no_sense_are_usage(
    words: list[str], said: str, tmp_path: Path
) -> None:
    done = parfocal(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
