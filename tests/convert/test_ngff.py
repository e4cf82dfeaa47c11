"""What an OME-Zarr of any version says comes over with its pixels, and nothing is dropped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from zarr_stores import multiscales, pixels_of, write_volume

from parfocal.convert import ConvertError, Wishes, convert, dry_run
from parfocal.store import (
    check,
    info,
    list_labels,
    read_json,
    read_labels,
    read_provenance,
    read_store_metadata,
    resolve_voxel_size,
)

RNG = np.random.default_rng(2)


def noise(*shape: int) -> np.ndarray:
    return RNG.integers(0, 4000, shape).astype("u2")


def image(group: Any, letters: str, *levels: np.ndarray, **more: Any) -> None:
    """An image of NGFF 0.4 in a group of Zarr v2."""
    for number, data in enumerate(levels):
        lengths = zip(letters, data.shape, strict=True)
        chunks = tuple(min(32, n) if letter in "yx" else 1 for letter, n in lengths)
        group.create_array(str(number), data=data, chunks=chunks)
    group.attrs["multiscales"] = multiscales(letters, len(levels), **more)


@pytest.mark.parametrize("letters", ["yx", "zyx", "cyx", "tyx", "czyx", "tczyx", "tcyx", "tzyx"])
def test_any_axes_become_tczyx(tmp_path: Path, letters: str) -> None:
    lengths = {"t": 2, "c": 3, "z": 4, "y": 40, "x": 50}
    data = noise(*(lengths[letter] for letter in letters))
    image(zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2), letters, data)
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")
    assert found.shape == tuple(lengths[axis] if axis in letters else 1 for axis in "tczyx")
    assert np.array_equal(found.reshape(data.shape), data)
    assert check(tmp_path / "n.ome.zarr").ok
    size = info(tmp_path / "n.ome.zarr").voxel_size_um
    assert size == (2.0 if "z" in letters else 1.0, 0.5, 0.5)


def test_levels_channels_and_labels_come_over(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    whole, half = noise(2, 2, 3, 64, 80), noise(2, 2, 3, 32, 40)
    image(root, "tczyx", whole, half, name="cells", type="gaussian")
    window = {"min": 0, "max": 65535, "start": 100, "end": 900}
    root.attrs["omero"] = {
        "channels": [
            {"label": "DAPI", "color": "0000FF", "window": window, "active": True},
            {"label": "ER “x”", "color": "ff8000", "window": window, "active": False},
        ]
    }
    root.attrs["lab"] = {"dish": 3, "words": ["a", "b"]}
    listed, unlisted = noise(2, 1, 3, 64, 80), noise(2, 1, 3, 64, 80)
    for name, data in (("nuclei", listed), ("forgotten", unlisted)):
        labels = root.create_group(f"labels/{name}")
        image(labels, "tczyx", data)
        colors = [{"label-value": 1, "rgba": [1, 2, 3, 255]}]
        labels.attrs["image-label"] = {"version": "0.4", "colors": colors}
    zarr.open_group(tmp_path / "o.zarr/labels", mode="a").attrs["labels"] = ["nuclei"]
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert report.warnings == ()
    assert np.array_equal(pixels_of(new), whole)
    assert np.array_equal(pixels_of(new, level=1), half)
    assert info(new).channels == ("DAPI", "ER “x”")
    size = resolve_voxel_size(new, "A/1/0/1")
    assert (size.z, size.y, size.x) == (2.0, 1.0, 1.0)
    attributes = json.loads((new / "A/1/0/zarr.json").read_text())["attributes"]
    assert attributes["lab"] == {"dish": 3, "words": ["a", "b"]}
    colors = [channel["color"] for channel in attributes["ome"]["omero"]["channels"]]
    assert colors == ["0000FF", "FF8000"]
    datasets = attributes["ome"]["multiscales"][0]["datasets"]
    assert datasets[1]["coordinateTransformations"][1]["translation"] == [0, 0, 0, 0.25, 0.25]
    assert list_labels(new) == {"A/1/0": ("forgotten", "nuclei")}
    for name, data in (("nuclei", listed), ("forgotten", unlisted)):
        assert np.array_equal(read_labels(new, "A/1/0", name).read().result(), data)
    assert read_store_metadata(new).legacy["/"]["omero"]["channels"][1]["active"] is False
    assert check(new, deep=True).ok


def test_a_plate_keeps_its_wells(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "p.zarr", mode="w", zarr_format=2)
    wells = {"B/03": noise(1, 1, 1, 40, 40), "C/11": noise(1, 1, 1, 40, 40)}
    told = []
    for path, data in wells.items():
        row, column = path.split("/")
        told.append({"path": path, "rowIndex": ord(row) - 65, "columnIndex": int(column) - 1})
        well = root.create_group(path)
        well.attrs["well"] = {"version": "0.4", "images": [{"path": "0"}, {"path": "1"}]}
        image(well.create_group("0"), "tczyx", data, name="left")
        image(well.create_group("1"), "tczyx", data[..., ::-1].copy(), name="right")
    root.attrs["plate"] = {
        "version": "0.4",
        "name": "drug",
        "rows": [{"name": letter} for letter in "ABCDEFGH"],
        "columns": [{"name": f"{number:02}"} for number in range(1, 13)],
        "wells": told,
    }
    convert(tmp_path / "p.zarr", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert info(new).field_paths == ("B/3/0", "B/3/1", "C/11/0", "C/11/1")
    for number, data in enumerate(wells.values()):
        assert np.array_equal(pixels_of(new, 2 * number), data)
        assert np.array_equal(pixels_of(new, 2 * number + 1), data[..., ::-1])
    plate = json.loads((new / "zarr.json").read_text())["attributes"]["ome"]["plate"]
    assert (len(plate["rows"]), len(plate["columns"])) == (8, 12)
    assert check(new).ok


def test_images_of_different_size_are_fields_of_one_store(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "s.zarr", mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    pictures = [noise(2, 1, 1, 30, 40), noise(1, 3, 4, 60, 20)]
    for number, data in enumerate(pictures):
        image(root.create_group(str(number)), "tczyx", data)
    convert(tmp_path / "s.zarr", tmp_path / "n.ome.zarr")
    for number, data in enumerate(pictures):
        assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr", number), data)
    assert info(tmp_path / "n.ome.zarr").planned == 2 + 12
    assert check(tmp_path / "n.ome.zarr").ok


@pytest.mark.parametrize("sharded", [False, True])
def test_zarr_v3_with_ngff_05_comes_over(tmp_path: Path, sharded: bool) -> None:
    data = noise(2, 1, 4, 64, 64)
    root = zarr.open_group(tmp_path / "v3.zarr", mode="w", zarr_format=3)
    root.create_array(
        "0",
        data=data,
        chunks=(1, 1, 2, 32, 32),
        shards=(1, 1, 4, 64, 64) if sharded else None,
        dimension_names=list("tczyx"),
    )
    (scale,) = multiscales("tczyx")
    scale.pop("version")
    root.attrs["ome"] = {"version": "0.5", "multiscales": [scale]}
    report = convert(tmp_path / "v3.zarr", tmp_path / "n.ome.zarr")
    assert report.arrays[0]["action"] == ("transcode" if sharded else "repack")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), data)
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


def test_a_plain_array_asks_what_it_is(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "plain.zarr", mode="w", zarr_format=2)
    small, large = noise(5, 20, 20), noise(6, 40, 40)
    root.create_array("a/small", data=small)
    root.create_array("b", data=large)
    report = convert(tmp_path / "plain.zarr", tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], large)
    assert any("largest" in guess and ": b" in guess for guess in report.guessed)
    assert any("voxel" in guess for guess in report.guessed)
    assert info(tmp_path / "n.ome.zarr").voxel_size_source == "default"
    wishes = Wishes(array="a/small", axes="tyx", voxel_um=(1.0, 0.2, 0.2))
    assert convert(tmp_path / "plain.zarr", tmp_path / "m.ome.zarr", wishes).guessed == ()
    assert np.array_equal(pixels_of(tmp_path / "m.ome.zarr")[:, 0, 0], small)
    with pytest.raises(ConvertError, match="it has: a/small, b"):
        dry_run(tmp_path / "plain.zarr", tmp_path / "k.ome.zarr", Wishes(array="c"))


def test_stale_consolidated_metadata_is_not_believed(tmp_path: Path) -> None:
    data = write_volume(tmp_path / "o.zarr")
    zarr.consolidate_metadata(tmp_path / "o.zarr", zarr_format=2)
    told = json.loads((tmp_path / "o.zarr/.zmetadata").read_text())
    told["metadata"]["0/.zarray"]["shape"] = [1, 1, 1, 1, 1]
    (tmp_path / "o.zarr/.zmetadata").write_text(json.dumps(told))
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), data)


def test_what_cannot_be_an_image_is_refused_in_a_sentence(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    root.create_array("0", data=np.zeros((4, 4), "c8"))
    with pytest.raises(ConvertError, match="complex64"):
        convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    group = zarr.open_group(tmp_path / "q.zarr", mode="w", zarr_format=2)
    group.create_array("0", data=np.zeros((4, 4), "u2"))
    entries = [{"name": "q", "type": "space"}, {"name": "x", "type": "space"}]
    scales = [{"type": "scale", "scale": [1, 1]}]
    datasets = [{"path": "0", "coordinateTransformations": scales}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": entries, "datasets": datasets}]
    with pytest.raises(ConvertError, match="axes q, x"):
        convert(tmp_path / "q.zarr", tmp_path / "n.ome.zarr")
    (tmp_path / "draft.zarr").mkdir()
    (tmp_path / "draft.zarr/zarr.json").write_text('{"metadata_encoding": "…", "extensions": []}')
    with pytest.raises(ConvertError, match="draft of Zarr v3"):
        convert(tmp_path / "draft.zarr", tmp_path / "n.ome.zarr")
    (tmp_path / "letter.txt").write_text("dear")
    for path in ("letter.txt", "nowhere.zarr"):
        with pytest.raises(ConvertError, match=path):
            convert(tmp_path / path, tmp_path / "n.ome.zarr")
    assert not [path for path in tmp_path.iterdir() if "n.ome.zarr" in path.name]


def test_where_it_may_not_go(tmp_path: Path) -> None:
    write_volume(tmp_path / "o.zarr")
    source = tmp_path / "o.zarr"
    for destination, why in (
        (source, "is the source itself"),
        (source / "n.ome.zarr", "inside its source"),
        (tmp_path / "no" / "n.ome.zarr", "make it first"),
        (tmp_path / "n.tif", "must end in"),
    ):
        with pytest.raises(ConvertError, match=why):
            convert(source, destination)
    (tmp_path / "link.ome.zarr").symlink_to(source)
    with pytest.raises(ConvertError, match="is the source itself"):
        convert(source, tmp_path / "link.ome.zarr", overwrite=True)
    (tmp_path / "photos.ome.zarr").mkdir()
    (tmp_path / "photos.ome.zarr/a.jpg").write_text("")
    with pytest.raises(ConvertError, match="no OME-Zarr store"):
        convert(source, tmp_path / "photos.ome.zarr", overwrite=True)


def test_a_canonical_store_is_copied_and_not_converted(tmp_path: Path) -> None:
    write_volume(tmp_path / "o.zarr")
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    with pytest.raises(ConvertError, match="canonical store already"):
        convert(tmp_path / "n.ome.zarr", tmp_path / "m.ome.zarr")


def test_a_source_that_changes_meanwhile_is_not_believed(tmp_path: Path) -> None:
    write_volume(tmp_path / "o.zarr")

    def change(_way: object) -> None:
        (tmp_path / "o.zarr/0/0/0/0/0/0").touch()

    with pytest.raises(ConvertError, match="changed while it was read"):
        convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr", tell=change)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.zarr"]


def test_the_history_says_what_was_done_to_each_array(tmp_path: Path) -> None:
    write_volume(tmp_path / "o.zarr")
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    (record,) = read_provenance(tmp_path / "n.ome.zarr")
    assert record.action == "migrate"
    (array,) = record.parameters["arrays"]
    assert (array["path"], array["source"], array["action"]) == ("A/1/0/0", "0", "repack")
    assert len(array["source_hash"]) == len(array["target_hash"]) == 64
    assert array["codecs"][-1] == {"name": "crc32c"}
    assert record.inputs[0].path == (tmp_path / "o.zarr").as_uri()


def test_what_holds_for_all_levels_comes_after_what_a_level_says(tmp_path: Path) -> None:
    # the specification's own example has the time step there
    root = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    for level in range(2):
        root.create_array(str(level), data=np.ones((2, 3, 8 >> level, 8 >> level), "u2"))
    told = multiscales("tzyx", 2)
    told[0]["axes"][0]["unit"] = "millisecond"
    told[0]["coordinateTransformations"] = [
        {"type": "scale", "scale": [100.0, 2.0, 2.0, 2.0]},
        {"type": "translation", "translation": [0.0, 10.0, 20.0, 30.0]},
    ]
    for dataset, start in zip(told[0]["datasets"], (1.0, 1.5), strict=True):
        del dataset["coordinateTransformations"][1:]
        start_of = {"type": "translation", "translation": [0.0, start, start, start]}
        dataset["coordinateTransformations"].append(start_of)
    root.attrs["multiscales"] = told
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    facts = info(tmp_path / "new.ome.zarr")
    assert facts.voxel_size_um == (4.0, 1.0, 1.0)
    assert facts.time_step_s == pytest.approx(0.1)
    assert facts.origins_um == ((12.0, 22.0, 32.0),)
    second = read_json(tmp_path / "new.ome.zarr/A/1/0/zarr.json")["attributes"]["ome"]
    moved = second["multiscales"][0]["datasets"][1]["coordinateTransformations"][1]
    assert moved["translation"] == [0, 0, 13, 23, 33]


def test_a_time_step_without_a_unit_is_taken_and_a_size_that_is_none_is_told(
    tmp_path: Path,
) -> None:
    root = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    root.create_array("0", data=np.ones((2, 3, 8, 8), "u2"))
    told = multiscales("tzyx")
    told[0]["datasets"][0]["coordinateTransformations"][0]["scale"] = [5.0, -2.0, 0.5, 0.5]
    root.attrs["multiscales"] = told
    report = convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert info(tmp_path / "new.ome.zarr").time_step_s == 5.0
    assert any("no unit" in guess for guess in report.guessed)
    assert any("nobody says how large a voxel is" in guess for guess in report.guessed)
    assert any("is no voxel size" in warning for warning in report.warnings)


def test_axes_that_a_store_says_itself_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    write_volume(tmp_path / "old.zarr")
    with pytest.raises(ConvertError, match="says itself that its axes are"):
        dry_run(tmp_path / "old.zarr", tmp_path / "n.ome.zarr", Wishes(axes="ctzyx"))
    assert dry_run(tmp_path / "old.zarr", tmp_path / "n.ome.zarr", Wishes(axes="tczyx")).arrays
