"""Cameras and fields of different size: layers of their own size, or the largest's in a slider."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import zarr

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from viewer.scenes import names, scene_of, settle, shown
from viewer.test_two_cameras import LARGE, SMALL
from viewer.test_two_cameras import pixels as camera_pixels


def two_cameras(path: Path) -> Path:
    channels = [
        ChannelInfo("small", plane_shape=SMALL, dtype="uint8", voxel_um=(1.0, 0.5, 0.5)),
        ChannelInfo("large"),
    ]
    planned = [(0, p, c, 0) for p in range(2) for c in range(2)]
    fields = [FieldInfo("one"), FieldInfo("two")]
    spec = RecordingSpec("two", fields, channels, planned, [0.0] * 4, LARGE, np.uint16)
    recording = Recording.create(path, spec)
    for index in planned:
        recording.put(index, camera_pixels(index))
    recording.close()
    return path


def test_each_camera_has_layers_of_its_own_size_about_the_same_middle(tmp_path: Path) -> None:
    with scene_of(two_cameras(tmp_path / "two.ome.zarr")) as scene:
        scene.go_to(p=1)
        settle(scene)
        middles = []
        for c, layer in enumerate(scene.viewer.layers):
            assert np.array_equal(shown(layer), camera_pixels((0, 1, c, 0)))
            assert layer.scale[-1] == (0.5, 1.0)[c]
            middles.append(layer.extent.world[:, -2:].mean(axis=0))
        np.testing.assert_allclose(*middles)
        assert scene._has_place((0, 0, 0, 0), SMALL)
        assert scene._has_place((0, 0, 1, 0), LARGE)
        assert not scene._has_place((0, 0, 0, 0), LARGE)


def test_with_a_slider_for_the_channels_the_larger_camera_gives_the_size(tmp_path: Path) -> None:
    with scene_of(two_cameras(tmp_path / "two.ome.zarr")) as scene:
        scene.arrange(scene.components.changed({"channel": "stack"}), 64)
        (layer,) = scene.viewer.layers
        for c in range(2):
            scene.go_to(c=c, p=1)
            settle(scene)
            wanted = camera_pixels((0, 1, c, 0))
            assert shown(layer).shape == (24, 30)
            assert np.array_equal(shown(layer)[: wanted.shape[0], : wanted.shape[1]], wanted)
            assert shown(layer).sum() == wanted.sum()


def unlike_fields(path: Path) -> list[np.ndarray]:
    """A series of two images as another program may have written it."""
    volumes = [
        np.arange(1, 1 + z * y * x, dtype="uint16").reshape(z, y, x)
        for z, y, x in ((4, 20, 30), (3, 26, 12))
    ]
    root = zarr.open_group(path, mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    for number, volume in enumerate(volumes):
        group = root.create_group(str(number))
        group.create_array("0", data=volume)
        axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
        scale = {"type": "scale", "scale": [2, 0.5, 0.5]}
        datasets = [{"path": "0", "coordinateTransformations": [scale]}]
        group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]
    return volumes


def test_fields_of_different_size_are_padded_in_a_slider_and_whole_as_layers(
    tmp_path: Path,
) -> None:
    volumes = unlike_fields(tmp_path / "unlike.zarr")
    with scene_of(tmp_path / "unlike.zarr") as scene:
        (layer,) = scene.viewer.layers
        assert layer.data.shape == (1, 2, 4, 26, 30)
        for p, volume in enumerate(volumes):
            for z in range(4):
                scene.go_to(p=p, z=z)
                settle(scene)
                wanted = volume[z] if z < len(volume) else np.zeros((1, 1))
                part = shown(layer)[: wanted.shape[0], : wanted.shape[1]]
                assert np.array_equal(part, wanted)
                assert shown(layer).sum() == wanted.sum()
        assert "not acquired" in scene.text  # the smaller one has no plane 3
        scene.arrange(scene.components.changed({"field": "slice"}), 64)
        scene.go_to(z=1)
        settle(scene)
        assert len(names(scene)) == 2
        for layer, volume in zip(scene.viewer.layers, volumes, strict=True):
            assert layer.data.shape == (1, *volume.shape)
            assert np.array_equal(shown(layer), volume[1])
