"""Labels fit their image at every moment, in any order of planes, also while it is recorded."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from result_stores import PLANNED, double, recorded
from store_recordings import put_all, spec_of

from parfocal.store import (
    Recording,
    StoreError,
    check,
    follow_images,
    list_labels,
    read_labels,
    resolve_voxel_size,
    write_labels,
    write_pyramid,
)

SHAPE = (24, 20)


def cells(t: int, z: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    return np.random.default_rng([t, z]).integers(0, 2**31, shape).astype("uint32")


def test_labels_have_the_axes_scale_and_place_of_their_image(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    colors = {1: (255, 0, 0, 255)}
    properties = [{"label-value": 1, "class": "dividing"}]
    with write_labels(
        store, "A/1/1", "nuclei", colors=colors, properties=properties, run="r1"
    ) as labels:
        for t, z in [(1, 2), (0, 0), (1, 0), (0, 2), (0, 1), (1, 1)]:
            labels.put(t, cells(t, z), z)
    told = json.loads((store / "A/1/1/labels/nuclei/zarr.json").read_text())["attributes"]
    image = json.loads((store / "A/1/1/zarr.json").read_text())["attributes"]["ome"]
    mine, theirs = told["ome"]["multiscales"][0], image["multiscales"][0]
    assert mine["axes"] == theirs["axes"]
    assert mine["datasets"] == theirs["datasets"]
    assert told["ome"]["image-label"] == {
        "version": "0.5",
        "source": {"image": "../../"},
        "colors": [
            {"label-value": 0, "rgba": [0, 0, 0, 0]},
            {"label-value": 1, "rgba": [255, 0, 0, 255]},
        ],
        "properties": [{"label-value": 0}, *properties],
    }
    assert told["parfocal"]["run"] == "r1"
    assert told["parfocal"]["voxel_size_um_zyx"] == [2.0, 0.5, 0.25]
    assert told["parfocal"]["voxel_size_resolution_source"] == "component:A/1/1"
    array = read_labels(store, "A/1/1", "nuclei")
    assert array.shape == (2, 1, 3, *SHAPE)
    for t, z in [(0, 0), (1, 2)]:
        np.testing.assert_array_equal(array[t, 0, z].read().result(), cells(t, z))
    assert list_labels(store) == {"A/1/1": ("nuclei",)}
    assert resolve_voxel_size(store, "A/1/1/labels/nuclei").conflicts == ()
    assert check(store, deep=True).findings == ()


def test_labels_come_frame_by_frame_while_the_run_records(tmp_path: Path) -> None:
    store = tmp_path / "cells.ome.zarr"
    recording = Recording.create(store, spec_of(PLANNED))
    try:
        labels = write_labels(store, "A/1/0", "fired")
        for index in PLANNED:
            put_all(recording, [index])
            t, p, c, z = index
            if p == c == 0:
                labels.put(t, cells(t, z), z)
                seen = read_labels(store, "A/1/0", "fired")[t, 0, z].read().result()
                np.testing.assert_array_equal(seen, cells(t, z))
                assert {found.rule for found in check(store).findings} == {"recording"}
        labels.close()
    finally:
        recording.close()
    assert check(store, deep=True).findings == ()


def test_labels_go_on_where_they_were(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    write_labels(store, "A/1/0", "nuclei").put(0, cells(0, 0))
    write_labels(store, "A/1/0", "nuclei").put(1, cells(1, 0))
    array = read_labels(store, "A/1/0", "nuclei")
    np.testing.assert_array_equal(array[0, 0, 0].read().result(), cells(0, 0))
    write_labels(store, "A/1/0", "nuclei", overwrite=True)
    assert not read_labels(store, "A/1/0", "nuclei").read().result().any()


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_labels_have_the_levels_of_their_image(tmp_path: Path, when: str) -> None:
    shape = (800, 420)
    store = recorded(tmp_path / "cells.ome.zarr", shape=shape)
    if when == "after":
        write_pyramid(store)
    labels = write_labels(store, "A/1/0", "nuclei")
    labels.put(0, cells(0, 1, shape), 1)
    if when == "before":
        labels.put(1, cells(1, 2, shape), 2)
    if when != "after":
        write_pyramid(store)
        follow_images(store)
    if when != "before":
        labels.put(1, cells(1, 2, shape), 2)
    labels.close()
    for level in (1, 2):
        step = 2**level
        coarse = read_labels(store, "A/1/0", "nuclei", level)
        for t, z in [(0, 1), (1, 2)]:
            wanted = cells(t, z, shape)[::step, ::step]
            np.testing.assert_array_equal(coarse[t, 0, z].read().result(), wanted)
    assert check(store, deep=True).findings == ()


def test_labels_of_a_result_lie_in_it(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    run = double(store).run
    with write_labels(store, f"results/double/{run}/A/1/0", "nuclei") as labels:
        labels.put(0, cells(0, 0))
    assert labels.path == "results/double/latest/A/1/0/labels/nuclei"
    assert list_labels(store / "results/double/latest") == {"A/1/0": ("nuclei",)}
    assert check(store, deep=True).findings == ()


def test_many_writers_lose_none_from_the_list(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    names = [f"labels {number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: write_labels(store, "A/1/0", name), names))
    assert sorted(list_labels(store)["A/1/0"]) == sorted(names)
    assert check(store).ok


CHILD = """
import sys, numpy as np
from parfocal.store import write_labels
number = 0
while True:
    labels = write_labels(sys.argv[1], "A/1/0", f"n{number}")
    labels.put(1, np.full((24, 20), 7, "uint32"), 2)
    print(number, flush=True)
    number += 1
"""


def test_a_killed_writer_leaves_only_whole_labels_listed(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    for kill in range(3):
        command = [sys.executable, "-c", CHILD.replace('f"n', f'f"k{kill}n'), str(store)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(4 + kill)]
        child.send_signal(signal.SIGKILL)
        told += [int(line) for line in child.communicate()[0].splitlines()]
        names = list_labels(store)["A/1/0"]
        assert {f"k{kill}n{number}" for number in told} <= set(names)
        for name in names:
            assert read_labels(store, "A/1/0", name).shape == (2, 1, 3, *SHAPE)
        rules = {found.rule for found in check(store).findings if found.severity == "error"}
        assert rules <= {"stray-lock"}
        for lock in store.rglob("*__lock"):
            lock.unlink()


@pytest.mark.parametrize("name", ["Zellkerne ä µ", "細胞", "a b.c-d_e", "x" * 200])
def test_a_name_of_any_language_is_taken(tmp_path: Path, name: str) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    with write_labels(store, "A/1/0", name) as labels:
        labels.put(0, cells(0, 0))
    assert list_labels(store) == {"A/1/0": (name,)}
    assert check(store).ok


@pytest.mark.parametrize(
    "name",
    ["", " ", "../x", "a/b", "a\\b", "..", ".x", "__x", "a:b", "a\n", "con", "LPT1.x", "a.", " a",
     "latest", "zarr.json", "x" * 201, "細" * 100, "a\ud800"],
)  # fmt: skip
def test_a_name_that_some_disk_cannot_take_is_refused(tmp_path: Path, name: str) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    with pytest.raises(StoreError, match="cannot be the name of labels in"):
        write_labels(store, "A/1/0", name)
    assert not (store / "A/1/0/labels").exists()


def test_names_that_differ_in_case_or_composition_alone_are_one(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    write_labels(store, "A/1/0", "Nuclei")
    with pytest.raises(StoreError, match="there is 'Nuclei' already"):
        write_labels(store, "A/1/0", "nuclei")
    write_labels(store, "A/1/0", "a\u0308")
    write_labels(store, "A/1/0", "\u00e4")
    assert list_labels(store) == {"A/1/0": ("Nuclei", "\u00e4")}


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    labels = write_labels(store, "A/1/0", "nuclei", dtype="uint8")
    for t, z, plane, said in [
        (0, 0, np.ones((24, 21), "uint8"), r"t=0 z=0 of shape \(24, 21\)"),
        (2, 0, np.ones(SHAPE, "uint8"), "t=2 z=0"),
        (0, 3, np.ones(SHAPE, "uint8"), "t=0 z=3"),
        (0, 0, np.full(SHAPE, 256, "uint16"), "which holds uint8"),
        (0, 0, np.full(SHAPE, -1, "int8"), "which holds uint8"),
        (0, 0, np.ones(SHAPE, "float32"), "of type float32"),
    ]:
        with pytest.raises(StoreError, match=said):
            labels.put(t, plane, z)
    labels.put(0, np.ones(SHAPE, bool))
    for image, others, said in [
        ("A/1/9", {}, "A/1/9"),
        ("../x", {}, "leads out"),
        ("A/1/0", {"dtype": "float32"}, "float32"),
        ("A/1/0", {"colors": {1: (256, 0, 0, 0)}}, "256"),
    ]:
        with pytest.raises(StoreError, match=said):
            write_labels(store, image, "other", **others)
    with pytest.raises(StoreError, match="no labels 'A/1/0/labels/none'"):
        read_labels(store, "A/1/0", "none")
    assert list_labels(store) == {"A/1/0": ("nuclei",)}


def test_labels_of_an_older_store_are_listed(tmp_path: Path) -> None:
    """NGFF 0.4 lists them in `.zattrs`."""
    image = tmp_path / "old.zarr"
    for folder in (image, image / "labels"):
        folder.mkdir()
        (folder / ".zgroup").write_text('{"zarr_format": 2}')
    datasets = {"axes": [{"name": "y"}, {"name": "x"}], "datasets": []}
    (image / ".zattrs").write_text(json.dumps({"multiscales": [datasets]}))
    (image / "labels/.zattrs").write_text(json.dumps({"labels": ["nuclei"]}))
    assert list_labels(image) == {"": ("nuclei",)}
