"""An export holds what NumPy makes of the whole array, in either kind of file, or there is none."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from foreign_stores import write_image, write_plate
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramid_stores import recorded, tree
from store_recordings import grid, spec_of

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Recording,
    StoreError,
    StoreReader,
    _export_tiff,
    check,
    export,
    info,
    read_provenance,
    read_store_metadata,
    resolve_voxel_size,
)
from parfocal.store._ngff import find_images

SMALL = (21, 34)
OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


def whole(path: Path, field: int) -> np.ndarray:
    return np.asarray(StoreReader(path).array(field).read().result())


def resampled(stack: np.ndarray, ratio: float) -> np.ndarray:
    """z, across → z at the lateral spacing, by NumPy's own interpolation."""
    length = round((len(stack) - 1) * ratio) + 1
    place = np.minimum(np.arange(length) / ratio, len(stack) - 1)
    columns = [np.interp(place, np.arange(len(stack)), column) for column in stack.T.astype("f8")]
    mixed = np.stack(columns, axis=1)
    return mixed if stack.dtype.kind == "f" else np.floor(mixed + 0.5)


def projected(pixels: np.ndarray, axis: str, voxel: tuple[float, float, float]) -> np.ndarray:
    """What NumPy makes of the whole t, c, z, y, x array."""
    most = pixels.max(axis="tczyx".index(axis), keepdims=axis not in "yx")
    if axis not in "yx":
        return most
    ratio = voxel[0] / (voxel[2] if axis == "y" else voxel[1])
    sides = np.array([[resampled(stack, ratio) for stack in frame] for frame in most])
    return sides[:, :, None]


@settings(max_examples=16, deadline=None)
@given(
    axis=st.sampled_from([None, "t", "c", "z", "y", "x"]),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(1, 5)),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    dtype=st.sampled_from(["uint8", "uint16", "int16", "float32"]),
    voxel=st.sampled_from([(2.0, 0.5, 0.25), (0.1, 0.3, 0.3), (0.7, 0.4, 0.5), (1.0, 1.0, 1.0)]),
    kind=st.sampled_from(["ome.tif", "ome.zarr"]),
)
def test_values_are_those_of_numpy(
    tmp_path_factory: pytest.TempPathFactory, axis, sizes, shape, dtype, voxel, kind
) -> None:
    folder = tmp_path_factory.mktemp("export")
    path = recorded(
        folder / "cells.ome.zarr", grid(*sizes), shape=shape, dtype=dtype, voxel_um=voxel
    )
    report = export(path, folder / f"out.{kind}", mip=axis, volume=axis is None)
    assert (report.images, report.missing) == (sizes[1], 0)
    for field in range(sizes[1]):
        pixels = whole(path, field)
        wanted = pixels if axis is None else projected(pixels, axis, voxel)
        if kind == "ome.zarr":
            made = whole(report.file, field)
        else:
            with tifffile.TiffFile(report.file) as tif:
                assert len(tif.series) == sizes[1]
                made = tif.series[field].asarray(squeeze=False)
                assert "".join(tif.series[field].get_axes(False))[:5] == "TCZYX"
                made = made.reshape(made.shape[:5])
        assert made.dtype == np.dtype(dtype)
        assert made.shape == wanted.shape
        np.testing.assert_array_equal(made, wanted.astype(dtype))
    if kind == "ome.zarr":
        assert check(report.file, deep=True).findings == ()
    assert sorted(p.name for p in folder.iterdir()) == sorted(["cells.ome.zarr", f"out.{kind}"])


@pytest.mark.parametrize("axis", ["z", "t", None])
@pytest.mark.parametrize("kind", ["ome.tif", "ome.zarr"])
def test_missing_planes_are_left_out_and_counted(tmp_path: Path, axis, kind) -> None:
    planned = grid(t=2, z=3)
    # below zero a plane of zeros would be the largest
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(planned, shape=SMALL, dtype="int16"))
    for number, index in enumerate(planned):
        if index not in ((0, 0, 0, 1), (1, 0, 0, 2)):
            recording.put(index, np.full(SMALL, -10 - number, "int16"))
    recording.close()
    report = export(path, tmp_path / f"out.{kind}", mip=axis, volume=axis is None)
    assert report.missing == 2
    if kind == "ome.zarr":
        made = whole(report.file, 0)
        found = info(report.file)
        assert found.missing == {"z": 0, "t": 0, None: 2}[axis]
        assert check(report.file, deep=True).ok
    else:
        made = tifffile.imread(report.file).reshape((2 if axis != "t" else 1, 1, -1, *SMALL))
    values = made[:, 0, :, 0, 0].tolist()
    wanted = {"z": [[-10], [-13]], "t": [[-10, -14, -12]], None: [[-10, 0, -12], [-13, -14, 0]]}
    assert values == wanted[axis]


def test_a_missing_plane_is_a_gap_seen_from_the_side(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    planned = grid(z=3)
    spec = spec_of(planned, shape=SMALL, voxel_um=(4.0, 1.0, 1.0))
    recording = Recording.create(path, spec)
    recording.put((0, 0, 0, 0), np.full(SMALL, 10, "uint16"))
    recording.put((0, 0, 0, 1), np.full(SMALL, 20, "uint16"))
    recording.close("interrupted")
    export(path, tmp_path / "side.ome.zarr", mip="y")
    rows = whole(tmp_path / "side.ome.zarr", 0)[0, 0, 0, :, 0].tolist()
    assert rows == [10, 13, 15, 18, 20, 20, 0, 0, 0]


def test_a_store_says_from_what_it_is_and_keeps_size_place_and_names(tmp_path: Path) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(p=2, c=2, z=3), shape=SMALL)
    export(path, tmp_path / "mip.ome.zarr", mip="z")
    found, source = info(tmp_path / "mip.ome.zarr"), info(path)
    assert (found.state, found.fields, found.channels) == (
        "completed", source.fields, source.channels
    )  # fmt: skip
    assert found.origins_um == source.origins_um
    assert found.voxel_size_um == source.voxel_size_um
    image = json.loads((tmp_path / "mip.ome.zarr/A/1/1/zarr.json").read_text())["attributes"]
    assert image["parfocal"]["voxel_size_resolution_source"] == "component:A/1/1"
    told = read_store_metadata(tmp_path / "mip.ome.zarr")
    assert (told.source_uri, told.voxel_size_um) == (path.as_uri(), source.voxel_size_um)
    record = read_provenance(tmp_path / "mip.ome.zarr")[-1]
    assert (record.action, record.parameters["projected_axis"]) == ("export", "z")
    assert [one["source"] for one in record.parameters["images"]] == ["A/1/0", "A/1/1"]
    assert all(output.identity for output in record.outputs)
    export(path, tmp_path / "side.ome.zarr", mip="y")
    size = resolve_voxel_size(tmp_path / "side.ome.zarr")
    assert (size.y, size.x) == (0.25, 0.25)
    # its rows are z, from the height of the lowest plane; its columns are x
    assert info(tmp_path / "side.ome.zarr").origins_um[1] == (10.0, 1.0, 20.0)


def test_a_tiff_says_its_size_place_time_and_channels(tmp_path: Path) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(t=2, p=2, c=2, z=3), shape=SMALL)
    export(path, tmp_path / "all.ome.tif", volume=True)
    with tifffile.TiffFile(tmp_path / "all.ome.tif") as tif:
        assert (tif.is_ome, tif.is_bigtiff) == (True, False)
        images = ET.fromstring(tif.ome_metadata).findall(f"{OME}Image")
    assert [image.get("Name") for image in images] == ["field 0", "field 1"]
    pixels = images[1].find(f"{OME}Pixels")
    told = {key: value for key, value in pixels.attrib.items() if "Size" in key or "Time" in key}
    assert told == {
        "SizeX": "34", "SizeY": "21", "SizeZ": "3", "SizeC": "2", "SizeT": "2",
        "PhysicalSizeX": "0.25", "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": "0.5", "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": "2.0", "PhysicalSizeZUnit": "µm",
        "TimeIncrement": "3.0", "TimeIncrementUnit": "s",
    }  # fmt: skip
    names = [channel.get("Name") for channel in pixels.findall(f"{OME}Channel")]
    assert names == ["channel 0", "channel 1"]
    planes = pixels.findall(f"{OME}Plane")
    assert len(planes) == 12
    places = {(p.get("TheZ"), p.get("PositionX"), p.get("PositionZ")) for p in planes}
    # of the stage: its first pixel lies at 20 µm, the middle of the picture at 24.125
    assert places == {("0", "24.125", "1.0"), ("1", "24.125", "3.0"), ("2", "24.125", "5.0")}


def test_beyond_4_gb_it_is_a_bigtiff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=3), shape=SMALL)
    monkeypatch.setattr(_export_tiff, "LARGEST_CLASSIC", 3 * 21 * 34 * 2 - 1)
    export(path, tmp_path / "all.ome.tif", volume=True)
    export(path, tmp_path / "mip.ome.tif", mip="z")
    with tifffile.TiffFile(tmp_path / "all.ome.tif") as tif:
        assert tif.is_bigtiff
        np.testing.assert_array_equal(tif.asarray(), whole(path, 0).squeeze())
    with tifffile.TiffFile(tmp_path / "mip.ome.tif") as tif:
        assert not tif.is_bigtiff


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("axes", ["yx", "zyx", "cyx", "tcyx", "czyx", "tczyx"])
def test_foreign_stores_are_sources_whatever_their_axes(tmp_path: Path, version, axes) -> None:
    path = tmp_path / "theirs.ome.zarr"
    shape = [{"t": 2, "c": 2, "z": 3, "y": 16, "x": 12}[name] for name in axes]
    write_image(path, shape=shape, axes=tuple(axes), version=version)
    random = np.random.default_rng(1).integers(0, 999, shape).astype("uint16")
    zarr.open_group(path)["0"][:] = random
    before = tree(path)
    pixels = random.reshape([dict(zip(axes, shape, strict=True)).get(n, 1) for n in "tczyx"])
    for axis in ("z", "x", None):
        export(path, tmp_path / f"{axis}.ome.zarr", mip=axis, volume=axis is None)
        wanted = pixels if axis is None else projected(pixels, axis, (1.0, 0.5, 0.5))
        np.testing.assert_array_equal(whole(tmp_path / f"{axis}.ome.zarr", 0), wanted)
        assert check(tmp_path / f"{axis}.ome.zarr", deep=True).findings == ()
    assert tree(path) == before


@pytest.mark.parametrize("name", ["out.ome.tif", "out.ome.zarr"])
def test_a_mask_becomes_ones_and_zeros(tmp_path: Path, name: str) -> None:
    write_image(tmp_path / "mask.zarr", shape=(1, 3, 16, 12), dtype="bool", levels=1)
    mask = np.random.default_rng(2).random((1, 3, 16, 12)) > 0.7
    zarr.open_group(tmp_path / "mask.zarr")["0"][:] = mask
    export(tmp_path / "mask.zarr", tmp_path / name, mip="z")
    if name.endswith(".zarr"):
        made = whole(tmp_path / name, 0)[0]
    else:
        made = tifffile.imread(tmp_path / name)[None, None]
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, mask.max(axis=1, keepdims=True))


def test_a_plate_keeps_its_wells(tmp_path: Path) -> None:
    write_plate(tmp_path / "plate.ome.zarr")
    export(tmp_path / "plate.ome.zarr", tmp_path / "copy.ome.zarr", volume=True)
    assert len(info(tmp_path / "copy.ome.zarr").fields) == 4
    assert (tmp_path / "copy.ome.zarr/B/2/0/zarr.json").is_file()
    assert check(tmp_path / "copy.ome.zarr", deep=True).findings == ()


def test_the_cameras_of_a_field_stay_apart_in_both_kinds_of_file(tmp_path: Path) -> None:
    planned = grid(t=2, p=2, c=3, z=2)
    small = {"plane_shape": (10, 12), "dtype": "uint8", "voxel_um": (2.0, 1.0, 0.5)}
    channels = [ChannelInfo("DAPI"), ChannelInfo("trans", **small), ChannelInfo("GFP")]
    fields = [FieldInfo("one", well="B/2"), FieldInfo("two", well="C/11")]
    spec = spec_of(planned, shape=SMALL, channels=channels, fields=fields)
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec)
    random = np.random.default_rng(5)
    for index in planned:
        second = index[2] == 1
        shape, dtype = ((10, 12), "uint8") if second else (SMALL, "uint16")
        recording.put(index, random.integers(0, 250, shape).astype(dtype))
    recording.close()
    images = [image.path for image in find_images(path)]
    assert len(images) == 4
    export(path, tmp_path / "mip.ome.zarr", mip="z")
    export(path, tmp_path / "mip.ome.tif", mip="z")
    assert [image.path for image in find_images(tmp_path / "mip.ome.zarr")] == images
    assert info(tmp_path / "mip.ome.zarr").channels == info(path).channels
    with tifffile.TiffFile(tmp_path / "mip.ome.tif") as tif:
        for number, image in enumerate(images):
            pixels = zarr.open_array(path / image / "0", mode="r")[:].max(axis=2, keepdims=True)
            made = zarr.open_array(tmp_path / "mip.ome.zarr" / image / "0", mode="r")[:]
            np.testing.assert_array_equal(made, pixels)
            np.testing.assert_array_equal(tif.series[number].asarray(), pixels.squeeze())
            for store in (path, tmp_path / "mip.ome.zarr"):
                size = resolve_voxel_size(store, image)
                assert (size.y, size.x) == ((1.0, 0.5) if pixels.dtype == "u1" else (0.5, 0.25))
    assert check(tmp_path / "mip.ome.zarr", deep=True).findings == ()
    for axis in ("t", "c", "y", "x"):
        made = export(path, tmp_path / f"{axis}.ome.zarr", mip=axis)
        assert check(made.file, deep=True).findings == (), axis


def test_images_of_different_size_fit_a_tiff_only(tmp_path: Path) -> None:
    path = tmp_path / "plate.ome.zarr"
    write_plate(path)
    shutil.rmtree(path / "B/2/0")
    write_image(path / "B/2/0", shape=(9, 7), axes=("y", "x"), levels=1)
    with pytest.raises(StoreError, match="its images differ: B/2/0 has uint16"):
        export(path, tmp_path / "copy.ome.zarr", volume=True)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    export(path, tmp_path / "copy.ome.tif", volume=True)
    with tifffile.TiffFile(tmp_path / "copy.ome.tif") as tif:
        assert [series.shape for series in tif.series] == [(8, 8)] * 3 + [(9, 7)]


def test_very_large_planes_are_written_tile_by_tile(tmp_path: Path) -> None:
    shape = (1500, 700)
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=3), shape=shape)
    for axis in ("z", "y", "x", None):
        few = {"mip": axis, "volume": axis is None, "budget_bytes": 4_000_000}
        export(path, tmp_path / "a.tif", overwrite=True, **few)
        export(path, tmp_path / "b.ome.zarr", overwrite=True, **few)
        pixels = whole(path, 0)
        wanted = pixels if axis is None else projected(pixels, axis, (2.0, 0.5, 0.25))
        np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), wanted.squeeze())
        np.testing.assert_array_equal(whole(tmp_path / "b.ome.zarr", 0), wanted)
    export(path, tmp_path / "a.tif", volume=True, overwrite=True, budget_bytes=4_000_000)
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.pages[0].is_tiled
