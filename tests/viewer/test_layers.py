"""Layers keep their identity, their place and their look, whatever becomes of their store."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parfocal.store import Recording, write_pyramid
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._notices import Notices
from viewer.scenes import (
    FIELDS,
    Scene,
    gradient,
    large_spec,
    looks,
    names,
    pixels,
    plate_spec,
    record,
    record_large,
    scene_of,
    settle,
    shown,
    touch,
    watched,
)
from viewer.waiting import eventually

TRANSFORMS = ("scale", "translation")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fields, two channels."""
    return record(tmp_path_factory.mktemp("layers") / "two.ome.zarr", plate_spec(FIELDS))


def test_the_same_coordinates_again_replace_layers_and_keep_how_they_look(
    store: Path, tmp_path: Path
) -> None:

    other = record(tmp_path / "other.ome.zarr", plate_spec(FIELDS, times=3))
    with scene_of(store) as scene:
        viewer = scene.viewer
        touched = touch(viewer)
        scene.let_go(keep_layers=False)
        again = Scene(viewer, StoreSource(other), None, Components(), Notices(), instead_of=scene)
        try:
            now = looks(viewer)
            assert [layer["name"] for layer in now["layers"]] == ["mine", "DAPI"]
            assert now["layers"][1] == touched["layers"][1]  # its contrast was chosen
            assert now["layers"][0]["visible"] is False
            again.go_to(t=2, p=1, z=1)
            viewer.layers["mine"].visible = True
            settle(again)
            assert np.array_equal(shown(viewer.layers["mine"]), pixels((2, 1, 1, 1)))
            assert viewer.dims.nsteps[0] == 3
        finally:
            again.let_go(keep_layers=True)
            again.close()


def test_layers_of_another_store_can_be_kept_beside(store: Path, tmp_path: Path) -> None:

    other = record(tmp_path / "other.ome.zarr", plate_spec(FIELDS))
    with scene_of(store) as scene:
        scene.let_go(keep_layers=True)
        viewer = scene.viewer
        beside = Scene(viewer, StoreSource(other), None, Components(), Notices(), beside=True)
        try:
            assert names(beside) == ["DAPI", "FITC", "plate · DAPI", "plate · FITC"]
            beside.go_to(t=1, p=1, z=2)
            scene.show_late()
            settle(beside)
            for layer, c in zip(viewer.layers, (0, 1, 0, 1), strict=True):
                assert np.array_equal(shown(layer), pixels((1, 1, c, 2)))
        finally:
            beside.let_go(keep_layers=True)
            beside.close()


def test_a_deleted_layer_comes_back_with_its_next_frame_and_no_other_is_touched(
    store: Path,
) -> None:
    with scene_of(store) as scene:
        viewer = scene.viewer
        touched = touch(viewer)
        deleted = viewer.layers["DAPI"]
        viewer.layers.remove(deleted)
        frame = pixels((0, 0, 1, 0))
        scene.layers.admit((0, 0, 1, 0), frame)
        assert names(scene) == ["mine"]  # not its frame
        scene.layers.admit((0, 0, 0, 0), frame)
        assert looks(viewer) == touched | {"selected": {"mine"}}
        viewer.layers.remove(viewer.layers["mine"])
        viewer.layers.remove(viewer.layers["DAPI"])
        for channel in (1, 0):
            scene.layers.admit((0, 0, channel, 0), frame)
        now = looks(viewer)  # napari itself forgets view and selection with the last layer
        assert (now["layers"], now["step"]) == (touched["layers"], touched["step"])


def test_levels_made_after_the_run_come_in_place(tmp_path: Path) -> None:
    spec = large_spec()
    recording = Recording.create(tmp_path / "large.ome.zarr", spec)
    for index in spec.planned:
        recording.put(index, gradient(index))
    source = StoreSource(recording.path)
    with scene_of(source) as scene:
        viewer = scene.viewer
        scene.go_to(t=1, p=1, z=1)
        touched = touch(viewer)
        before = list(viewer.layers)
        recording.close()
        watched(scene, source)
        assert looks(viewer) == touched
        assert not any(layer.multiscale for layer in viewer.layers)
        write_pyramid(recording.path)
        watched(scene, source)
        assert looks(viewer) == touched
        assert all(layer.multiscale for layer in viewer.layers)
        assert set(before).isdisjoint(viewer.layers)
        assert len(viewer.layers[0].data) >= 3
        assert np.array_equal(
            scene.layers.pixels(scene.layers.on_screen()[0][0]), gradient((1, 1, 0, 1))
        )


def _ends_with(data: Any, plane: np.ndarray) -> bool:
    return np.array_equal(np.asarray(data[0, -1]), plane)


def test_levels_lie_where_ome_zarr_says_and_hold_what_the_store_does(tmp_path: Path) -> None:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    store = record_large(tmp_path / "large.ome.zarr")
    source = StoreSource(store)
    images = [
        next(iter(Reader(parse_url(store / place.path))()))
        for place in source._opened.reader.images
    ]
    sliced = {"field": "slice"}
    with scene_of(source) as scene:
        stacked = {layer.name: layer for layer in scene.viewer.layers}
        scene.arrange(scene.components.changed(sliced), 64)
        for key, layer, _ in scene.layers.on_screen():
            assert key.field is not None
            theirs = images[key.field]
            transforms = theirs.metadata["coordinateTransformations"]
            assert len(transforms) == len(layer.data)
            for level, own in enumerate(transforms):
                scale, place = (one[each] for one, each in zip(own, TRANSFORMS, strict=True))
                factors = layer.downsample_factors[level]
                voxel = np.delete(scale, 1)
                stretched = np.abs(layer.scale * factors - voxel) / voxel * layer.data[level].shape
                assert (stretched < 1).all()  # not a voxel, at the far end
                facts = source.facts.levels[level]
                np.testing.assert_allclose(facts.scale_um, scale[2:])
                origin = np.add(source.facts.fields[key.field].origin_um, facts.translation_um)
                np.testing.assert_allclose(origin, place[2:])
                stored = theirs.data[level][0, key.channel, -1].compute()
                # a plane that a busy disk gives late is black until it is there
                assert eventually(partial(_ends_with, layer.data[level], stored))
            np.testing.assert_allclose(layer.translate[1:], transforms[0][1]["translation"][2:])
        for layer in stacked.values():
            np.testing.assert_allclose(layer.scale, (870.0, 1.0, 2.0, 0.5, 0.25))
            assert [str(unit) for unit in layer.units] == [
                *("second", "pixel", "micrometer", "micrometer", "micrometer")
            ]
