"""Layers in a real window: what the parent asks of them, what the menu does, what is on screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec, write_pyramid
from parfocal.viewer import Viewer, ViewerError
from viewer.cells import record as record_cells
from viewer.scenes import gradient, large_spec
from viewer.test_components import WELLS

FRAMES = 5000
SHAPE = (32, 48)


def ask(viewer: Viewer, op: str, **values: Any) -> dict[str, Any]:
    return viewer.request(op, timeout=60.0, **values).result()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stores are."""
    return tmp_path_factory.mktemp("window")


@pytest.fixture(scope="module")
def viewer(folder: Path) -> Iterator[Viewer]:
    """One window for all."""
    viewer = Viewer("layers")
    viewer.start(record_cells(folder / "cells.ome.zarr"))
    yield viewer
    viewer.close()


def small(t: int) -> np.ndarray:
    """A frame that is like no other of the 5,000."""
    plane = np.full(SHAPE, t, np.uint16)
    plane[t % SHAPE[0]] = 60000
    return plane


def record_many(path: Path) -> Path:
    planned = [(t, 0, 0, 0) for t in range(FRAMES)]
    recording = Recording.create(
        path,
        RecordingSpec(
            "many",
            [FieldInfo("Pos000")],
            [ChannelInfo("GFP")],
            planned,
            [0.1 * t for t in range(FRAMES)],
            SHAPE,
            "uint16",
            time_step_s=0.1,
        ),
    )
    for index in planned:
        recording.put(index, small(index[0]))
    recording.close()
    return path


def checksum(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def test_a_viewer_that_comes_late_and_one_that_comes_again_show_all_5000_frames(
    viewer: Viewer, folder: Path
) -> None:
    store = record_many(folder / "many.ome.zarr")
    again = Viewer("again")
    again.start(store)
    ask(viewer, "show", store=str(store))
    for window, frames in ((viewer, (0, 1, 63, 64, 2500, 4998, 4999)), (again, (0, 3333, 4999))):
        for t in frames:
            ask(window, "show_plane", t=t)
            (layer,) = ask(window, "displayed")["layers"]
            assert layer["acquired"]
            assert layer["sha256"] == checksum(small(t))
        with pytest.raises(ViewerError, match="it goes from 0 to 4999"):
            ask(window, "show_plane", t=5000)
        assert window.log == ""
    again.close()


def test_another_store_takes_the_place_of_the_first_or_comes_beside_it(
    viewer: Viewer, folder: Path
) -> None:
    plate = record_plate(folder / "plate.ome.zarr")
    ask(viewer, "show", store=str(folder / "cells.ome.zarr"))
    assert layer_names(viewer) == ["DAPI", "FITC"]
    with pytest.raises(ViewerError, match=r"nothing\.ome\.zarr does not exist"):
        ask(viewer, "show", store=str(folder / "nothing.ome.zarr"))
    assert layer_names(viewer) == ["DAPI", "FITC"]
    ask(viewer, "show", store=str(plate), keep=True)
    assert layer_names(viewer) == ["plate · DAPI", "plate · FITC"]
    ask(viewer, "show", store=str(plate))  # in the place of both
    assert layer_names(viewer) == ["DAPI", "FITC"]
    ask(viewer, "show_plane", t=1, p=2, z=1)
    assert ask(viewer, "displayed")["text"] == "C04 · field 0 · 00:14:30 · z 2 µm"
    assert viewer.log == ""


def test_the_parent_arranges_components_and_hears_what_cannot_be(viewer: Viewer) -> None:
    assert ask(viewer, "components") == {
        "components": {
            **dict.fromkeys(("step", "channel"), "slice"),
            **dict.fromkeys(("well", "field", "z", "time"), "stack"),
        },
        "layers": 2,
    }
    assert ask(viewer, "components", well="slice", z="slice")["layers"] == 12
    assert layer_names(viewer)[0] == "well B03 · channel DAPI · z 0 µm"
    with pytest.raises(ViewerError, match="that would make 12 layers, and 5 are the most"):
        ask(viewer, "components", most=5, well="slice")
    with pytest.raises(ViewerError, match="there is no component 'depth'"):
        ask(viewer, "components", depth="slice")
    assert ask(viewer, "components", well="stack", z="stack")["layers"] == 2


def test_a_store_with_levels_shows_one_fit_for_the_window_and_every_pixel_of_it(
    viewer: Viewer, folder: Path
) -> None:
    recording = Recording.create(folder / "large.ome.zarr", large_spec())
    for index in large_spec().planned:
        recording.put(index, gradient(index))
    recording.close()
    ask(viewer, "show", store=str(recording.path))
    (before, _) = ask(viewer, "displayed")["layers"]
    assert before["levels"] == 1
    write_pyramid(recording.path)
    for _ in range(100):
        (layer, _) = ask(viewer, "displayed")["layers"]
        if layer["levels"] >= 3:  # they are listed one by one
            break
        ask(viewer, "settle")
    assert layer["levels"] >= 3
    assert layer["sha256"] == before["sha256"] == checksum(gradient((0, 0, 0, 1)))
    assert (layer["scale"], layer["contrast"]) == (before["scale"], before["contrast"])
    assert viewer.log == ""


def record_plate(path: Path) -> Path:
    from viewer.scenes import plate_spec, record

    return record(path, plate_spec(WELLS))


def layer_names(viewer: Viewer) -> list[str]:
    return [layer["name"] for layer in ask(viewer, "displayed")["layers"]]
