"""A store that grows: its sliders, its live frames, its contrast."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from parfocal.viewer import Ring, RingReader
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.child._arrivals import Arrivals
from parfocal.viewer.child._components import Components
from viewer.scenes import (
    FIELDS,
    SHAPE,
    looks,
    pixels,
    plate_spec,
    scene_of,
    settle,
    shown,
    touch,
    watched,
)


def test_an_unbounded_run_makes_the_sliders_grow_and_moves_nothing_else(tmp_path: Path) -> None:
    spec = RecordingSpec(
        "endless",
        [FieldInfo("Pos000"), FieldInfo("Pos001")],
        [ChannelInfo("DAPI"), ChannelInfo("FITC")],
        [(0, p, c, 0) for p in range(2) for c in range(2)],
        [0.0] * 4,
        SHAPE,
        "uint16",
        time_step_s=1.0,
        unbounded=True,
    )
    recording = Recording.create(tmp_path / "endless.ome.zarr", spec)
    source = StoreSource(recording.path)
    with scene_of(source) as scene:
        viewer = scene.viewer
        assert viewer.dims.nsteps[0] == 1
        for t in range(40):
            for p in range(2):
                for c in range(2):
                    recording.put((t, p, c, 0), pixels((t, p, c, 0)))
            if t == 20:
                assert scene._has_place((19, 0, 0, 0), SHAPE)  # a live frame ahead of the store
                assert viewer.dims.nsteps[0] == 20
                for c in range(2):
                    scene.layers.admit((19, 0, c, 0), pixels((19, 0, c, 0)))
                scene.go_to(t=3, p=1)
                touched = touch(viewer)
        assert not scene._has_place((1, 5, 0, 0), SHAPE)
        assert not scene._has_place((1, 0, 0, 0), (3, 3))
        recording.close()
        watched(scene, source)
        assert viewer.dims.nsteps[0] == 40
        assert looks(viewer) == touched
        assert scene.coordinates() == {"t": 3, "p": 1, "z": 0}
        assert np.array_equal(shown(viewer.layers["DAPI"]), pixels((3, 1, 0, 0)))
        scene.go_to(t=39, p=0)
        settle(scene)
        assert np.array_equal(shown(viewer.layers["DAPI"]), pixels((39, 0, 0, 0)))


def test_fields_and_timepoints_that_join_a_run_are_there(tmp_path: Path) -> None:
    spec = plate_spec([("B3_0", "B/3"), ("C4_0", "C/4")], times=1)
    recording = Recording.create(tmp_path / "grows.ome.zarr", spec)
    for index in spec.planned:
        recording.put(index, pixels(index))
    source = StoreSource(recording.path)
    with scene_of(source) as scene:
        scene.go_to(p=1, z=1)
        assert scene.viewer.dims.nsteps[:3] == (2, 1, 1)
        more = [(t, p, c, z) for t in (0, 1) for p in (0, 1, 2) for c in (0, 1) for z in range(3)]
        more = [index for index in more if index[:2] not in ((0, 0), (0, 1))]
        recording.extend(
            more,
            [870.0 * index[0] for index in more],
            fields=[FieldInfo("B3_1", (5.0, 0.0, 0.0), "B/3")],
        )
        for index in more:
            recording.put(index, pixels(index))
        recording.close()
        watched(scene, source)
        assert scene.viewer.dims.nsteps[:3] == (2, 2, 2)
        assert scene.coordinates() == {"t": 0, "p": 1, "z": 1}
        assert scene.text.startswith("C04 · field 0 · 00:00:00")
        scene.go_to(t=1, p=2)
        settle(scene)
        assert scene.text == "B03 · field 1 · 00:14:30 · z 2 µm"
        assert np.array_equal(shown(scene.viewer.layers[1]), pixels((1, 2, 1, 1)))


def test_live_frames_find_their_layers_where_timepoints_have_layers(tmp_path: Path) -> None:
    spec = plate_spec(FIELDS)
    recording = Recording.create(tmp_path / "live.ome.zarr", spec)
    ring = Ring.create(SHAPE, "uint16")
    source, live = StoreSource(recording.path), Arrivals(RingReader.attach(ring.address))
    with scene_of(source, Components().changed({"time": "slice"}), live=live) as scene:
        for index in ((0, 1, 0, 2), (0, 1, 1, 2), (1, 0, 0, 1), (1, 0, 1, 1)):
            t, p, c, z = index
            ring.publish(pixels(index), {"t": t, "p": p, "c": c, "z": z})
            deadline = time.monotonic() + 10
            while index not in scene.newest and time.monotonic() < deadline:
                scene.poll()
        settle(scene)
        assert scene.coordinates() == {"t": 1, "p": 0, "z": 1}
        for c in range(2):
            layer = scene.viewer.layers[f"channel {('DAPI', 'FITC')[c]} · time 00:14:30"]
            assert np.array_equal(shown(layer), pixels((1, 0, c, 1)))
        assert scene.text.endswith("live")
        scene.viewer.dims.set_current_step(0, 1)
        assert "paused" in scene.text
        ring.close()
    recording.close("interrupted")


def test_who_listens_to_the_sliders_hears_where_a_run_has_led_them(tmp_path: Path) -> None:
    recording = Recording.create(tmp_path / "led.ome.zarr", plate_spec(FIELDS))
    ring = Ring.create(SHAPE, "uint16")
    source, live = StoreSource(recording.path), Arrivals(RingReader.attach(ring.address))
    with scene_of(source, live=live) as scene:
        dims, heard = scene.viewer.dims, []
        dims.events.current_step.connect(lambda event: heard.append(event.value))
        for index in ((1, 1, 0, 0), (1, 1, 1, 0)):
            t, p, c, z = index
            ring.publish(pixels(index), {"t": t, "p": p, "c": c, "z": z})
        deadline = time.monotonic() + 10
        while not heard and time.monotonic() < deadline:
            scene.poll()
            scene.catch_up()
        assert scene.coordinates() == {"t": 1, "p": 1, "z": 0}
        assert heard == [dims.current_step]
        assert scene.text.endswith("live")  # nobody else moved them: it goes on following
        ring.close()
    recording.close("interrupted")


def test_contrast_is_sampled_once_and_never_changed_under_the_users_hand(tmp_path: Path) -> None:
    spec = plate_spec(FIELDS)
    recording = Recording.create(tmp_path / "fresh.ome.zarr", spec)
    with scene_of(recording.path) as scene:
        dapi, fitc = scene.viewer.layers
        assert tuple(dapi.contrast_limits) == (0, 1)  # nothing to sample yet
        fitc.contrast_limits = (0, 0.5)
        for channel in (0, 1):
            scene.layers.admit((0, 0, channel, 0), pixels((0, 0, channel, 0)))
        assert tuple(fitc.contrast_limits) == (0, 0.5)
        sampled = tuple(dapi.contrast_limits)
        assert 0 < sampled[0] < sampled[1] < 200
        scene.layers.admit((1, 0, 0, 0), 40 * pixels((1, 0, 0, 0)))
        scene.layers.set_limits(0, (1.0, 2.0))
        assert tuple(dapi.contrast_limits) == sampled
    recording.close("interrupted")
