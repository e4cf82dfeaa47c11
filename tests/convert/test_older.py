"""Stores of older layouts, and arrays with a position axis, become fields; nothing is dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from zarr_stores import COMPRESSORS, multiscales, pixels_of

from parfocal.convert import ConvertError, Wishes, convert, dry_run
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import (
    StoreError,
    check,
    find_images,
    info,
    list_results,
    publish_result,
    read_store_metadata,
    resolve_voxel_size,
)

RNG = np.random.default_rng(21)
SHAPE = (2, 3, 2, 4, 40, 50)
LASERS = {f"channel_{n}": {"laser": laser} for n, laser in ((1, "488nm"), (2, "561nm"))}
ROWS = [{"x": 100.0 * n, "y": 7.0, "z": 30.0, "theta": 0.0, "f": 5.0 + n} for n in range(3)]


def noise(*shape: int, dtype: str = "u2") -> np.ndarray:
    return RNG.integers(0, 4000, shape).astype(dtype)


def array(root: Any, path: str, data: np.ndarray, chunks: tuple[int, ...], **more: Any) -> Any:
    made = root.create_array(path, shape=data.shape, dtype=data.dtype, chunks=chunks, **more)
    made[...] = data
    return made


def root_of(path: Path, zarr_format: int) -> Any:
    return zarr.open_group(path, mode="w", zarr_format=zarr_format)


def fields(data: np.ndarray) -> list[np.ndarray]:
    return [data[:, p] for p in range(data.shape[1])]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", ["blosc-lz4", "bz2"])
@pytest.mark.parametrize("across", [1, 2])
def test_each_position_of_a_6d_array_is_a_field(
    tmp_path: Path, order: Any, name: str, across: int
) -> None:
    data = noise(*SHAPE)
    root = root_of(tmp_path / "o.zarr", 2)
    chunks = (1, across, 1, 2, 32, 32)
    array(root, "stack", data, chunks, order=order, compressors=COMPRESSORS[name])
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    repacks = name == "blosc-lz4" and across == 1
    assert {each["action"] for each in report.arrays} == {"repack" if repacks else "transcode"}
    assert [each["source"] for each in report.arrays] == [f"stack?p={n}" for n in range(3)]
    for number, known in enumerate(fields(data)):
        assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr", number), known)
    assert info(tmp_path / "n.ome.zarr").fields == ("position 0", "position 1", "position 2")
    assert any("taken as tpczyx" in guess for guess in report.guessed)
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


def test_every_kind_of_source_may_have_positions(tmp_path: Path) -> None:
    import h5py

    data = noise(3, 4, 40, 50)
    np.save(tmp_path / "a.npy", data)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a"] = data
    for name in ("a.npy", "a.h5"):
        new = tmp_path / f"{name}.ome.zarr"
        convert(tmp_path / name, new, Wishes(axes="pzyx"))
        assert all(np.array_equal(pixels_of(new, n)[0, 0], data[n]) for n in range(3))


def legacy_root(path: Path, zarr_format: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels, their level, and detections, as a store of the first layout has them."""
    data, found = noise(*SHAPE), RNG.random((7, 4))
    half = data[..., ::2, ::2]
    root = root_of(path, zarr_format)
    array(root, "data", data, (1, 1, 1, 4, 40, 50), compressors=COMPRESSORS_OF[zarr_format])
    level = array(root, "data_pyramid/level_1", half, (1, 1, 1, 4, 20, 25))
    level.attrs["downsample_factors_tpczyx"] = [1, 1, 1, 1, 2, 2]
    level.attrs["source_component"] = "data"
    detections = array(root, "results/particle_detection/latest/detections", found, (7, 4))
    detections.attrs["source_component"] = "data_pyramid/level_1"
    whole = array(root, "results/deconvolution/latest/data", data[:1], (1, 1, 1, 4, 40, 50))
    whole.attrs["source_component"] = "data"
    root["results/particle_detection/latest"].attrs["component"] = (
        "results/particle_detection/latest/detections"
    )
    root.attrs["voxel_size_um_zyx"] = [2.0, 0.5, 0.25]
    root.attrs["stage_rows"] = ROWS
    root.attrs["who"] = {"lab": "north"}
    return data, half, found


COMPRESSORS_OF: dict[int, Any] = {2: COMPRESSORS["blosc-lz4"], 3: "auto"}


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_root_data_with_a_pyramid_keeps_levels_places_results_and_attributes(
    tmp_path: Path, zarr_format: int
) -> None:
    data, half, found = legacy_root(tmp_path / "o.zarr", zarr_format)
    before = tree_identity(tmp_path / "o.zarr")
    new = tmp_path / "n.ome.zarr"
    report = convert(tmp_path / "o.zarr", new)
    assert tree_identity(tmp_path / "o.zarr") == before
    assert (report.warnings, report.guessed) == ((), ())
    images = [each for each in report.arrays if each["path"].startswith("A/")]
    assert {each["action"] for each in images} == {"repack"}
    for number in range(3):
        assert np.array_equal(pixels_of(new, number), data[:, number])
        assert np.array_equal(pixels_of(new, number, 1), half[:, number])
    facts = info(new)
    assert facts.voxel_size_um == (2.0, 0.5, 0.25)
    assert facts.origins_um[1][2] - facts.origins_um[0][2] == 100.0
    size = resolve_voxel_size(new, "A/1/2/1")
    assert (size.z, size.y, size.x) == (2.0, 1.0, 0.5)
    told = read_store_metadata(new)
    assert [row.field for row in told.stage_rows] == list(facts.fields)
    assert told.stage_rows[2].f == 7.0
    assert told.legacy["who"] == {"lab": "north"}
    assert told.legacy["migrated_from_store"] == (tmp_path / "o.zarr").as_uri()
    assert "data_pyramid" in told.legacy["legacy_layout"]
    assert "T" in told.legacy["migrated_at_utc"]
    results = zarr.open_group(new / "parfocal/results/legacy", mode="r")
    table = results["particle_detection/latest/detections"]
    assert np.array_equal(np.asarray(table[...]), found)
    assert table.attrs["source_component"] == [f"A/1/{n}/1" for n in range(3)]
    assert np.array_equal(np.asarray(results["deconvolution/latest/data"][...]), data[:1])
    assert results["particle_detection/latest"].attrs["component"] == (
        "parfocal/results/legacy/particle_detection/latest/detections"
    )
    assert check(new, deep=True).ok
    assert list_results(new) == ()
    with pytest.raises(StoreError, match="place of older stores' results"):
        publish_result(new, "legacy", [])


def test_the_namespaced_layout_keeps_its_metadata_history_and_results(tmp_path: Path) -> None:
    data = noise(1, 1, 2, 4, 40, 50)
    root = root_of(tmp_path / "o.zarr", 3)
    cache = "clearex/runtime_cache"
    array(root, f"{cache}/source/data", data, (1, 1, 1, 4, 40, 50))
    half = data[..., ::2, ::2]
    array(root, f"{cache}/source/data_pyramid/level_1", half, (1, 1, 1, 4, 20, 25))
    flat = array(root, f"{cache}/results/flatfield/latest/data", data * 1.5, (1, 1, 1, 4, 40, 50))
    flat.attrs["source_component"] = f"{cache}/source/data"
    affine = array(root, "clearex/results/registration/latest/affines", np.eye(4), (4, 4))
    affine.attrs["source_component"] = f"{cache}/results/flatfield/latest/data"
    root.require_group("clearex/metadata").attrs.update(
        {
            "voxel_size_um_zyx": [3.0, 0.2, 0.2],
            "spatial_calibration": {"stage_axis_map_zyx": {"z": "+x", "y": "none", "x": "-y"}},
            "stage_rows": [{"x": 11.0, "y": 20.0, "z": 5.0, "theta": 1.0, "f": 2.0}],
            "source_experiment": {"MicroscopeState": {"channels": LASERS}},
        }
    )
    root.require_group("clearex/provenance/runs/run-1").attrs["self_hash"] = "abc"
    root.require_group("clearex/gui_state").attrs["last"] = 4
    array(root, "elsewhere", np.zeros((2, 2)), (2, 2))
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert report.guessed == ()
    assert [one for one in report.warnings if "elsewhere" in one] == list(report.warnings)
    assert np.array_equal(pixels_of(new), data[:, 0])
    assert np.array_equal(pixels_of(new, level=1), half[:, 0])
    assert info(new).voxel_size_um == (3.0, 0.2, 0.2)
    z, _, x = info(new).origins_um[0]
    assert (z, x) == (11.0, pytest.approx(-20.0 - 49 / 2 * 0.2))
    told = read_store_metadata(new)
    assert str(told.spatial_calibration) == "z=+x,y=none,x=-y"
    assert told.source_experiment == {"MicroscopeState": {"channels": LASERS}}
    assert info(new).channels == ("488nm", "561nm")
    assert told.legacy["groups"]["clearex/provenance/runs/run-1"] == {"self_hash": "abc"}
    assert told.legacy["groups"]["clearex/gui_state"] == {"last": 4}
    results = zarr.open_group(new / "parfocal/results/legacy", mode="r")
    flat_new = results["flatfield/latest/data"]
    assert np.array_equal(np.asarray(flat_new[...]), data * 1.5)
    assert flat_new.attrs["source_component"] == "A/1/0/0"
    assert results["registration/latest/affines"].attrs["source_component"] == (
        "parfocal/results/legacy/flatfield/latest/data"
    )
    assert check(new, deep=True).ok


def test_images_of_ngff_keep_the_older_namespace_beside_them(tmp_path: Path) -> None:
    root = root_of(tmp_path / "o.zarr", 2)
    data = noise(1, 2, 4, 40, 50)
    array(root, "0", data, (1, 1, 4, 40, 50))
    root.attrs["multiscales"] = multiscales("tczyx", name="cells")
    array(root, "clearex/results/shear/latest/table", np.arange(6).reshape(2, 3), (2, 3))
    root["clearex/results/shear/latest"].attrs["source_component"] = "0"
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert np.array_equal(pixels_of(new), data)
    shear = zarr.open_group(new / "parfocal/results/legacy/shear/latest", mode="r")
    assert np.asarray(shear["table"][...]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert shear.attrs["source_component"] == "A/1/0/0"
    assert len(find_images(new)) == 1


def test_what_cannot_be_carried_is_said(tmp_path: Path) -> None:
    data, _, _ = legacy_root(tmp_path / "o.zarr", 2)
    root = zarr.open_group(tmp_path / "o.zarr", mode="a")
    root.create_array("results/x/latest/words", shape=(2,), dtype="S4", chunks=(2,))
    root.create_array("results/x/latest/texts", shape=(2,), dtype=str, chunks=(2,))
    array(root, "data_pyramid/level_2", data[:1, ..., ::4, ::4], (1, 1, 1, 4, 10, 13))
    report = dry_run(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert any("level_2 does not fit" in one for one in report.warnings)
    for name in ("words", "texts"):
        assert any(f"results/x/latest/{name} cannot" in one for one in report.warnings)
    assert not (tmp_path / "n.ome.zarr").exists()


def test_a_damaged_result_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    legacy_root(tmp_path / "o.zarr", 2)
    (chunk,) = (tmp_path / "o.zarr/results/particle_detection/latest/detections").glob("0*")
    chunk = chunk if chunk.is_file() else next(one for one in chunk.rglob("*") if one.is_file())
    chunk.write_bytes(chunk.read_bytes()[:20])
    with pytest.raises(ConvertError, match="particle_detection"):
        convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert [one.name for one in tmp_path.iterdir()] == ["o.zarr"]


@pytest.mark.parametrize("moment", ["lay_out_carried", "lay_out", "convert_shards", "finish_store"])
def test_a_migration_that_stopped_goes_on_with_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    from parfocal.convert import _convert

    _, _, found = legacy_root(tmp_path / "o.zarr", 2)
    whole = getattr(_convert, moment)

    def stops(*arguments: Any, **named: Any) -> None:
        whole(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_convert, moment, stops)
        with pytest.raises(KeyboardInterrupt):
            convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    results = zarr.open_group(tmp_path / "n.ome.zarr/parfocal/results/legacy", mode="r")
    table = results["particle_detection/latest/detections"]
    assert np.array_equal(np.asarray(table[...]), found)
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


def test_a_store_that_was_half_laid_out_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parfocal.store import _store_layout

    data, _, _ = legacy_root(tmp_path / "o.zarr", 2)

    def stops() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_store_layout, "timestamp", stops)
        with pytest.raises(KeyboardInterrupt):
            convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), data[:, 0])


def test_a_migration_that_goes_on_keeps_the_moment_at_which_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parfocal.convert import _convert

    legacy_root(tmp_path / "o.zarr", 2)

    def stops(*_: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_convert, "publish", stops)
        with pytest.raises(KeyboardInterrupt):
            convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    (partial,) = (one for one in tmp_path.glob(".n.*") if one.is_dir())
    began = read_store_metadata(partial).legacy["migrated_at_utc"]
    assert convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr").resumed
    assert read_store_metadata(tmp_path / "n.ome.zarr").legacy["migrated_at_utc"] == began


def test_levels_are_as_coarse_as_the_store_says_where_shapes_leave_it_open(tmp_path: Path) -> None:
    data = noise(1, 1, 1, 5, 40, 50)
    root = root_of(tmp_path / "o.zarr", 2)
    array(root, "data", data, (1, 1, 1, 5, 40, 50))
    array(root, "data_pyramid/level_1", data[..., ::4, ::2, ::2], (1, 1, 1, 2, 20, 25))
    root.attrs["data_pyramid_factors_tpczyx"] = [[1] * 6, [1, 1, 1, 4, 2, 2]]
    root.attrs["voxel_size_um_zyx"] = [2.0, 0.5, 0.5]
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert report.warnings == ()
    size = resolve_voxel_size(tmp_path / "n.ome.zarr", "A/1/0/1")
    assert (size.z, size.y, size.x) == (8.0, 1.0, 1.0)


def test_the_experiment_that_came_along_says_where_the_stage_stood(tmp_path: Path) -> None:
    import json

    root = root_of(tmp_path / "o.zarr", 2)
    array(root, "data", noise(1, 2, 1, 2, 8, 9), (1, 1, 1, 2, 8, 9))
    root.attrs["voxel_size_um_zyx"] = [1.0, 1.0, 1.0]
    root.attrs["source_experiment"] = r"D:\data\mouse\experiment.yml"
    told = {"MicroscopeState": {"is_multiposition": True}, "MultiPositions": []}
    (tmp_path / "experiment.yml").write_text(json.dumps(told))
    rows = [["X", "Y", "Z", "THETA", "F"], [1, 2, 3, 4, 5], [11, 2, 3, 4, 5]]
    (tmp_path / "multi_positions.yml").write_text(json.dumps(rows))
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    told_rows = read_store_metadata(tmp_path / "n.ome.zarr").stage_rows
    assert [(row.field, row.x) for row in told_rows] == [("position 0", 1), ("position 1", 11)]


def test_results_of_any_shape_and_published_images_come_along(tmp_path: Path) -> None:
    data = noise(1, 1, 1, 2, 8, 9)
    root = root_of(tmp_path / "o.zarr", 3)
    array(root, "data", data, (1, 1, 1, 2, 8, 9))
    root.create_array("results/a/latest/none", shape=(0, 5), dtype="f8", chunks=(1, 5))
    root.create_array("results/a/latest/count", shape=(), dtype="i8")[...] = 7
    array(root, "results/a/latest/mask", data > 2000, (1, 1, 1, 1, 8, 9))
    array(root, "results/a/latest/A/1/0/0", data[:, 0], (1, 1, 2, 8, 9))
    root["results/a/latest/A/1/0"].attrs["ome"] = {"version": "0.5", "multiscales": [{}]}
    sharded = {"chunks": (1, 1, 1, 1, 4, 9), "shards": (1, 1, 1, 2, 8, 9)}
    root.create_array("results/b/latest/data", data=data.astype(">f4"), **sharded)
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    new = zarr.open_group(tmp_path / "n.ome.zarr/parfocal/results/legacy", mode="r")
    assert new["a/latest/none"].shape == (0, 5)
    assert int(np.asarray(new["a/latest/count"][...])) == 7
    assert np.array_equal(np.asarray(new["a/latest/mask"][...]), data > 2000)
    assert np.array_equal(np.asarray(new["a/latest/A/1/0/0"][...]), data[:, 0])
    assert np.array_equal(np.asarray(new["b/latest/data"][...]), data.astype("f4"))
    assert check(tmp_path / "n.ome.zarr", deep=True).ok
