"""A look into a source says what a person has to know, and wishes correct what it says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bdv_stores import view, write_n5
from test_navigate import HEADER, ROWS, experiment, tiff

from parfocal.convert import ConvertError, Wishes, convert, inspect_source, is_foreign, sources_at
from parfocal.store import StageAxisMap, info, read_store_metadata


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Position 1 was never taken."""
    source = tmp_path / "cell"
    source.mkdir()
    (source / "experiment.yml").write_text(
        json.dumps(experiment(source, positions=[HEADER, *ROWS]))
    )
    write_n5(source / "CH00_000000.n5", [(0, 0), (3, 0), (2, 0), (5, 0)], 6, 1)
    return source


def test_a_look_tells_fields_sizes_and_what_is_missing(run: Path) -> None:
    found = inspect_source(run)
    assert (found.problem, found.kind, found.action) == ("", "Navigate, BDV N5", "ingest")
    assert [field.name for field in found.fields] == ["0", "2"]
    assert found.voxel_um == (2.5, 0.2, 0.1)
    assert found.voxel_source == "navigate"
    assert any("position 1 was never taken" in one for one in found.warnings)
    assert found.picture is not None
    assert found.picture.planes.shape == (2, 30, 40)
    assert np.array_equal(found.picture.planes[0], view(0, 0)[2])
    assert found.bytes == sum(array["bytes"] for array in found.arrays)


def test_fields_left_out_and_moved_and_another_stage_map(run: Path, tmp_path: Path) -> None:
    options = {"leave_out": ("0",)}
    wishes = Wishes(options=options, stage_axes=StageAxisMap(z="-f"))
    found = inspect_source(run, wishes)
    assert [field.wanted for field in found.fields] == [False, True]
    assert found.fields[1].origin_um[0] == -ROWS[2][4]
    convert(run, tmp_path / "n.ome.zarr", wishes)
    facts = info(tmp_path / "n.ome.zarr")
    assert facts.fields == ("2",)
    assert facts.origins_um[0][0] == -ROWS[2][4]
    told = read_store_metadata(tmp_path / "n.ome.zarr")
    assert str(told.spatial_calibration) == "z=-f,y=+y,x=+x"
    assert [row.field for row in told.stage_rows] == ["2"]
    moved = inspect_source(run, Wishes(options={"positions": {"2": (1.0, 2.0, 3.0)}}))
    assert moved.fields[1].origin_um == (1.0, 2.0, 3.0)
    nothing = inspect_source(run, Wishes(options={"leave_out": ("0", "2")}))
    assert "every field is left out" in nothing.problem
    assert len(nothing.fields) == 2
    with pytest.raises(ConvertError, match="there is no field '1'; there are: 0, 2"):
        convert(run, tmp_path / "m.ome.zarr", Wishes(options={"leave_out": ("1",)}))


def test_a_folder_of_navigate_that_is_not_here_can_be_named(tmp_path: Path) -> None:
    data, record = tmp_path / "disk", tmp_path / "record"
    data.mkdir()
    record.mkdir()
    told = experiment(Path(r"\\rig\data\gone"), positions=[HEADER, ROWS[0]])
    (record / "experiment.yml").write_text(json.dumps(told))
    for c in range(2):
        tiff(data / f"Position0/CH0{c}_000000.tif", view(c, 0))
    lost = inspect_source(record)
    assert lost.saved_in == r"\\rig\data\gone"
    assert "has no data beside it" in lost.problem
    wishes = Wishes(options={"data_folder": data})
    found = inspect_source(record, wishes)
    assert (found.problem, found.saved_in, found.warnings) == ("", "", ())
    assert convert(record, tmp_path / "n.ome.zarr", wishes).kind == "Navigate, TIFF"
    wrong = inspect_source(record, Wishes(options={"data_folder": tmp_path / "no"}))
    assert wrong.problem.startswith(f"there is no folder {tmp_path / 'no'}")


def test_a_voxel_size_is_corrected_also_where_the_source_says_one(tmp_path: Path) -> None:
    import zarr
    from zarr_stores import multiscales

    group = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    group.create_array("0", data=np.ones((1, 1, 2, 8, 8), "u2"))
    group.attrs["multiscales"] = multiscales("tczyx")
    found = inspect_source(tmp_path / "o.zarr", Wishes(voxel_um=(7.0, 0.5, 0.5)))
    assert found.action == "migrate"
    assert (found.voxel_um, found.voxel_source) == ((7.0, 0.5, 0.5), "asked for")


def test_a_folder_of_sources_gives_each_of_them(run: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 8, 8), "u2"))
    (tmp_path / "notes.txt").write_text("nothing")
    assert sources_at(tmp_path) == (tmp_path / "a.npy", run)
    assert sources_at(run) == (run,)
    assert sources_at(tmp_path / "notes.txt") == (tmp_path / "notes.txt",)
    assert inspect_source(tmp_path / "notes.txt").problem.endswith(
        "is of no kind that can be converted"
    )
    convert(tmp_path / "a.npy", tmp_path / "a.ome.zarr")
    assert not is_foreign(tmp_path / "a.ome.zarr")
    assert is_foreign(run)
