"""TIFF files of other writers come over pixel by pixel, with the sizes that they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from store_recordings import grid, put_all, spec_of
from zarr_stores import pixels_of

from parfocal.convert import ConvertError, Wishes, convert, dry_run
from parfocal.store import (
    Recording,
    check,
    export,
    info,
    read_store_metadata,
    recover,
)

RNG = np.random.default_rng(11)


def noise(*shape: int, dtype: str = "u2") -> np.ndarray:
    return RNG.integers(0, 250, shape).astype(dtype)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_an_ome_tiff_keeps_pixels_sizes_channels_and_time(
    tmp_path: Path, compression: str | None, byteorder: Any
) -> None:
    data = noise(3, 2, 4, 60, 70)
    told = {
        "axes": "TCZYX",
        "PhysicalSizeX": 108.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.11,
        "PhysicalSizeZ": 2.5,
        "TimeIncrement": 500.0,
        "TimeIncrementUnit": "ms",
        "Channel": {"Name": ["DAPI", "FITC"]},
    }
    tifffile.imwrite(
        tmp_path / "a.ome.tif", data, compression=compression, byteorder=byteorder, metadata=told
    )
    report = convert(tmp_path / "a.ome.tif", tmp_path / "a.ome.zarr", action="ingest")
    assert np.array_equal(pixels_of(tmp_path / "a.ome.zarr"), data)
    facts = info(tmp_path / "a.ome.zarr")
    assert facts.voxel_size_um == pytest.approx((2.5, 0.11, 0.108))
    assert facts.channels == ("DAPI", "FITC")
    assert facts.time_step_s == 0.5
    assert report.guessed == ()
    assert check(tmp_path / "a.ome.zarr", deep=True).ok
    assert "ome_xml" in read_store_metadata(tmp_path / "a.ome.zarr").legacy


def test_positions_become_fields_where_the_stage_stood(tmp_path: Path) -> None:
    first, second = noise(3, 40, 50), noise(3, 40, 50)
    with tifffile.TiffWriter(tmp_path / "p.ome.tif", ome=True) as writer:
        for number, data in enumerate((first, second)):
            plane = {"PositionX": [100.0 * number] * 3, "PositionY": [7.0] * 3}
            plane |= {"PositionZ": [5.0, 6.0, 7.0]}
            told = {"axes": "ZYX", "Name": f"pos {number}", "PhysicalSizeX": 2.0}
            told |= {"PhysicalSizeY": 2.0, "PhysicalSizeZ": 1.0, "Plane": plane}
            writer.write(data, metadata=told)
    convert(tmp_path / "p.ome.tif", tmp_path / "p.ome.zarr")
    facts = info(tmp_path / "p.ome.zarr")
    assert facts.fields == ("pos 0", "pos 1")
    assert facts.origins_um == ((5.0, 7 - 39.0, -49.0), (5.0, 7 - 39.0, 51.0))
    for field, data in enumerate((first, second)):
        assert np.array_equal(pixels_of(tmp_path / "p.ome.zarr", field)[0, 0], data)


def test_a_store_that_was_exported_comes_back_to_its_place(tmp_path: Path) -> None:
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(grid(t=2, p=2, c=2, z=3)))
    put_all(recording, grid(t=2, p=2, c=2, z=3))
    recording.close()
    export(tmp_path / "a.ome.zarr", tmp_path / "a.ome.tif", volume=True)
    convert(tmp_path / "a.ome.tif", tmp_path / "b.ome.zarr")
    before, after = info(tmp_path / "a.ome.zarr"), info(tmp_path / "b.ome.zarr")
    assert after.origins_um == tuple(map(pytest.approx, before.origins_um))
    assert after.voxel_size_um == pytest.approx(before.voxel_size_um)
    told = (before.time_step_s, before.channels, before.fields, before.shape)
    assert (after.time_step_s, after.channels, after.fields, after.shape) == told


@pytest.mark.parametrize(
    ("told", "voxel", "step"),
    [
        # as ImageJ itself writes µm: its description is ASCII
        ({"unit": "\\u00B5m", "finterval": 3}, (2.5, 0.2, 0.25), 3.0),
        ({"unit": "micron", "finterval": 0.5, "tunit": "min"}, (2.5, 0.2, 0.25), 30.0),
        ({"unit": "um", "yunit": "nm", "zunit": "mm"}, (2500.0, 0.0002, 0.25), None),
        ({"unit": "um", "finterval": 40, "tunit": "ms"}, (2.5, 0.2, 0.25), 0.04),
        ({"unit": "um", "finterval": 4, "tunit": "moons"}, (2.5, 0.2, 0.25), None),
    ],
)
def test_the_units_of_imagej_are_those_it_writes(
    tmp_path: Path,
    told: dict[str, Any],
    voxel: tuple[float, float, float],
    step: float | None,
) -> None:
    data = np.arange(2 * 3 * 8 * 9, dtype="u2").reshape(2, 3, 8, 9)
    metadata = {"axes": "TZYX", "spacing": -2.5, **told}
    tifffile.imwrite(
        tmp_path / "j.tif", data, imagej=True, resolution=(4.0, 5.0), metadata=metadata
    )
    convert(tmp_path / "j.tif", tmp_path / "j.ome.zarr")
    found = info(tmp_path / "j.ome.zarr")
    assert found.voxel_size_um == pytest.approx(voxel)
    assert found.time_step_s == (None if step is None else pytest.approx(step))


def test_an_imagej_hyperstack_keeps_its_spacing(tmp_path: Path) -> None:
    data = noise(2, 5, 3, 32, 48)  # ImageJ's order: t, z, c, y, x
    told = {"spacing": -3.0, "unit": "um", "axes": "TZCYX", "finterval": 60.0}
    tifffile.imwrite(tmp_path / "j.tif", data, imagej=True, resolution=(4.0, 5.0), metadata=told)
    convert(tmp_path / "j.tif", tmp_path / "j.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "j.ome.zarr"), data.transpose(0, 2, 1, 3, 4))
    facts = info(tmp_path / "j.ome.zarr")
    assert facts.voxel_size_um == pytest.approx((3.0, 0.2, 0.25))  # a stage may run downwards
    assert facts.time_step_s == 60.0


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colours_are_channels_and_no_positions(tmp_path: Path, planar: Any) -> None:
    shape = (40, 50, 3) if planar == "contig" else (3, 40, 50)
    data = noise(*shape, dtype="u1")
    tifffile.imwrite(tmp_path / "c.tif", data, photometric="rgb", planarconfig=planar)
    report = convert(tmp_path / "c.tif", tmp_path / "c.ome.zarr")
    found = pixels_of(tmp_path / "c.ome.zarr")
    assert found.shape == (1, 3, 1, 40, 50)
    assert np.array_equal(found[0, :, 0], data.transpose(2, 0, 1) if planar == "contig" else data)
    assert info(tmp_path / "c.ome.zarr").channels == ("red", "green", "blue")
    assert any("voxel" in guess for guess in report.guessed)


def test_axes_and_voxel_size_can_be_said(tmp_path: Path) -> None:
    data = noise(6, 40, 50)
    tifffile.imwrite(tmp_path / "u.tif", data, photometric="minisblack")
    guessed = convert(tmp_path / "u.tif", tmp_path / "u.ome.zarr").guessed
    assert any("axis" in guess for guess in guessed)
    wishes = Wishes(axes="tyx", voxel_um=(1.0, 0.3, 0.3))
    report = convert(tmp_path / "u.tif", tmp_path / "t.ome.zarr", wishes)
    assert report.guessed == ()
    assert info(tmp_path / "t.ome.zarr").shape == (6, 1, 1, 40, 50)
    assert info(tmp_path / "t.ome.zarr").voxel_size_um == (1.0, 0.3, 0.3)


def test_a_large_tiled_plane_is_read_tile_by_tile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parfocal.convert import _shards, _tiff_source

    monkeypatch.setattr(_shards, "SHARD_BYTES", 256 * 256 * 2)
    monkeypatch.setattr(_tiff_source, "LARGEST_PAGE", 1000)
    data = noise(700, 900)
    tifffile.imwrite(tmp_path / "w.tif", data, tile=(128, 128), compression="zlib")
    convert(tmp_path / "w.tif", tmp_path / "w.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "w.ome.zarr")[0, 0, 0], data)


def test_a_set_that_lacks_a_file_is_refused_unless_it_is_accepted(tmp_path: Path) -> None:
    from zarr_stores import write_ome_set

    data = noise(2, 3, 30, 30)
    files = write_ome_set(tmp_path, data)
    convert(files[0], tmp_path / "whole.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "whole.ome.zarr")[:, 0], data)
    files[1].unlink()
    with pytest.raises(ConvertError, match="a file of the set is missing"):
        convert(files[0], tmp_path / "part.ome.zarr")
    assert not (tmp_path / "part.ome.zarr").exists()
    accepted = Wishes(options={"accept_partial": True})
    report = convert(files[0], tmp_path / "part.ome.zarr", accepted)
    assert report.warnings == ("set lacks 3 planes",)
    data[1] = 0
    assert np.array_equal(pixels_of(tmp_path / "part.ome.zarr")[:, 0], data)
    facts = info(tmp_path / "part.ome.zarr")  # missing, not black
    assert (facts.planned, facts.acquired) == (6, 3)


def test_a_file_that_was_cut_short_is_one_sentence(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "s.tif", noise(40, 200, 200), metadata={"axes": "ZYX"})
    raw = (tmp_path / "s.tif").read_bytes()
    (tmp_path / "s.tif").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ConvertError, match=r"s\.tif"):
        convert(tmp_path / "s.tif", tmp_path / "s.ome.zarr")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.tif"]


def test_arrays_of_numpy(tmp_path: Path) -> None:
    data = noise(4, 20, 30)
    np.save(tmp_path / "a.npy", data)
    np.savez(tmp_path / "b.npz", small=data[0], large=data)
    for name in ("a.npy", "b.npz"):
        report = convert(tmp_path / name, tmp_path / f"{name}.ome.zarr")
        assert np.array_equal(pixels_of(tmp_path / f"{name}.ome.zarr")[0, 0], data)
        assert any("zyx" in guess for guess in report.guessed)
    wishes = Wishes(array="small")
    convert(tmp_path / "b.npz", tmp_path / "small.ome.zarr", wishes)
    assert np.array_equal(pixels_of(tmp_path / "small.ome.zarr")[0, 0, 0], data[0])


@pytest.mark.parametrize("axes", ["qyx", "zzx", "zyz", "yx", "tczyx"])
def test_axes_that_cannot_be_are_refused(tmp_path: Path, axes: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((6, 8, 9), "u2"))
    with pytest.raises(ConvertError, match=axes):
        convert(tmp_path / "a.tif", tmp_path / "n.ome.zarr", Wishes(axes=axes))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_what_a_person_said_and_nobody_looks_at_is_told(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((6, 8, 9), "u2"))
    wishes = Wishes(array="second", options={"pattern": "{well}.tif", "planes": 3})
    told = dry_run(tmp_path / "a.tif", tmp_path / "n.ome.zarr", wishes).warnings
    for number, word in enumerate(("'second'", "--pattern", "--planes")):
        assert word in told[number]
    assert len(told) == 3


def test_a_recovery_takes_no_black_plane_of_a_converted_store_for_a_lost_one(
    tmp_path: Path,
) -> None:
    data = np.ones((6, 8, 9), "u2")
    data[2] = 0
    tifffile.imwrite(tmp_path / "a.tif", data)
    new = tmp_path / "n.ome.zarr"
    convert(tmp_path / "a.tif", new)
    (new / "A/1/0/zarr.json.new").write_text("{")  # a killed change left it
    for deep in (False, True):
        report = recover(new, deep=deep)
        assert (report.state, report.kept, report.lost, report.missing) == ("completed", 6, 0, 0)
        assert report.changed is not deep
    assert not (new / "A/1/0/zarr.json.new").exists()
    assert info(new).missing == 0
    assert check(new, deep=True).ok
