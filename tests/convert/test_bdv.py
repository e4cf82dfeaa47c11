"""BigDataViewer experiments come over with channels, places, levels and what was never taken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorstore as ts
from bdv_stores import SHAPE, VOXEL, view, write_hdf5, write_n5, xml
from zarr_stores import pixels_of

from parfocal.convert import ConvertError, Wishes, convert
from parfocal.store import check, info, resolve_voxel_size

EVERY = [(setup, timepoint) for setup in range(4) for timepoint in range(2)]


def field(tile: int, tiles: int = 2) -> np.ndarray:
    """Two timepoints, two channels of a tile."""
    return np.stack([np.stack([view(c * tiles + tile, t) for c in range(2)]) for t in range(2)])


@pytest.mark.parametrize("start", ["e.xml", "e.h5"])
def test_hdf5_with_its_xml(tmp_path: Path, start: str) -> None:
    write_hdf5(tmp_path / "e.h5", EVERY)
    (tmp_path / "e.xml").write_text(xml("e.h5", 4, 2, 2))
    report = convert(tmp_path / start, tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert report.kind == "BDV HDF5"
    assert report.guessed == ()
    for tile in range(2):
        assert np.array_equal(pixels_of(new, tile), field(tile))
    facts = info(new)
    assert facts.voxel_size_um == VOXEL
    assert facts.channels == ("channel 488", "channel 561")
    assert facts.origins_um == ((4.0, 0.0, 0.0), (4.0, 0.0, 100.0))
    assert facts.levels == 2
    size = resolve_voxel_size(new, "A/1/0/1")
    assert (size.z, size.y, size.x) == (2.5, 0.4, 0.2)
    attributes = json.loads((new / "A/1/1/zarr.json").read_text())["attributes"]
    assert attributes["bdv"]["affines_xyz"]["t0 setup 1"][0] == [1, 0, 0, 1000]
    assert check(new, deep=True).ok


def test_n5_with_a_negative_step_a_placeholder_and_an_aborted_last_position(tmp_path: Path) -> None:
    """Setups 0 to 5: channel by channel, three tiles. Tile 1 was never taken, 2 was stopped."""
    taken = [(0, 0), (0, 1), (3, 0), (3, 1), (2, 0), (5, 0), (2, 1)]
    write_n5(tmp_path / "e.n5", taken, 6, 2)
    told = xml(r"D:\data\mouse\e.n5", 6, 2, 2, kind="n5", z_step=-VOXEL[0])
    (tmp_path / "e.xml").write_text(told)
    report = convert(tmp_path / "e.n5", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert report.warnings == (
        "position 1 was never taken; it is left out",
        "position 2 lacks 1 of 4 stacks",
    )
    facts = info(new)
    assert facts.fields == ("0", "2")  # positions keep their numbers
    assert facts.voxel_size_um == VOXEL
    assert (facts.planned, facts.acquired) == (2 * 4 * SHAPE[0], 7 * SHAPE[0])
    assert np.array_equal(pixels_of(new, 0), field(0, 3))
    stopped = field(2, 3)
    stopped[1, 1] = 0
    assert np.array_equal(pixels_of(new, 1), stopped)
    (lost,) = facts.missing_planes
    assert (lost.field, len(lost.planes)) == (1, SHAPE[0])
    assert check(new).ok


def test_without_its_xml_it_is_refused(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "e.h5", EVERY)
    write_n5(tmp_path / "f.n5", [(0, 0)], 1, 1)
    for name in ("e.h5", "f.n5"):
        with pytest.raises(ConvertError, match="whose XML says what its setups are"):
            convert(tmp_path / name, tmp_path / "n.ome.zarr")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<SpimData", "is no XML"),
        ("<SpimData></SpimData>", "has no SequenceDescription"),
        (xml("gone.h5", 2, 1, 1), "which are not there"),
    ],
)
def test_an_xml_that_does_not_help_is_one_sentence(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "e.xml").write_text(text)
    with pytest.raises(ConvertError, match=why):
        convert(tmp_path / "e.xml", tmp_path / "n.ome.zarr")


def test_a_plain_n5_array_asks_what_its_axes_are(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 99, (4, 20, 30)).astype("u2")
    for codec in ("raw", "gzip", "blosc"):
        told = {"type": codec} | (
            {"cname": "lz4", "clevel": 5, "shuffle": 1} if codec == "blosc" else {}
        )
        folder = tmp_path / f"{codec}.n5"
        array = ts.open(
            {
                "driver": "n5",
                "kvstore": {"driver": "file", "path": f"{folder}/a/"},
                "metadata": {
                    "compression": told,
                    "dataType": "uint16",
                    "dimensions": [30, 20, 4],
                    "blockSize": [16, 16, 2],
                },
            },
            create=True,
        ).result()
        array[...] = data.transpose()
        (folder / "attributes.json").write_text('{"n5": "2.5.1"}')
        report = convert(folder, tmp_path / f"{codec}.ome.zarr")
        assert np.array_equal(pixels_of(tmp_path / f"{codec}.ome.zarr")[0, 0], data)
        assert any("zyx" in guess for guess in report.guessed)
    wishes = Wishes(axes="tyx", voxel_um=(1.0, 0.5, 0.5))
    convert(tmp_path / "raw.n5", tmp_path / "t.ome.zarr", wishes)
    assert np.array_equal(pixels_of(tmp_path / "t.ome.zarr")[:, 0, 0], data)
    (tmp_path / "lz4.n5/a").mkdir(parents=True)
    attributes = {"dimensions": [3, 3], "blockSize": [3, 3], "dataType": "uint8"}
    attributes["compression"] = {"type": "lz4"}
    (tmp_path / "lz4.n5/a/attributes.json").write_text(json.dumps(attributes))
    with pytest.raises(ConvertError, match="compressed with lz4"):
        convert(tmp_path / "lz4.n5", tmp_path / "l.ome.zarr")


def test_hdf5_without_a_layout_takes_the_dataset_that_is_named_or_the_largest(
    tmp_path: Path,
) -> None:
    import h5py

    data = np.random.default_rng(0).integers(0, 99, (3, 20, 30)).astype(">u2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scan/raw"] = data
        file["scan/dark"] = data[0]
        file["scan/raw"].attrs["gain"] = 2.5
    report = convert(tmp_path / "a.h5", tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], data)
    assert any("scan/raw" in guess for guess in report.guessed)
    convert(tmp_path / "a.h5", tmp_path / "m.ome.zarr", Wishes(array="scan/dark"))
    assert np.array_equal(pixels_of(tmp_path / "m.ome.zarr")[0, 0, 0], data[0])
    with pytest.raises(ConvertError, match="it has: scan/dark, scan/raw"):
        convert(tmp_path / "a.h5", tmp_path / "k.ome.zarr", Wishes(array="x"))


def test_the_real_n5_container_equals_its_reference(tmp_path: Path) -> None:
    shared = Path(__file__).parents[2].parent / "shared" / "data" / "n5"
    if not shared.is_dir():
        pytest.skip(f"the real files are not at {shared}")
    from PIL import Image

    reference = np.asarray(Image.open(shared / "reference_image.png"))
    for name in ("raw", "gzip"):
        convert(shared / "z5py.n5", tmp_path / f"{name}.ome.zarr", Wishes(array=name, axes="yxc"))
        found = pixels_of(tmp_path / f"{name}.ome.zarr")[0, :, 0]
        assert np.array_equal(found, reference.transpose(2, 0, 1))
