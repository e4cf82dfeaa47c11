"""A check finds, one rule each, what all validators of the field let pass."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from check_findings import Break, copied, findings, listed
from foreign_stores import edit, write_image, write_labelled, write_plate
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording, check

PLANNED = grid(t=2, c=2, z=3)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rules")
    kinds = ("image", "labelled", "plate", "recorded")
    paths = {kind: folder / f"{kind}.ome.zarr" for kind in kinds}
    window = {"min": 0, "max": 9, "start": 0, "end": 9}
    omero = {"channels": [{"color": "FF0000", "window": window} for _ in range(2)]}
    write_image(paths["image"], omero=omero)
    write_labelled(paths["labelled"])
    write_plate(paths["plate"])
    recording = Recording.create(paths["recorded"], spec_of(PLANNED))
    put_all(recording, PLANNED)
    recording.close()
    return paths


@pytest.mark.parametrize("kind", ["image", "labelled", "plate", "recorded"])
def test_sound_stores_pass_without_a_word(sound: dict[str, Path], kind: str) -> None:
    assert findings(sound[kind], deep=True) == {}


def multiscale(change: Callable[[dict[str, Any]], Any], where: str = "") -> Break:
    return lambda path: edit(path / where / "zarr.json", lambda ome: change(ome["multiscales"][0]))


def scaled(level: int, scale: list[float]) -> Break:
    def change(multiscale: dict[str, Any]) -> None:
        multiscale["datasets"][level]["coordinateTransformations"][0]["scale"] = scale

    return multiscale(change)


def another_level(**array: Any) -> Break:
    """The second level, written again as something else."""

    def rewrite(path: Path) -> None:
        shutil.rmtree(path / "1")
        values: dict[str, Any] = {"shape": (2, 3, 8, 6), "dtype": "uint16", **array}
        names = list("czyx")[-len(values["shape"]) :]
        made = zarr.open_group(path).create_array("1", dimension_names=names, **values)
        made[:] = np.ones(made.shape, made.dtype)

    return rewrite


def without_chunks(level: str) -> Break:
    return lambda path: shutil.rmtree(path / level / "c")


def dangling(path: Path) -> None:
    chunk = path / "0/c/0/0/0/0"
    chunk.unlink()
    chunk.symlink_to(path / "gone")


def moved(multiscale: dict[str, Any]) -> None:
    steps = multiscale["datasets"][0]["coordinateTransformations"]
    steps.append({"type": "translation", "translation": [0.0, 0.0, float("nan"), 0.0]})


IMAGE: list[tuple[str, str, Break]] = [
    ("level-dtype", "1", another_level(dtype="uint8")),
    ("level-scale", "1", another_level(shape=(2, 3, 4, 6))),
    ("level-scale", "1", scaled(1, [1.0, 1.0, 2.0, 1.0])),
    ("axes", "1", another_level(shape=(3, 8, 6))),
    ("levels", ".", multiscale(lambda one: one["datasets"].clear())),
    ("level-missing", "1", lambda path: shutil.rmtree(path / "1")),
    ("scale", "0", scaled(0, [1.0, 1.0, 0.0, 0.5])),
    ("scale", "0", scaled(0, [1.0, 1.0, -0.5, 0.5])),
    ("scale", "0", scaled(0, [1.0, 1.0, float("nan"), 0.5])),
    ("scale", "0", scaled(0, [1.0, 1.0, float("inf"), 0.5])),
    (
        "omero-channels",
        ".",
        lambda path: edit(path / "zarr.json", lambda ome: ome["omero"]["channels"].pop()),
    ),
    ("no-chunks", "0", without_chunks("0")),
    ("no-chunks", "1", without_chunks("1")),
    ("stray-lock", "0/c/0/0/0/0.__lock", lambda path: (path / "0/c/0/0/0/0.__lock").touch()),
    ("mixed-formats", "0/.zarray", lambda path: (path / "0/.zarray").write_text("{}")),
    ("mixed-formats", ".zattrs", lambda path: (path / ".zattrs").write_text("{}")),
    ("chunk-empty", "0/c/0/0/0/0", lambda path: (path / "0/c/0/0/0/0").write_bytes(b"")),
    (
        "dimension-names",
        "0",
        lambda path: edit(
            path / "0/zarr.json", lambda array: array.update(dimension_names=["z", "c", "y", "x"])
        ),
    ),
    (
        "array-metadata",
        "0",
        lambda path: edit(path / "0/zarr.json", lambda array: array.update(codecs=[{"name": "?"}])),
    ),
    ("unreadable", "0/c/0/0/0/0", dangling),
    ("translation", "0", multiscale(moved)),
    ("level-order", "0", multiscale(lambda one: one["datasets"].reverse())),
    ("schema", ".", multiscale(lambda one: one["axes"].pop(0) and one.pop("datasets"))),
]


@pytest.mark.parametrize(("rule", "where", "breaks"), IMAGE)
def test_what_is_wrong_with_an_image_is_found(
    sound: dict[str, Path], tmp_path: Path, rule: str, where: str, breaks: Break
) -> None:
    path = copied(sound["image"], tmp_path)
    breaks(path)
    found = findings(path)
    assert (found[rule].path, found[rule].severity) == (where, "error")


def labelled(**label: Any) -> Break:
    def rewrite(path: Path) -> None:
        shutil.rmtree(path / "labels" / "cells")
        colours = {"colors": [{"label-value": 1, "rgba": [0, 0, 0, 0]}]}
        write_image(path / "labels/cells", **{"dtype": "uint32", "image-label": colours, **label})

    return rewrite


LABELS: list[tuple[str, str, str, Break]] = [
    ("label-shape", "error", "labels/cells", labelled(shape=(2, 3, 16, 14))),
    ("label-shape", "error", "labels/cells", labelled(shape=(2, 2, 16, 12))),
    ("label-shape", "error", "labels/cells", labelled(shape=(16, 12), axes=("y", "x"))),
    ("label-levels", "error", "labels/cells", labelled(levels=1)),
    ("label-dtype", "error", "labels/cells/0", labelled(dtype="float32", levels=1)),
    ("level-dtype", "error", "labels/cells/1", lambda p: another_level()(p / "labels/cells")),
    ("label-missing", "error", "labels/cells", lambda p: shutil.rmtree(p / "labels/cells")),
    (
        "label-unlisted",
        "warning",
        "labels/cells",
        lambda path: edit(path / "labels/zarr.json", lambda ome: ome["labels"].clear()),
    ),
    ("label-unlisted", "warning", "labels/cells", lambda p: (p / "labels/zarr.json").unlink()),
    ("no-chunks", "warning", "labels/cells/0", without_chunks("labels/cells/0")),
]


@pytest.mark.parametrize(("rule", "severity", "where", "breaks"), LABELS)
def test_what_is_wrong_with_a_label_is_found(
    sound: dict[str, Path], tmp_path: Path, rule: str, severity: str, where: str, breaks: Break
) -> None:
    path = copied(sound["labelled"], tmp_path)
    breaks(path)
    found = findings(path)
    assert (found[rule].path, found[rule].severity) == (where, severity)


def test_one_label_may_serve_all_channels(sound: dict[str, Path], tmp_path: Path) -> None:
    for number, shape in enumerate([(3, 16, 12), (1, 3, 16, 12)]):
        path = copied(sound["labelled"], tmp_path / str(number))
        labelled(shape=shape, axes="czyx"[-len(shape) :])(path)
        assert findings(path) == {}


def test_an_array_without_length_is_said_to_hold_no_pixel(tmp_path: Path) -> None:
    write_image(tmp_path / "a.zarr", shape=(2, 0, 16, 12), levels=1, chunks=(1, 1, 16, 12))
    assert [(one.path, one.rule) for one in check(tmp_path / "a.zarr").findings] == [
        ("0", "no-pixels")
    ]


def test_the_validators_are_quoted_by_place_without_links(tmp_path: Path) -> None:
    write_image(tmp_path / "a.zarr")
    edit(tmp_path / "a.zarr/zarr.json", lambda ome: ome["multiscales"][0].pop("type"))
    shutil.rmtree(tmp_path / "a.zarr/1")
    zarr.open_group(tmp_path / "b.zarr", mode="w").attrs["ome"] = {
        "version": "0.5",
        "multiscales": [],
    }
    said = [one for name in "ab" for one in check(tmp_path / f"{name}.zarr").findings]
    assert not [one for one in said if one.severity == "warning" and "required" in one.message]
    quoted = [one.message for one in said if one.rule in ("yaozarrs", "ome-zarr-models")]
    assert "ome.multiscales.0.datasets.1.path: Dataset path '1' not found" in quoted[0]
    assert not [text for text in quoted if "https://" in text or "validation error" in text]


def test_a_version_in_the_wrong_zarr_format_is_found(tmp_path: Path) -> None:
    path = tmp_path / "image.zarr"
    write_image(path, version="0.4")
    ome = json.loads((path / ".zattrs").read_text())
    (path / ".zattrs").write_text(json.dumps({"ome": {"version": "0.5", **ome}}))
    assert findings(path)["zarr-format"].severity == "error"


PLATE: list[tuple[str, str, str, Break]] = [
    ("plate-order", "error", ".", listed(lambda ome: ome["plate"]["rows"].reverse())),
    ("plate-order", "error", ".", listed(lambda ome: ome["plate"]["columns"].reverse())),
    (
        "plate-rows",
        "error",
        ".",
        listed(lambda o: o["plate"]["rows"].append({"name": "A", "n": 1})),
    ),
    (
        "plate-columns",
        "error",
        ".",
        listed(lambda ome: ome["plate"]["columns"].append({"name": "1", "n": 1})),
    ),
    ("schema", "error", ".", listed(lambda o: o["plate"]["wells"].append(o["plate"]["wells"][0]))),
    ("well-missing", "error", "B/2", lambda path: shutil.rmtree(path / "B/2")),
    ("well-missing", "error", "B/2", listed(lambda ome: ome.pop("well"), "B/2")),
    ("well-unlisted", "warning", "B/2", listed(lambda ome: ome["plate"]["wells"].pop())),
    ("field-missing", "error", "B/2/0", lambda path: shutil.rmtree(path / "B/2/0")),
    (
        "field-unlisted",
        "warning",
        "B/2/0",
        listed(lambda ome: ome["well"]["images"][0].update(path="1"), "B/2"),
    ),
    (
        "well-acquisition",
        "error",
        "B/2",
        listed(lambda ome: ome["well"]["images"][0].update(acquisition=7), "B/2"),
    ),
    ("version-mixed", "error", ".", listed(lambda ome: ome.update(version="0.6"), "B/2/0")),
    ("version", "warning", "B/2/0", listed(lambda ome: ome.update(version="0.6"), "B/2/0")),
    ("recommended", "warning", ".", listed(lambda ome: ome["plate"].pop("name"))),
    ("no-image", "error", ".", lambda path: [shutil.rmtree(path / row) for row in "AB"]),
]


@pytest.mark.parametrize(("rule", "severity", "where", "breaks"), PLATE)
def test_what_is_wrong_with_a_plate_is_found(
    sound: dict[str, Path], tmp_path: Path, rule: str, severity: str, where: str, breaks: Break
) -> None:
    path = copied(sound["plate"], tmp_path)
    breaks(path)
    found = findings(path)
    assert (found[rule].path, found[rule].severity) == (where, severity)


def test_a_label_colour_needs_no_rgba(sound: dict[str, Path], tmp_path: Path) -> None:
    path = copied(sound["labelled"], tmp_path)
    labelled(**{"image-label": {"colors": [{"label-value": 1}]}})(path)
    assert {(found.rule, found.severity) for found in findings(path).values()} == {
        ("ome-zarr-models", "warning")
    }


def test_a_plate_of_04_may_name_columns_first_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "plate.zarr"
    write_plate(path, version="0.4", swapped=True)
    found = findings(path)
    assert found["plate-order"].severity == "warning"
    assert check(path).ok


def test_a_check_writes_nothing(sound: dict[str, Path]) -> None:
    for path in sound.values():
        before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
        json.dumps(check(path, deep=True).as_json())
        assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before
