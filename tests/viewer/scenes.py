"""Scenes in napari's own model of a window, without the window: what takes 5 s there takes 0.1."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Index,
    Recording,
    RecordingSpec,
    write_pyramid,
)
from parfocal.viewer._source import PlaneSource
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._notices import Notices

# Importing napari warns of what its own packages will not like one day.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from napari.components import ViewerModel

    from parfocal.viewer.child._scene import Scene

SHAPE = (24, 30)
LARGE = (2048, 1100)
FIELDS = [("Pos000", ""), ("Pos001", "")]


@contextmanager
def scene_of(
    source: PlaneSource | Path, components: Components | None = None, live: Any = None
) -> Iterator[Scene]:
    """Show a store."""
    source = StoreSource(source) if isinstance(source, Path) else source
    scene = Scene(ViewerModel(), source, live, components or Components(), Notices())
    try:
        yield scene
    finally:
        scene.let_go(keep_layers=True)
        scene.close()


def pixels(index: Index, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """A plane that is like no other."""
    t, p, c, z = index
    plane = np.full(shape, 100 + 1000 * t + 200 * p + 20 * c + z, np.uint16)
    plane[0, 0] = t
    return plane


def plate_spec(fields: list[tuple[str, str]], times: int = 2, depth: int = 3) -> RecordingSpec:
    """Fields by name and well, two channels."""
    planned = [
        (t, p, c, z)
        for t in range(times)
        for p in range(len(fields))
        for c in range(2)
        for z in range(depth)
    ]
    return RecordingSpec(
        "plate",
        [
            FieldInfo(name, (5.0, 100.0 * p, 40.0), well or None)
            for p, (name, well) in enumerate(fields)
        ],
        [ChannelInfo("DAPI"), ChannelInfo("FITC", "00FF00")],
        planned,
        [870.0 * index[0] for index in planned],
        SHAPE,
        "uint16",
        voxel_um=(2.0, 0.5, 0.25),
        time_step_s=870.0,
    )


def record(path: Path, spec: RecordingSpec) -> Path:
    """Record all of it."""
    recording = Recording.create(path, spec)
    for index in spec.planned:
        recording.put(index, pixels(index))
    recording.close()
    return path


def names(scene: Scene) -> list[str]:
    """The names in the layer list, from the bottom."""
    return [layer.name for layer in scene.viewer.layers]


def settle(scene: Scene) -> None:
    """Do what the window's timer does, until every plane on screen is read."""
    deadline = time.monotonic() + 20
    while True:
        reading = scene.reading
        scene.catch_up()
        if not reading or time.monotonic() > deadline:
            return
        time.sleep(0.01)


def shown(layer: Any) -> np.ndarray:
    """What a layer has on screen."""
    return np.asarray(layer._slicing_state._slice.image.raw)


def touch(viewer: Any) -> dict[str, Any]:
    """Have every part of the window as a user might have left it."""
    bottom, top = viewer.layers
    bottom.contrast_limits, bottom.colormap, bottom.opacity = (11, 222), "cyan", 0.5
    top.visible, top.gamma, top.name = False, 0.7, "mine"
    viewer.layers.move(0, 2)
    viewer.layers.selection = {top, bottom}
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 3.0, 4.0), 7.5
    return looks(viewer)


def looks(viewer: Any) -> dict[str, Any]:
    """All of that."""
    return {
        "camera": (viewer.scene.camera.center, viewer.scene.camera.zoom),
        "step": viewer.dims.current_step,
        "selected": {layer.name for layer in viewer.layers.selection},
        "layers": [
            {
                "name": layer.name,
                "colormap": layer.colormap.name,
                "contrast": list(layer.contrast_limits),
                "visible": layer.visible,
                "gamma": layer.gamma,
                "opacity": layer.opacity,
            }
            for layer in viewer.layers
        ],
    }


def watched(scene: Any, source: StoreSource) -> None:
    """What the watching thread does each second, at once."""
    if source.refresh():
        scene._watch._changed.set()
    scene.look_again()
    settle(scene)


def large_spec() -> RecordingSpec:
    """Two fields at different places, voxels of three different edges, worth several levels."""
    return RecordingSpec(
        "large",
        [FieldInfo("Pos000", (3.0, -50.0, 20.0)), FieldInfo("Pos001", (7.0, 950.0, 400.0))],
        [ChannelInfo("DAPI"), ChannelInfo("FITC")],
        [(t, p, c, z) for t in (0, 1) for p in (0, 1) for c in (0, 1) for z in (0, 1)],
        [870.0 * t for t in (0, 1) for _ in range(8)],
        LARGE,
        "uint16",
        voxel_um=(2.0, 0.5, 0.25),
        time_step_s=870.0,
    )


def gradient(index: Index) -> np.ndarray:
    """A plane with another value in each row and column."""
    y, x = np.ogrid[: LARGE[0], : LARGE[1]]
    return (y + 3 * x + 1000 * sum(index)).astype(np.uint16)


def record_large(path: Path) -> Path:
    recording = Recording.create(path, large_spec())
    for index in large_spec().planned:
        recording.put(index, gradient(index))
    recording.close()
    write_pyramid(path)
    return path
