"""A slow disk delays its planes and not the window, and nothing stays black that is there."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Timer
from time import monotonic
from typing import Any

import numpy as np

from parfocal.store import Index, Recording
from parfocal.viewer._store_source import StoreSource
from viewer.scenes import (
    FIELDS,
    pixels,
    plate_spec,
    record,
    record_large,
    scene_of,
    settle,
    shown,
)


class SlowSource(StoreSource):
    """A store on a disk that takes its time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.gate = Gate()

    def plane(self, index: Index, level: int = 0) -> Any:
        self.gate.wait()
        return super().plane(index, level)


class Gate:
    """Open, until it is shut."""

    def __init__(self) -> None:
        self._open = Event()
        self._open.set()
        self.shut, self.open, self.wait = self._open.clear, self._open.set, self._open.wait


def test_a_disk_that_hangs_delays_its_planes_and_not_the_window(tmp_path: Path) -> None:
    store = record(tmp_path / "two.ome.zarr", plate_spec(FIELDS))
    source = SlowSource(store)
    with scene_of(source) as scene:
        settle(scene)
        source.gate.shut()
        for t in (0, 1):
            for z in range(3):
                scene.go_to(t=t, p=1, z=z)  # returns: nothing here waits for the gate
        assert scene.reading
        assert scene.text == "Pos001 · 00:14:30 · z 4 µm\nreading …"
        assert not shown(scene.viewer.layers[0]).any()
        Timer(0.5, source.gate.open).start()
        elsewhere = np.asarray(scene.viewer.layers[0].data[0, 0, 0])  # a plugin waits for pixels
        assert np.array_equal(elsewhere, pixels((0, 0, 0, 0)))
        settle(scene)
        for c, layer in enumerate(scene.viewer.layers):
            assert np.array_equal(shown(layer), pixels((1, 1, c, 2)))
        assert scene.text == "Pos001 · 00:14:30 · z 4 µm"


def test_a_slow_disk_delays_coarse_levels_with_fewer_planes_too(tmp_path: Path) -> None:
    source = SlowSource(record_large(tmp_path / "large.ome.zarr"))
    with scene_of(source) as scene:
        assert source.facts.levels[-1].shape[0] == 1  # of two planes
        settle(scene)
        source.gate.shut()
        scene.go_to(t=1, p=1, z=1)
        assert not any(shown(layer).any() for layer in scene.viewer.layers)
        source.gate.open()
        settle(scene)
        for c, layer in enumerate(scene.viewer.layers):
            level = layer.data_level
            assert level > 0
            whole = StoreSource.plane(source, (1, 1, c, 0), level)
            assert np.array_equal(shown(layer), whole)


def test_a_plane_that_was_black_is_shown_once_it_is_acquired(tmp_path: Path) -> None:
    spec = plate_spec(FIELDS)
    recording = Recording.create(tmp_path / "fresh.ome.zarr", spec)
    source = SlowSource(recording.path)
    with scene_of(source) as scene:
        source.gate.shut()
        scene.go_to(t=0, p=1, z=2)
        source.gate.open()
        settle(scene)  # late, and 0: there is nothing yet
        assert scene.text.endswith("not acquired yet: DAPI, FITC")
        for index in spec.planned:
            recording.put(index, pixels(index))
        deadline = monotonic() + 20
        while "not acquired" in scene.text and monotonic() < deadline:
            scene.look_again()
            settle(scene)
        assert scene.text == "Pos001 · 00:00:00 · z 4 µm"
        recording.close()
        for c, layer in enumerate(scene.viewer.layers):
            assert np.array_equal(shown(layer), pixels((0, 1, c, 2)))
