"""Experiments of Navigate come over with the sizes, channels and places that they record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import yaml
from bdv_stores import SHAPE, view, write_hdf5, write_n5, xml
from zarr_stores import multiscales, pixels_of

from parfocal.convert import ConvertError, convert
from parfocal.store import check, info, read_store_metadata

HEADER = ["X", "Y", "Z", "THETA", "F"]
ROWS = [[100.0 * n, 7.0, 30.0, 1.5, 5.0 + n] for n in range(3)]
VOXEL = (2.5, 0.2, 0.1)


def experiment(
    folder: Path, *, positions: Any = None, times: int = 1, depth: int = SHAPE[0], **more: Any
) -> dict[str, Any]:
    """As Navigate writes it: the step runs backwards, a third channel is not selected."""
    channels = {
        "channel_1": {"is_selected": True, "laser": "488nm"},
        "channel_2": {"is_selected": True, "laser": "561nm"},
        "channel_3": {"is_selected": False, "laser": "642nm"},
    }
    state = {
        "microscope_name": "Nanoscale",
        "zoom": "N/A",
        "step_size": -VOXEL[0],
        "number_z_steps": depth,
        "timepoints": times,
        "is_multiposition": positions is not None,
        "channels": channels,
    }
    camera = {"fov_x": 4.0, "fov_y": 6.0, "img_x_pixels": 40, "img_y_pixels": 30}
    return {
        "Saving": {"save_directory": str(folder), "file_type": "TIFF"},
        "MicroscopeState": {**state, **more},
        "CameraParameters": {"Nanoscale": camera, "fov_x": 1.0},
        "MultiPositions": positions or [],
    }


def tiff(path: Path, data: np.ndarray, *, ome: bool = False) -> None:
    """Plane by plane, contiguous, as Navigate does."""
    path.parent.mkdir(exist_ok=True)
    with tifffile.TiffWriter(path, byteorder="<") as writer:
        for number, plane in enumerate(data):
            told: dict[str, Any] = {"metadata": {"axes": "ZYX"}}
            if ome:
                told = {"metadata": None, "description": "<OME/>" if number == 0 else None}
            writer.write(plane, contiguous=True, **told)


def expected(position: int, positions: int, times: int = 1) -> np.ndarray:
    return np.stack(
        [np.stack([view(c * positions + position, t) for c in range(2)]) for t in range(times)]
    )


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("suffix", [".tif", ".ome.tiff"])
def test_tiffs_of_several_positions(tmp_path: Path, form: str, suffix: str) -> None:
    source = tmp_path / "cell"
    source.mkdir()
    told = experiment(source, positions=[HEADER, [0, 0, 0, 0, 0]], times=2)
    text = json.dumps(told) if form == "json" else yaml.safe_dump(told)
    (source / "experiment.yml").write_text(text)
    (source / "multi_positions.yml").write_text(json.dumps([HEADER, *ROWS]))
    for p in range(3):
        for t in range(2):
            for c in range(2):
                path = source / f"Position{p}" / f"CH{c:02}_{t:06}{suffix}"
                tiff(path, view(c * 3 + p, t), ome="ome" in suffix)
    new = tmp_path / "n.ome.zarr"
    report = convert(source if form == "json" else source / "experiment.yml", new)
    assert report.kind == "Navigate, TIFF"
    assert (report.warnings, report.guessed) == ((), ())
    for p in range(3):
        assert np.array_equal(pixels_of(new, p), expected(p, 3, 2))
    facts = info(new)
    assert facts.voxel_size_um == VOXEL
    assert facts.channels == ("488nm", "561nm")
    assert facts.fields == ("position 0", "position 1", "position 2")
    assert facts.origins_um[2] == pytest.approx((30, 7 - 29 / 2 * 0.2, 200 - 39 / 2 * 0.1))
    metadata = read_store_metadata(new)
    assert [(row.field, row.x, row.theta, row.f) for row in metadata.stage_rows] == [
        (f"position {n}", 100.0 * n, 1.5, 5.0 + n) for n in range(3)
    ]
    assert metadata.source_experiment["MicroscopeState"]["step_size"] == -2.5
    assert check(new, deep=True).ok


def test_an_aborted_run_brings_what_is_there_and_says_what_is_not(tmp_path: Path) -> None:
    """Position 1 was skipped, 2 was stopped in its second channel, of five timepoints one began."""
    saved = r"E:\Data\Mouse\CELL_001"
    source = tmp_path / "cell_001"
    source.mkdir()
    told = experiment(source, positions=[HEADER, *ROWS], times=5)
    told["Saving"]["save_directory"] = saved
    (source / "experiment.yml").write_text(json.dumps(told))
    for p in (0, 2):
        tiff(source / f"Position{p}/CH00_000000.tif", view(p, 0))
    tiff(source / "Position0/CH01_000000.tif", view(3, 0))
    tiff(source / "Position2/CH01_000000.tif", view(5, 0)[:2])
    new = tmp_path / "n.ome.zarr"
    report = convert(source, new)
    assert report.warnings == (
        "position 1 was never taken; it is left out",
        "1 timepoint of 5 planned ones were begun",
        f"position 2 lacks 3 of {2 * SHAPE[0]} planes",
    )
    facts = info(new)
    assert facts.fields == ("position 0", "position 2")
    assert facts.origins_um[1][2] == pytest.approx(200 - 39 / 2 * 0.1)
    assert (facts.planned, facts.acquired) == (4 * SHAPE[0], 4 * SHAPE[0] - 3)
    stopped = expected(2, 3)
    stopped[0, 1, 2:] = 0
    assert np.array_equal(pixels_of(new, 1), stopped)
    assert check(new).ok


def test_a_file_of_a_killed_run_whose_end_was_cut_off(tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    (source / "experiment.yml").write_text(json.dumps(experiment(source)))
    for c in range(2):
        tifffile.imwrite(source / f"CH0{c}_000000.tif", view(c, 0), compression=None)
    # the directories of all pages, then the pixels: what is cut off is the last plane
    path = source / "CH01_000000.tif"
    with tifffile.TiffWriter(path) as writer:
        for plane in view(1, 0):
            writer.write(plane, contiguous=False, metadata=None)
    with tifffile.TiffFile(path) as file:
        last = file.pages[SHAPE[0] - 1]
        cut = last.dataoffsets[0] + 5
    path.write_bytes(path.read_bytes()[:cut])
    report = convert(source, tmp_path / "n.ome.zarr")
    assert report.warnings == (f"position 0 lacks 1 of {2 * SHAPE[0]} planes",)
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], view(0, 0))
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 1, :-1], view(1, 0)[:-1])


@pytest.mark.parametrize("with_xml", [True, False])
@pytest.mark.parametrize("suffix", ["h5", "n5"])
def test_bdv_with_its_xml_or_without_one(tmp_path: Path, suffix: str, with_xml: bool) -> None:
    source = tmp_path / "run"
    source.mkdir()
    views = [(setup, t) for setup in range(6) for t in range(2) if setup != 4]
    data = source / f"CH00_000000.{suffix}"
    if suffix == "h5":
        write_hdf5(data, views)
    else:
        write_n5(data, views, 6, 2)
    lower = [dict(zip("xyz", row, strict=False)) | {"Theta": 1.5, "f": row[4]} for row in ROWS]
    told = experiment(source, positions=lower, times=2)
    told["Saving"]["file_type"] = suffix.upper()
    (source / "experiment.yml").write_text(json.dumps(told))
    if with_xml:
        kind = "hdf5" if suffix == "h5" else "n5"
        (source / "CH00_000000.xml").write_text(xml(data.name, 6, 2, 2, kind=kind, z_step=-2.5))
    new = tmp_path / "n.ome.zarr"
    report = convert(source if with_xml else data, new)
    assert report.guessed == ()
    assert report.warnings == ("position 1 lacks 2 of 4 stacks",)
    for p in (0, 2):
        assert np.array_equal(pixels_of(new, p), expected(p, 3, 2))
    facts = info(new)
    assert facts.voxel_size_um == VOXEL
    assert facts.fields == ("0", "1", "2")
    if not with_xml:
        assert facts.channels == ("488nm", "561nm")
        assert facts.origins_um[2][2] == pytest.approx(200 - 39 / 2 * 0.1)
    rows = read_store_metadata(new).stage_rows
    assert [(row.field, row.x, row.theta) for row in rows] == [
        (str(n), 100.0 * n, 1.5) for n in range(3)
    ]
    assert check(new).ok


def test_the_list_of_positions_counts_only_if_it_was_used(tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    (source / "multi_positions.yml").write_text(json.dumps([HEADER, *ROWS]))
    (source / "experiment.yml").write_text(json.dumps(experiment(source)))
    for c in range(2):
        tiff(source / f"CH0{c}_000000.tif", view(c, 0))
    convert(source, tmp_path / "n.ome.zarr")
    assert read_store_metadata(tmp_path / "n.ome.zarr").stage_rows == ()
    assert info(tmp_path / "n.ome.zarr").origins_um == ((0.0, 0.0, 0.0),)


def test_positions_are_looked_up_where_the_data_were_saved_first(tmp_path: Path) -> None:
    saved, beside = tmp_path / "saved", tmp_path / "beside"
    for folder in (saved, beside):
        folder.mkdir()
    told = experiment(saved, positions=[HEADER, [1, 1, 1, 1, 1]])
    (beside / "experiment.yml").write_text(json.dumps(told))
    (beside / "multi_positions.yml").write_text(json.dumps([HEADER, [2, 2, 2, 2, 2]]))
    for c in range(2):
        tiff(saved / f"Position0/CH0{c}_000000.tif", view(c, 0))
    convert(beside, tmp_path / "a.ome.zarr")
    assert read_store_metadata(tmp_path / "a.ome.zarr").stage_rows[0].x == 2
    shuffled = [["f", "theta", "z", "y", "x"], [3, 4, 5, 6, 7]]
    (saved / "multi_positions.yml").write_text(yaml.safe_dump(shuffled))
    convert(beside, tmp_path / "b.ome.zarr")
    row = read_store_metadata(tmp_path / "b.ome.zarr").stage_rows[0]
    assert (row.x, row.y, row.z, row.theta, row.f) == (7, 6, 5, 4, 3)


def test_an_ome_zarr_beside_it_is_read_as_what_it_is(tmp_path: Path) -> None:
    import zarr

    source = tmp_path / "c"
    source.mkdir()
    told = experiment(source)
    told["Saving"]["file_type"] = "OME-ZARR"
    (source / "experiment.yml").write_text(json.dumps(told))
    group = zarr.open_group(source / "CH00_000000.ome.zarr", mode="w", zarr_format=2)
    data = expected(0, 1)
    group.create_array("0", data=data, chunks=(1, 1, 1, 30, 40))
    group.attrs["multiscales"] = multiscales("tczyx")
    report = convert(source, tmp_path / "n.ome.zarr")
    assert report.kind == "Navigate, OME-Zarr 0.4"
    assert report.arrays[0]["action"] == "repack"
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), data)
    assert read_store_metadata(tmp_path / "n.ome.zarr").source_experiment["Saving"]


def test_a_place_among_the_data_is_refused_and_one_beside_them_is_not(tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    told = experiment(source, positions=[HEADER, ROWS[0]])
    (source / "experiment.yml").write_text(json.dumps(told))
    for c in range(2):
        tiff(source / f"Position0/CH0{c}_000000.tif", view(c, 0))
    start = source / "experiment.yml"
    with pytest.raises(ConvertError, match="inside its source"):
        convert(start, source / "Position0/n.ome.zarr")
    assert len(list((source / "Position0").iterdir())) == 2
    convert(start, source / "n.ome.zarr")
    write_n5(source / "e.n5", [(0, 0), (1, 0)], 2, 1)
    (source / "e.xml").write_text(xml("e.n5", 2, 2, 1, kind="n5"))
    with pytest.raises(ConvertError, match="inside its source"):
        convert(source / "e.xml", source / "e.n5/n.ome.zarr")
    assert not list((source / "e.n5").glob("*.ome.zarr"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "neither JSON nor YAML"),
        ("a: 1", "has no MicroscopeState"),
        (
            json.dumps(experiment(Path(r"\\server\share\gone"))),
            "put it into the folder of its data",
        ),
    ],
)
def test_what_does_not_help_is_one_sentence(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s/experiment.yml").write_text(text)
    with pytest.raises(ConvertError, match=why) as caught:
        convert(tmp_path / "s/experiment.yml", tmp_path / "n.ome.zarr")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["h5", "n5"])
def test_the_planes_that_a_stopped_stack_lacks_are_missing_and_not_black(
    tmp_path: Path, suffix: str
) -> None:
    import h5py
    import tensorstore as ts

    source = tmp_path / "run"
    source.mkdir()
    data = source / f"CH00_000000.{suffix}"
    if suffix == "h5":
        write_hdf5(data, [(0, 0), (1, 0)])
        with h5py.File(data, "a") as file:
            del file["t00000/s01/0/cells"]
            cells = file.create_dataset(
                "t00000/s01/0/cells", SHAPE, "u2", chunks=(1, *SHAPE[1:]), compression="gzip"
            )
            cells[:2] = view(1, 0)[:2]
    else:
        write_n5(data, [(0, 0)], 2, 1)  # blocks of two planes
        spec = {"driver": "n5", "kvstore": f"file://{data}/setup1/timepoint0/s0/"}
        ts.open(spec, write=True).result()[:, :, :2] = view(1, 0).transpose()[:, :, :2]
    (source / "experiment.yml").write_text(json.dumps(experiment(source)))
    new = tmp_path / "n.ome.zarr"
    report = convert(source, new)
    assert report.warnings == ("position 0 lacks 3 planes of its other stacks",)
    known = expected(0, 1)
    known[0, 1, 2:] = 0
    assert np.array_equal(pixels_of(new), known)
    (lost,) = info(new).missing_planes
    assert len(lost.planes) == 3


def test_an_experiment_of_another_program_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s/experiment.yml").write_text("plate: 96")
    tifffile.imwrite(tmp_path / "s/x_A01_s1_w1.tif", view(0, 0)[0])
    assert convert(tmp_path / "s", tmp_path / "n.ome.zarr").kind == "TIFF folder (metaxpress)"


@pytest.mark.parametrize("junk", [None, "many", -1, 0, 1e308, float("nan"), 10**30, [3], True])
def test_junk_in_an_experiment_is_as_if_it_were_not_said(tmp_path: Path, junk: Any) -> None:
    source = tmp_path / "c"
    source.mkdir()
    told = experiment(source)
    told["MicroscopeState"] |= dict.fromkeys(("timepoints", "number_z_steps", "channels"), junk)
    told["Saving"] = told["MultiPositions"] = junk
    (source / "experiment.yml").write_text(json.dumps(told))
    for c in range(2):
        tiff(source / f"Position0/CH0{c}_000000.tif", view(c, 0))
    convert(source, tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), expected(0, 1))
