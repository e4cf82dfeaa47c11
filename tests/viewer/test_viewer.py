"""The napari child: it shows what is stored, says what is missing, and never outlives us."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from parfocal.store import Recording, StoreReader
from parfocal.viewer import Ring, Viewer, ViewerError
from viewer.cells import MISSING, SHAPE, SLICES, frame, record, spec
from viewer.waiting import eventually

START_S = 60.0


def ask(viewer: Viewer, op: str, **values: Any) -> dict[str, Any]:
    return viewer.request(op, timeout=START_S, **values).result()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store to look at."""
    return record(tmp_path_factory.mktemp("data") / "cells “ü”.ome.zarr")


@pytest.fixture(scope="module")
def viewer(store: Path) -> Iterator[Viewer]:
    """One napari for the tests that only look."""
    viewer = Viewer("cells “ü” \\ 'x'")
    viewer.start(store)
    yield viewer
    viewer.close()


@pytest.mark.parametrize("place", [(0, 0, 0), (1, 1, 3), (2, 0, 1)])
def test_what_is_displayed_is_the_stored_frame(
    viewer: Viewer, store: Path, tmp_path: Path, place: tuple[int, int, int]
) -> None:
    t, p, z = place
    shown = ask(viewer, "show_plane", t=t, p=p, z=z)
    assert shown == {"displayed": {"t": t, "p": p, "z": z}, "drawn": True}
    layers = ask(viewer, "displayed", folder=str(tmp_path))["layers"]
    assert [layer["name"] for layer in layers] == ["DAPI", "FITC"]
    for c, layer in enumerate(layers):
        pixels = np.load(layer["npy"])
        assert np.array_equal(pixels, frame((t, p, c, z)))
        assert np.array_equal(pixels, StoreReader(store).plane((t, p, c, z)))
        assert layer["visible"]
        assert layer["acquired"]


def test_layers_carry_the_voxel_size_the_time_step_and_sampled_contrast(viewer: Viewer) -> None:
    for layer in ask(viewer, "displayed")["layers"]:
        assert layer["scale"] == [90.0, 1.0, 2.5, 0.5, 0.5]
        low, high = layer["contrast"]
        assert 85 < low < 135
        assert 500 < high < 1100


def test_a_missing_plane_is_named_and_not_just_black(viewer: Viewer) -> None:
    t, p, c = MISSING
    ask(viewer, "show_plane", t=t, p=p, z=1)
    displayed = ask(viewer, "displayed")
    assert displayed["text"] == (
        "Pos001 · 00:03:00 · z 2.5 µm\nnot acquired (the shutter was stuck): FITC"
    )
    assert [layer["acquired"] for layer in displayed["layers"]] == [True, False]
    assert displayed["layers"][c]["max"] == 0
    ask(viewer, "show_plane", t=0, p=0, z=2)
    assert ask(viewer, "displayed")["text"] == "Pos000 · 00:00:00 · z 5 µm"


def test_the_picture_is_the_whole_window_with_both_channels_in_their_colours(
    viewer: Viewer, tmp_path: Path
) -> None:
    ask(viewer, "show_plane", t=1, p=0, z=3)
    both = picture(viewer, tmp_path / "both.png")
    assert both.shape[0] >= 600
    assert both.shape[1] >= 900
    assert magenta(both) > 1500
    assert green(both) > 1500
    ask(viewer, "show_plane", t=MISSING[0], p=MISSING[1], z=3)
    without_fitc = picture(viewer, tmp_path / "missing.png")
    assert magenta(without_fitc) > 1500
    assert green(without_fitc) < green(both) / 4


def test_a_theme_is_worn_at_once(viewer: Viewer, tmp_path: Path) -> None:
    dark = picture(viewer, tmp_path / "dark.png").mean()
    ask(viewer, "theme", dark=False)
    light = picture(viewer, tmp_path / "light.png").mean()
    ask(viewer, "theme", dark=True)
    assert light > dark + 40  # what is around the picture; the canvas stays black


@pytest.mark.parametrize(
    ("op", "values", "sentence"),
    [
        ("show_plane", {"t": 3}, "there is no t 3; it goes from 0 to 2"),
        ("show_plane", {"z": -1}, "there is no z -1"),
        ("show_plane", {"z": "deep"}, "deep"),
        ("shot", {"path": "/nowhere/a.png"}, "cannot be written: there is no such folder"),
        ("shot", {"path": "/"}, "the picture / cannot be written"),  # known only after a draw
        ("shot", {}, "path"),
        ("eval", {"code": "1"}, "knows no operation 'eval'"),
    ],
)
def test_what_cannot_be_done_is_refused_and_the_viewer_goes_on(
    viewer: Viewer, op: str, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ViewerError, match=sentence):
        ask(viewer, op, **values)
    assert ask(viewer, "settle")["drawn"]


def test_the_window_starts_without_a_word_on_stderr(viewer: Viewer) -> None:
    assert ask(viewer, "settle")["drawn"]
    assert viewer.log == ""
    assert viewer.status().problem == ""


def test_a_run_is_followed_paused_and_moved_without_a_wrong_pixel(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A run that replaces an older store, its viewer hanging for a while and then killed."""
    path = tmp_path / "run.ome.zarr"
    old = Recording.create(path, spec())
    old.put((0, 0, 0, 0), frame((0, 0, 0, 0)))
    old.close()
    recording = Recording.create(path, spec(), overwrite=True)
    ring = Ring.create(SHAPE, "uint16")
    viewer = Viewer()
    for close in (recording.close, ring.close, viewer.close):
        request.addfinalizer(close)
    viewer.start(recording.path, ring.address)
    ask(viewer, "settle")

    def acquire(t: int, p: int) -> None:
        for z in range(SLICES):
            for c in range(2):
                recording.put((t, p, c, z), frame((t, p, c, z)))
                ring.publish(frame((t, p, c, z)), {"t": t, "p": p, "c": c, "z": z})

    def shows(*place: int) -> bool:
        displayed = ask(viewer, "displayed", folder=str(tmp_path))
        t, p, z = displayed["coordinates"].values()
        return (t, p, z) == place and all(
            np.array_equal(np.load(layer["npy"]), frame((t, p, c, z)))
            for c, layer in enumerate(displayed["layers"])
        )

    acquire(0, 0)
    assert eventually(lambda: shows(0, 0, SLICES - 1))
    assert ask(viewer, "displayed")["text"].endswith("\nlive")
    ask(viewer, "show_plane", t=0, p=1, z=0)  # looking ahead pauses
    acquire(0, 1)
    assert eventually(lambda: shows(0, 1, 0))
    assert "paused" in ask(viewer, "displayed")["text"]
    ask(viewer, "follow", on=True)
    assert eventually(lambda: shows(0, 1, SLICES - 1))

    pid = viewer.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    acquire(1, 0)
    assert eventually(lambda: viewer.status().state == "not responding")
    os.kill(pid, signal.SIGCONT)
    assert eventually(lambda: shows(1, 0, SLICES - 1))
    counts = ask(viewer, "displayed")
    assert counts["displayed"] + counts["dropped"] == ring.published == 24
    assert 0 < counts["displayed"] <= counts["accepted"] <= 24
    assert ring.dropped == 0

    for index in sorted(set(spec().planned) - recording.committed()):
        if index[0] > 0 and index[:2] != (1, 0):
            recording.put(index, frame(index))
    recording.close()
    ring.close()
    assert sorted(tmp_path.glob("*.zarr")) == [path]
    ask(viewer, "show_plane", t=1, p=0, z=1)  # it passed while the viewer hung: from the store
    assert eventually(lambda: shows(1, 0, 1))
    assert eventually(lambda: "paused" not in ask(viewer, "displayed")["text"])

    os.kill(pid, signal.SIGSTOP)
    waiting = viewer.request("settle")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ViewerError, match="was ended by signal 9"):
        waiting.result(10)
    assert viewer.wait(10)
    status = viewer.status()
    assert (status.state, status.exit_code) == ("exited", -9)
    assert "was ended by signal 9" in status.problem
    assert not psutil.pid_exists(pid)


def test_starting_returns_before_the_window_is_there_and_closing_then_leaves_nothing(
    store: Path,
) -> None:
    viewer = Viewer()
    assert viewer.status().state == "starting"
    viewer.start(store)
    status = viewer.status()
    assert (status.state, status.exit_code) == ("starting", None)
    assert status.pid is not None
    with pytest.raises(ViewerError, match="started already"):
        viewer.start(store)
    waiting = viewer.request("settle")
    viewer.close()
    assert viewer.status().state == "exited"
    assert not psutil.pid_exists(status.pid)
    with pytest.raises(ViewerError):
        waiting.result(0)
    viewer.close()


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    viewer = Viewer()
    viewer.start(tmp_path)
    assert viewer.wait(30)
    status = viewer.status()
    assert (status.state, status.exit_code) == ("exited", 1)
    assert "is no OME-Zarr store" in status.problem
    assert "Traceback" not in viewer.log
    viewer.close()


def test_without_a_display_nothing_is_started(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for display, sentence in ((None, "there is no display"), (":4711", "DISPLAY=:4711")):
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.delenv("DISPLAY")
        if display:
            monkeypatch.setenv("DISPLAY", display)
        viewer = Viewer()
        children = psutil.Process().children()
        with pytest.raises(ViewerError, match=sentence):
            viewer.start(store)
        assert psutil.Process().children() == children
        assert viewer.status().pid is None
        monkeypatch.setenv("DISPLAY", ":0")
        viewer.close()


def picture(viewer: Viewer, path: Path) -> np.ndarray:
    taken = ask(viewer, "shot", path=str(path))
    assert taken["drawn"]
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape[:2] == (taken["height"], taken["width"])
    return pixels


def magenta(pixels: np.ndarray) -> int:
    red, green_, blue = np.moveaxis(pixels, -1, 0)
    return int(((red > 100) & (blue > 100) & (green_ < red / 2)).sum())


def green(pixels: np.ndarray) -> int:
    red, green_, blue = np.moveaxis(pixels, -1, 0)
    return int(((green_ > 100) & (red < green_ / 2) & (blue < green_ / 2)).sum())
