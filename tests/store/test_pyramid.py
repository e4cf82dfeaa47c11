"""The levels of a store are what NumPy makes of its planes, and only whole ones are listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import zarr
from foreign_stores import write_image
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramid_stores import coarser_with_numpy, level, multiscale, recorded, tree
from store_recordings import grid, plane_of, spec_of

from parfocal.cli import run_verb
from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Recording,
    StoreCancelled,
    StoreError,
    StoreReader,
    check,
    info,
    resolve_voxel_size,
    write_pyramid,
)
from parfocal.store import _level_writer as level_writer
from parfocal.store._ngff import find_images


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("pyramid") / "cells.ome.zarr")


@pytest.fixture
def store(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / original.name))


@settings(max_examples=15, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 900), st.integers(385, 900)),
    depth=st.integers(1, 5),
    dtype=st.sampled_from(["uint8", "uint16", "int16", "int32", "float32"]),
    method=st.sampled_from(["mean", "max", "stride"]),
    dz=st.sampled_from([0.1, 0.3, 1.0, 5.0]),
    data=st.data(),
)
def test_every_level_is_what_numpy_makes_of_the_one_before(
    tmp_path_factory: pytest.TempPathFactory, shape, depth, dtype, method, dz, data
) -> None:
    planned = grid(t=2, z=depth)
    lost = tuple(data.draw(st.lists(st.sampled_from(planned[1:] or planned), max_size=2)))
    path = tmp_path_factory.mktemp("levels") / "cells.ome.zarr"
    recorded(path, planned, missing=lost, shape=shape, dtype=dtype, voxel_um=(dz, 0.5, 0.5))
    report = write_pyramid(path, method=method)
    pixels, held = level(path, 0, 0)
    for number in range(1, report.levels[0]):
        made, there = level(path, 0, number)
        before = pixels.shape
        step = tuple(2 if a != b else 1 for a, b in zip(before[2:], made.shape[2:], strict=True))
        pixels, held = coarser_with_numpy(pixels, held, step, method)
        np.testing.assert_array_equal(made, pixels)
        np.testing.assert_array_equal(there, held)
    assert max(pixels.shape[-2:]) <= 384
    assert {found.rule for found in check(path, deep=True).findings} <= {"missing-planes"}
    assert not list(path.parent.glob("*.pyramid*"))


@pytest.mark.parametrize(("method", "shift"), [("mean", (0.5, 1.5)), ("stride", (0.0, 0.0))])
def test_scale_and_place_follow_the_method(tmp_path: Path, method, shift) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=4), shape=(800, 700))
    write_pyramid(path, method=method)
    told = multiscale(path)
    assert (told["type"], told["metadata"]["kwargs"]) == (method, {"method": method})
    assert told["name"] == "field 0"
    assert [entry["path"] for entry in told["datasets"]] == ["0", "1", "2"]
    for number, entry in enumerate(told["datasets"][1:], 1):
        scale, translation = entry["coordinateTransformations"]
        # z stays: at 2 µm it is coarser than y and x until the last level
        assert scale["scale"] == [3.0, 1.0, 2.0, 0.5 * 2**number, 0.25 * 2**number]
        away = shift[number - 1]
        assert translation["translation"] == [0.0, 0.0, 1.0, 0.5 * away, 0.25 * away]
        size = resolve_voxel_size(path, f"A/1/0/{number}")
        assert (size.z, size.y, size.x) == (2.0, 0.5 * 2**number, 0.25 * 2**number)


def test_z_is_halved_once_that_makes_the_voxel_more_of_a_cube(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "cells.ome.zarr", grid(z=9), shape=(800, 800), voxel_um=(0.5, 0.4, 0.4)
    )
    write_pyramid(path)
    shapes = [StoreReader(path).array(0, number).shape for number in range(3)]
    assert shapes == [(1, 1, 9, 800, 800), (1, 1, 5, 400, 400), (1, 1, 3, 200, 200)]
    moved = multiscale(path)["datasets"][2]["coordinateTransformations"][1]["translation"]
    np.testing.assert_allclose(moved, [0, 0, 1.0 + 1.5 * 0.5, 1.5 * 0.4, 1.5 * 0.4])


def test_dark_planes_are_there_and_missing_ones_are_not(tmp_path: Path) -> None:
    planned = grid(t=2, z=2)
    dark, missing = ((0, 0, 0, 1),), ((1, 0, 0, 0),)
    path = recorded(tmp_path / "cells.ome.zarr", planned, missing=missing, dark=dark)
    write_pyramid(path)
    _, there = level(path, 0, 1)
    assert there[:, 0].tolist() == [[True, True], [False, True]]


def test_every_field_and_channel_gets_its_levels(store: Path) -> None:
    seen: list[float] = []
    report = write_pyramid(store, progress=lambda done, _message: seen.append(done))
    assert report.as_json() == {
        "store": str(store), "levels": [2, 2], "made": 2, "method": "mean"
    }  # fmt: skip
    for field in range(2):
        pixels, held = level(store, field, 0)
        made, there = level(store, field, 1)
        wanted, kept = coarser_with_numpy(pixels, held, (1, 2, 2), "mean")
        np.testing.assert_array_equal(made, wanted)
        np.testing.assert_array_equal(there, kept)
    assert check(store, deep=True).findings == ()
    assert (seen == sorted(seen), seen[0], seen[-1]) == (True, 0.0, 1.0)
    assert info(store).levels == 2


def test_every_camera_of_every_well_gets_its_levels(tmp_path: Path) -> None:
    planned = grid(t=2, p=2, c=2)
    other = {"plane_shape": (900, 700), "dtype": "uint8", "voxel_um": (2.0, 1.0, 1.0)}
    spec = spec_of(
        planned,
        shape=(500, 401),
        channels=[ChannelInfo("DAPI"), ChannelInfo("trans", **other)],
        fields=[FieldInfo("one", well="B/2"), FieldInfo("two", well="C/11")],
    )
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec)
    for index in planned:
        shape, dtype = ((900, 700), "uint8") if index[2] else ((500, 401), "uint16")
        recording.put(index, plane_of(index, shape, dtype))
    recording.close()
    report = write_pyramid(path)
    assert report.levels == (2, 3, 2, 3)
    assert check(path, deep=True).findings == ()
    for image in find_images(path):
        first, second = (zarr.open_array(path / image.path / n, mode="r")[:] for n in "01")
        wanted, _ = coarser_with_numpy(first, np.ones((2, 1, 1), bool), (1, 2, 2), "mean")
        np.testing.assert_array_equal(second, wanted)
        size = resolve_voxel_size(path, f"{image.path}/1")
        assert (size.y, size.x) == ((2.0, 2.0) if first.dtype == "u1" else (1.0, 0.5))


def test_a_complete_pyramid_is_left_alone(store: Path) -> None:
    write_pyramid(store)
    before = tree(store)
    assert write_pyramid(store).made == 0
    assert tree(store) == before
    with pytest.raises(StoreError, match="levels made by 'mean', which are kept"):
        write_pyramid(store, method="stride")
    assert tree(store) == before


def test_small_planes_need_no_levels(tmp_path: Path) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(t=2), shape=(300, 384))
    assert write_pyramid(path).levels == (1,)
    assert check(path).findings == ()


def test_one_that_is_cancelled_leaves_what_is_complete_and_nothing_else(store: Path) -> None:
    stop = Event()

    def stop_in_the_second_image(_done: float, message: str) -> None:
        if "image 2" in message:
            stop.set()

    with pytest.raises(StoreCancelled, match="was cancelled"):
        write_pyramid(store, progress=stop_in_the_second_image, cancelled=stop)
    assert [entry.name for entry in store.parent.iterdir()] == [store.name]
    assert check(store, deep=True).ok
    assert [len(multiscale(store, f"A/1/{n}")["datasets"]) for n in range(2)] == [2, 1]
    assert write_pyramid(store).made == 1
    assert check(store, deep=True).findings == ()


def test_whatever_its_progress_raises_ends_it_cleanly(store: Path) -> None:
    before = tree(store)

    def leave(_done: float, _message: str) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        write_pyramid(store, progress=leave)
    assert tree(store) == before
    assert [entry.name for entry in store.parent.iterdir()] == [store.name]


def test_a_level_that_was_moved_in_but_not_listed_is_listed_and_not_made_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pyramid(store)
    file = store / "A/1/1/zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["multiscales"][0]["datasets"].pop()
    file.write_text(json.dumps(document))
    before = tree(store / "A/1/1/1")

    def never(*_: object) -> None:
        raise AssertionError("a whole shard was made again")

    monkeypatch.setattr(level_writer.LevelWriter, "write", never)
    assert write_pyramid(store).made == 1
    assert tree(store / "A/1/1/1") == before
    assert check(store, deep=True).findings == ()


def test_holes_of_an_unlisted_level_are_filled(store: Path) -> None:
    write_pyramid(store)
    whole = tree(store / "A/1/0/1")
    file = store / "A/1/0/zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["multiscales"][0]["datasets"].pop()
    file.write_text(json.dumps(document))
    shards = sorted((store / "A/1/0/1/c").rglob("0"))
    next(shard for shard in shards if shard.is_file()).write_bytes(b"torn")
    (store / "A/1/0/1/c/0/0/0/0/0.__lock").write_text("")
    write_pyramid(store)
    assert tree(store / "A/1/0/1") == whole
    assert check(store, deep=True).findings == ()


def test_what_is_not_ours_is_not_replaced(store: Path) -> None:
    (store / "A/1/0/1").mkdir()
    (store / "A/1/0/1/mine.txt").write_text("precious")
    with pytest.raises(StoreError, match=r"A/1/0/1 is not listed as a level"):
        write_pyramid(store)
    assert (store / "A/1/0/1/mine.txt").read_text() == "precious"


def test_a_foreign_store_is_not_written_to(tmp_path: Path) -> None:
    write_image(tmp_path / "theirs.ome.zarr", levels=1, shape=(1, 1, 600, 600))
    before = tree(tmp_path)
    with pytest.raises(StoreError, match="nothing is ever written into such a store"):
        write_pyramid(tmp_path / "theirs.ome.zarr")
    assert tree(tmp_path) == before


def test_a_store_that_is_being_recorded_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2), shape=(500, 500)))
    try:
        with pytest.raises(StoreError, match="is being recorded right now"):
            write_pyramid(path)
    finally:
        recording.close("interrupted")
    assert write_pyramid(path).made == 1


def test_a_store_that_takes_its_place_meanwhile_is_not_touched(store: Path) -> None:
    other = recorded(store.with_name("other.ome.zarr"), grid(), shape=(700, 700))
    before = tree(other)

    def exchange(done: float, _message: str) -> None:
        # when the first image's level is made, and only has to be moved in
        if done > 0.49 and other.exists():
            store.rename(store.with_name("moved.ome.zarr"))
            other.rename(store)

    with pytest.raises(StoreError, match="was replaced while its pyramid was being made"):
        write_pyramid(store, progress=exchange)
    assert tree(store) == before
    assert {p.name for p in store.parent.iterdir()} == {store.name, "moved.ome.zarr"}


def test_a_plane_that_cannot_be_read_is_named_and_nothing_is_left(store: Path) -> None:
    shard = store / "A/1/0/0/c/0/0/0/0/0"
    raw = bytearray(shard.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    shard.write_bytes(raw)
    with pytest.raises(StoreError, match=r"A/1/0/0 cannot be read.*--deep"):
        write_pyramid(store)
    assert [entry.name for entry in store.parent.iterdir()] == [store.name]


def test_contrast_is_sampled_where_nobody_chose_one(tmp_path: Path) -> None:
    planned = grid(p=2, c=2)
    channels = [ChannelInfo("DAPI"), ChannelInfo("GFP", window=(10.0, 20.0))]
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(planned, shape=(600, 600), channels=channels))
    for index in planned:
        recording.put(index, plane_of(index, (600, 600)))
    recording.close()
    write_pyramid(path)
    pixels = np.concatenate([level(path, field, 1)[0][:, 0].ravel() for field in range(2)])
    low, high = np.percentile(pixels, [1, 95])
    for field in range(2):
        document = json.loads((path / f"A/1/{field}/zarr.json").read_text())
        dapi, gfp = (one["window"] for one in document["attributes"]["ome"]["omero"]["channels"])
        assert (dapi["start"], dapi["end"]) == (low, high)
        assert (dapi["min"], dapi["max"]) == (0.0, 65535.0)
        assert (gfp["start"], gfp["end"]) == (10.0, 20.0)


def test_the_verb_says_what_it_made(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["pyramid", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["store"] == str(store)
    assert run_verb(["pyramid", str(store)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert run_verb(["pyramid", str(store.parent / "none.ome.zarr")]) == 1
    assert "none.ome.zarr does not exist" in capsys.readouterr().err


def test_a_listed_level_that_is_gone_is_not_called_done(tmp_path: Path) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=2), shape=(500, 400))
    write_pyramid(path)
    shutil.rmtree(path / "A/1/0/1")
    before = tree(path)
    with pytest.raises(StoreError, match="A/1/0/1 is listed as a level, but is not there"):
        write_pyramid(path)
    assert tree(path) == before
