"""A result is published whole or not at all, and the newest one is where every reader looks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from result_stores import FIELDS, double, doubled, doubling, fill, recorded

from parfocal.store import (
    ChannelInfo,
    ResultImage,
    StoreError,
    StoreReader,
    check,
    content_identity,
    info,
    list_results,
    publish_result,
    read_provenance,
    read_result_values,
    resolve_voxel_size,
    result_path,
)
from parfocal.store import _results_switch as switch
from parfocal.store._layout import STAGING


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return recorded(tmp_path / "cells.ome.zarr")


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a folder takes another one's place: Linux and macOS can exchange, Windows cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(switch, "exchanged", lambda *_: False)
    return str(request.param)


def images_of(path: Path) -> np.ndarray:
    reader = StoreReader(path)
    return np.stack([reader.array(field).read().result() for field in range(2)])


def test_a_result_is_a_store_of_its_own_with_everything_carried(store: Path) -> None:
    made = double(store, parameters={"factor": 2})
    path = result_path(store, "double")
    assert path == store / "results/double/latest"
    found = info(path)
    assert (found.shape, found.dtype) == ((2, 2, 3, 24, 20), "float32")
    assert found.channels == ("DAPI", "FITC")
    assert found.fields == ("field 0", "field 1")
    assert found.voxel_size_um == (2.0, 0.5, 0.25)
    assert found.time_step_s == 3.0
    assert found.origins_um == ((1.0, 0.0, 0.0), (1.0, 10.0, 20.0))
    np.testing.assert_array_equal(images_of(path), np.stack([doubled(0), doubled(1)]))
    assert check(store, deep=True).findings == ()
    assert check(path, deep=True).findings == ()
    assert (made.images, made.values) == ("results/double/latest", None)
    assert not (store / STAGING).exists()


def test_the_record_says_what_from_what(store: Path) -> None:
    made = double(store, parameters={"factor": 2}, code_version="1.2", tools={"scipy": "1"})
    record = read_provenance(store)[-1]
    assert record == made.record
    assert (record.action, record.run, record.code_version) == ("double", made.run, "1.2")
    assert record.parameters == {"factor": 2}
    assert [one.path for one in record.inputs] == list(FIELDS)
    assert [one.identity for one in record.inputs] == [
        content_identity(store, field) for field in FIELDS
    ]
    (output,) = record.outputs
    assert output.path == f"results/double/{made.run}"
    assert output.identity == content_identity(store, output.path)


def test_the_newest_is_latest_and_the_others_keep_their_names(store: Path, way: str) -> None:
    runs = [double(store, parameters={"n": n}).run for n in range(3)]
    listed = {one.run: one for one in list_results(store)}
    assert [listed[run].latest for run in runs] == [False, False, True]
    assert listed[runs[0]].images == f"results/double/{runs[0]}"
    for run in runs:
        assert info(result_path(store, "double", run)).dtype == "float32"
    names = sorted(one.name for one in (store / "results/double").iterdir())
    assert names == sorted([*runs[:2], "latest", "zarr.json"])
    assert check(store).findings == ()
    assert not (store / STAGING).exists()


def test_a_size_is_restated_with_its_source_and_followed_by_run(store: Path) -> None:
    first = double(store).run
    image = ResultImage("results/double/latest/A/1/0", (2, 1, 1, 12, 10), voxel_um=(4, 1, 0.5))
    with publish_result(store, "shrink", [image]) as writer:
        for t in range(2):
            writer.put((t, 0, 0), np.ones((12, 10), "float32"))
    told = json.loads((store / "results/shrink/latest/A/1/0/zarr.json").read_text())
    ours = told["attributes"]["parfocal"]
    assert ours["derived_from"] == [f"results/double/{first}/A/1/0"]
    assert ours["voxel_size_um_zyx"] == [4.0, 1.0, 0.5]
    assert ours["voxel_size_resolution_source"] == f"analysis:{writer.run}"
    size = resolve_voxel_size(store, "results/shrink/latest/A/1/0")
    assert (size.z, size.y, size.x, size.conflicts, size.notes) == (4, 1, 0.5, (), ())
    assert size.source == "component:results/shrink/latest/A/1/0"
    double(store)  # what it was made from is no longer the newest, and still found
    assert resolve_voxel_size(store, "results/shrink/latest/A/1/0") == size
    again = resolve_voxel_size(store, f"results/double/{first}/A/1/0")
    assert again.source == f"component:results/double/{first}/A/1/0"
    named = resolve_voxel_size(store, f"results/shrink/{writer.run}/A/1/0/0")
    assert (named.z, named.source) == (4, "component:results/shrink/latest/A/1/0/0")


def test_a_result_without_a_size_of_its_own_has_that_of_its_ancestor(store: Path) -> None:
    """What is written as derived_from is what the resolver reads."""
    first = double(store).run
    double(store, "again", sources=[f"results/double/latest/{field}" for field in FIELDS])
    double(store)
    file = store / "results/again/latest/A/1/0/zarr.json"
    told = json.loads(file.read_text())
    del told["attributes"]["ome"]["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    for key in ("voxel_size_um_zyx", "voxel_size_resolution_source"):
        del told["attributes"]["parfocal"][key]
    file.write_text(json.dumps(told))
    size = resolve_voxel_size(store, "results/again/latest/A/1/0")
    assert (size.z, size.y, size.x) == (2.0, 0.5, 0.25)
    assert size.source == f"component:results/double/{first}/A/1/0"


def test_levels_are_made_and_listed_before_anybody_sees_them(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr", shape=(800, 420))
    double(store, shape=(800, 420), levels="mean")
    found = info(store / "results/double/latest")
    assert found.levels == 3
    reader = StoreReader(store / "results/double/latest")
    fine, coarse = (reader.array(1, level).read().result() for level in (0, 1))
    wanted = fine.reshape(*fine.shape[:3], 400, 2, 210, 2).mean((4, 6))
    np.testing.assert_allclose(coarse, wanted, rtol=1e-6)
    assert check(store, deep=True).findings == ()


def test_stacks_share_a_shard_and_other_channels_are_named(store: Path) -> None:
    image = ResultImage(
        "A/1/1", (2, 1, 3, 24, 20), "uint8", channels=[ChannelInfo("mask")], planes_a_shard=3
    )
    stack = np.arange(3 * 24 * 20, dtype="uint8").reshape(3, 24, 20)
    with publish_result(store, "mask", [image]) as writer:
        writer.put((1, 0, 0), stack)
    path = result_path(store, "mask")
    np.testing.assert_array_equal(StoreReader(path).array().read().result()[1, 0], stack)
    assert len([file for file in (path / "A/1/1/0/c").rglob("*") if file.is_file()]) == 1
    assert info(path).channels == ("mask",)
    assert info(path).field_paths == ("A/1/1",)
    assert check(store).findings == ()


def test_an_error_in_the_block_leaves_nothing(store: Path) -> None:
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}

    def fail() -> None:
        with doubling(store) as begun:
            begun.put((0, 0, 0), doubled(0)[0, 0, 0])
            begun.add_value("x", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    after = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
    assert {str(file) for file in after.keys() - before.keys()} <= {str(store / "parfocal/lock")}
    writer = doubling(store)
    writer.discard()
    with pytest.raises(StoreError, match="published or discarded already"):
        writer.put((0, 0, 0), doubled(0)[0, 0, 0])


def test_a_plane_that_does_not_fit_is_named(store: Path) -> None:
    with doubling(store) as writer:
        for index, plane, image, said in [
            ((0, 0, 0), np.ones((24, 20), "uint16"), 0, "t=0 c=0 z=0 .* is uint16"),
            ((0, 0, 0), np.ones((24, 21), "float32"), 0, r"\(24, 21\)"),
            ((2, 0, 0), np.ones((24, 20), "float32"), 0, "t=2 c=0 z=0 lies outside"),
            ((0, 0, 1), np.ones((3, 24, 20), "float32"), 0, "lies outside"),
            ((0, 0, 0), np.ones((24, 20), "float32"), 2, "no image 2"),
        ]:
            with pytest.raises(StoreError, match=said):
                writer.put(index, plane, image)


def test_what_cannot_be_begun_says_why_and_leaves_nothing(store: Path, tmp_path: Path) -> None:
    double(store, run="once")
    for source, others, said in [
        ("A/1/7", {}, "A/1/7"),
        ("A/1/0", {"shape": (2, 2, 3, 24)}, "shape"),
        ("A/1/0", {"voxel_um": (0, 1, 1)}, "voxel size"),
        ("A/1/0", {"channels": [ChannelInfo("one")]}, "1 channels are named for a result of 2"),
        ("A/1/0", {"dtype": "complex64"}, "complex64"),
    ]:
        with pytest.raises(StoreError, match=said):
            publish_result(store, "bad", [ResultImage(source, **others)])
    for again in ("once", "ONCE", "latest"):
        with pytest.raises(StoreError):
            double(store, run=again)
    twice = [ResultImage("A/1/0"), ResultImage("A/1/0")]
    with pytest.raises(StoreError, match="named twice"):
        publish_result(store, "bad", twice)
    mixed = [ResultImage("A/1/0"), ResultImage("results/double/latest/A/1/1")]
    with pytest.raises(StoreError, match="2 collections"):
        publish_result(store, "bad", mixed)
    assert not (store / STAGING).exists()
    assert not (store / "results/bad").exists()


def test_what_is_no_image_is_kept_by_run(store: Path) -> None:
    values = {"affine": np.eye(3), "psf": np.ones((2, 3), ">u2"), "mask": np.array([True]), "n": 3}
    for factor in (1, 2):
        with publish_result(store, "register", inputs=["A/1/0"]) as writer:
            for name, value in values.items():
                writer.add_value(name, value * factor if name == "affine" else value)
    read = read_result_values(store, "register")
    np.testing.assert_array_equal(read.pop("affine"), 2 * np.eye(3))
    np.testing.assert_array_equal(read.pop("psf"), np.ones((2, 3)))
    assert read.pop("mask").dtype == bool
    assert read == {"n": 3}
    old, new = sorted(list_results(store), key=lambda one: one.latest)
    assert (old.images, new.values) == (None, f"parfocal/results/register/{writer.run}")
    np.testing.assert_array_equal(
        read_result_values(store, "register", old.run)["affine"], np.eye(3)
    )
    assert check(store, deep=True).findings == ()
    with pytest.raises(StoreError, match="no values of the analysis 'other'"):
        read_result_values(store, "other")


def test_memory_is_a_few_planes_however_large_the_result(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    image = ResultImage("A/1/0", (40, 1, 1, 1024, 1024), "uint16", channels=[ChannelInfo("x")])
    plane = np.random.default_rng(0).integers(0, 60000, (1024, 1024)).astype("uint16")
    tracemalloc.start()
    try:
        with publish_result(store, "large", [image], levels="mean") as writer:
            for t in range(40):
                writer.put((t, 0, 0), plane)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * plane.nbytes  # of the 40 that it has, and TensorStore's own are not traced


CHILD = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from result_stores import double
from parfocal.store import _results, _results_switch as switch

moment, way = sys.argv[2], sys.argv[4]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if way == "two renames":
    switch.exchanged = lambda one, other: False
rename, exchanged, count = Path.rename, switch.exchanged, 0
def counting(self, target):
    global count
    if "results/double" in str(target) or "/images" in str(self):
        if str(count) == moment:
            die()
        count += 1
    return rename(self, target)
Path.rename = counting
if moment == "exchange":
    switch.exchanged = lambda one, other: (exchanged(one, other), die())
if moment == "put":
    _results._flush = die
if moment == "record":
    _results.record_in = die
double(Path(sys.argv[1]), parameters={"new": 1})
"""


@pytest.mark.parametrize(
    ("way", "moment"),
    [
        ("exchange", "put"),
        ("exchange", "exchange"),
        ("exchange", "0"),
        ("exchange", "record"),
        ("two renames", "0"),
        ("two renames", "1"),
        ("two renames", "record"),
    ],
)
def test_a_killed_publication_leaves_the_former_or_the_new_one(
    store: Path, way: str, moment: str
) -> None:
    former = double(store, parameters={"old": 1}).run
    command = [sys.executable, "-c", CHILD, str(store), moment, str(Path(__file__).parent), way]
    died = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    # whoever asks now gets a whole one, and sees no half
    path = result_path(store, "double")
    np.testing.assert_array_equal(images_of(path), np.stack([doubled(0), doubled(1)]))
    gap = not (store / "results/double/latest").exists()
    assert gap == ((way, moment) == ("two renames", "1"))
    assert {one.images for one in list_results(store)} <= {
        "results/double/latest",
        f"results/double/{former}",
    }
    assert read_provenance(store)[-1].parameters == {"old": 1}
    assert {found.rule for found in check(store).findings} <= {
        "result-left",
        "result-unrecorded",
        "result-latest",
    }
    # and the next one puts everything in order
    newest = double(store, parameters={"newer": 1}).run
    assert not (store / STAGING).exists()
    assert {found.rule for found in check(store).findings} <= {"result-unrecorded"}
    runs = {one.run: one.latest for one in list_results(store)}
    assert runs[newest]
    assert former in runs
    for one in list_results(store):
        images_of(result_path(store, "double", one.run))
    assert (store / "results/double/latest/A/1/0/0/zarr.json").is_file()


def test_what_another_process_is_making_is_left_alone(store: Path) -> None:
    begun = doubling(store, "slow")
    double(store, "quick")
    fill(begun)
    begun.publish()
    assert {one.analysis for one in list_results(store)} == {"slow", "quick"}
    assert check(store).findings == ()


def test_nothing_is_published_into_a_foreign_store(tmp_path: Path) -> None:
    (tmp_path / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')
    with pytest.raises(StoreError, match="not made by Parfocal"):
        publish_result(tmp_path, "x")
    assert [file.name for file in tmp_path.iterdir()] == ["zarr.json"]
