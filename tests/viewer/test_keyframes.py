"""Key frames bring back a view, are whole on disk, and never take the place of what is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from parfocal.cli import run_verb
from parfocal.viewer import ViewerError, _keyframe_file, read_key_frames
from parfocal.viewer._keyframe_file import KeyFrameFile, open_key_frames
from parfocal.viewer._keyframe_place import place_of
from viewer.cells import record
from viewer.window import said_in_window

Say = Callable[[Any], None]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A place for key frames needs a folder, not pixels."""
    path = tmp_path / "cells “ü”.ome.zarr"
    path.mkdir()
    (path / "zarr.json").write_text("{}")
    return path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "keyframes"


def beside(store: Path) -> Path:
    return store.with_name(store.name + ".keyframes.json")


def test_they_lie_beside_the_store_and_opening_writes_nothing(store: Path, state: Path) -> None:
    file = open_key_frames(None, store, store.name)
    assert file.frames() == []
    assert file.path == beside(store)
    assert not beside(store).exists()
    assert [file.keep({"n": n})[0] for n in range(3)] == [1, 2, 3]
    assert file.drop() == 2
    told = json.loads(beside(store).read_text(encoding="utf-8"))
    assert told == {"version": 1, "store": store.name, "keyframes": [{"n": 0}, {"n": 1}]}
    assert open_key_frames(None, store, store.name).frames() == [{"n": 0}, {"n": 1}]
    assert [file.drop() for _ in range(3)] == [1, 0, -1]
    assert sorted(store.parent.iterdir()) == [store, beside(store)]
    assert list(store.iterdir()) == [store / "zarr.json"]


def test_what_another_version_or_viewer_wrote_stays(store: Path) -> None:
    theirs = {"layers": {"DAPI": {"sharpness": 3}}, "mood": [1]}
    document = {"version": 1, "keyframes": [theirs], "author": {"name": "é"}}
    beside(store).write_text(json.dumps(document))
    one, other = (open_key_frames(None, store, store.name) for _ in range(2))
    assert one.keep({"a": 1})[0] == 2
    assert other.keep({"b": 2})[0] == 3
    told = json.loads(beside(store).read_text())
    assert told == {**document, "keyframes": [theirs, {"a": 1}, {"b": 2}]}


@pytest.mark.parametrize(
    "text", ['{"version": 1, "keyf', "[]", '{"version": 1, "keyframes": [3]}', "{}", "\xff"]
)
def test_a_file_that_is_not_understood_is_set_aside_by_the_first_key_frame(
    store: Path, text: str
) -> None:
    beside(store).write_bytes(text.encode("latin-1"))
    file = open_key_frames(None, store, store.name)
    with pytest.raises(ViewerError, match="keyframes"):
        file.frames()
    assert beside(store).read_bytes() == text.encode("latin-1")  # not by looking
    number, said = file.keep({"n": 0})
    assert number == 1
    assert "set aside as" in said
    aside = beside(store).with_name(beside(store).name + ".broken-1")
    assert aside.read_bytes() == text.encode("latin-1")
    assert file.frames() == [{"n": 0}]
    beside(store).write_text(text)
    file.keep({"n": 1})
    assert aside.with_name(aside.name[:-1] + "2").exists()


def test_a_newer_version_is_left_alone(store: Path) -> None:
    text = '{"version": 2, "keyframes": {}}'
    beside(store).write_text(text)
    file = open_key_frames(None, store, store.name)
    for change in (lambda: file.keep({}), file.drop, file.frames):
        with pytest.raises(ViewerError, match="version 2, newer than this Parfocal"):
            change()
    assert beside(store).read_text() == text


def test_a_write_that_fails_leaves_the_old_file(
    store: Path, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    file = open_key_frames(None, store, store.name)
    file.keep({"n": 0})

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(_keyframe_file.os, "fsync", fail)
        with pytest.raises(ViewerError, match=r"cannot be kept in .*: No space left on device"):
            file.keep({"n": 1})
    assert file.frames() == [{"n": 0}]
    assert sorted(store.parent.glob("*.new")) == []


def test_where_nobody_can_write_beside_the_store_they_go_to_the_state_folder(
    store: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside(store).write_text('{"version": 1, "keyframes": [{"n": 0}]}')
    file = open_key_frames(None, store, store.name)
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.parent == store.parent:
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)  # this test may run as root
        number, said = file.keep({"n": 1})
        assert number == 2
        assert str(state) in said
        assert file.path.parent == state
        assert file.keep({"n": 2}) == (3, "")
    again = open_key_frames(None, store, store.name)
    assert again.frames() == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert read_key_frames(beside(store)) == [{"n": 0}]
    other = open_key_frames(None, store.with_name("other") / store.name, store.name)
    assert other.frames() == []


def test_a_store_in_a_store_and_one_far_away_have_none_beside_them(
    store: Path, state: Path
) -> None:
    field = store / "A" / "1" / "0"
    field.mkdir(parents=True)
    for inside in (None, field):
        file = open_key_frames(None, inside, "rig:5555/cells")
        file.keep({"n": 0})
        assert file.path.parent == state
    assert len(list(state.iterdir())) == 2
    assert list(store.rglob("*.json")) == [store / "zarr.json"]


def test_a_run_that_replaces_a_store_has_the_key_frames_of_its_name(store: Path) -> None:
    for name in ("cells “ü”.replacing.ome.zarr", "cells “ü”.replacing-2.ome.zarr"):
        assert place_of(store.with_name(name), "x").beside == beside(store)


def test_a_file_that_was_named_must_hold_key_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path / "cells.ome.zarr")
    (tmp_path / "no.json").write_text("no")
    for name, words in (
        ("nowhere.json", "cannot be read: No such file or directory"),
        ("no.json", "are not JSON"),
        ("cells.ome.zarr/zarr.json", "holds no key frames"),
        (".", "cannot be read: Is a directory"),
    ):
        wrong = tmp_path / name
        assert run_verb(["view", str(path), "--keyframes", str(wrong)]) == 1
        said = capsys.readouterr().err
        assert words in said
        assert str(wrong) in said
        assert said.count("\n") == 1


def keeps_views(viewer: Any, say: Say) -> Iterator[Any]:
    """A user at the keyboard."""
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    canvas = viewer.window._qt_viewer.canvas.native
    text = viewer.canvas.overlays.text

    def press(key: Any, shift: bool = False) -> Iterator[Any]:
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(canvas, key, modifier)
        yield 0.1  # the overlay says it with the next poll
        return str(text.text).splitlines()[-1]

    yield 0.2
    dapi, fitc = viewer.layers[:2]
    said = [(yield from press(Qt.Key.Key_BracketRight))]
    said.append((yield from press(Qt.Key.Key_K, shift=True)))
    viewer.dims.set_current_step((0, 1, 2), (2, 1, 3))
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0, 30.0, 55.0), 7.5
    dapi.contrast_limits, dapi.colormap, dapi.gamma = (10, 5000), "#FF8000", 0.5
    fitc.visible, dapi.opacity = False, 0.7
    said.append((yield from press(Qt.Key.Key_K)))
    first = _look(viewer)
    viewer.dims.ndisplay = 3
    viewer.scene.camera.angles, viewer.scene.camera.zoom = (10, 20, 30), 3.0
    viewer.dims.set_current_step(0, 0)
    dapi.colormap, dapi.contrast_limits, fitc.visible = "gray", (0, 900), True
    said.append((yield from press(Qt.Key.Key_K)))
    second = _look(viewer)
    viewer.dims.ndisplay = 2
    said.append((yield from press(Qt.Key.Key_K)))
    said.append((yield from press(Qt.Key.Key_K, shift=True)))
    pixels = np.zeros((4, 160, 200), int)
    labels = viewer.add_labels(pixels, name="mine", units=dapi.units[2:])
    viewer.layers.selection.active = dapi
    said.append((yield from press(Qt.Key.Key_BracketLeft)))
    yield 0.2
    restored = [_look(viewer)]
    viewer.layers.remove(labels)
    dapi.name = "renamed"
    for _ in range(2):  # and stays at the end
        said.append((yield from press(Qt.Key.Key_BracketRight)))
    yield 0.2
    restored.append(_look(viewer))
    say({"said": said, "kept": [first, second], "restored": restored})


def _look(viewer: Any) -> dict[str, Any]:
    dapi, fitc = viewer.layers[:2]
    return {
        "step": list(viewer.dims.current_step[:3]),
        "ndisplay": viewer.dims.ndisplay,
        "center": [round(float(part), 3) for part in viewer.scene.camera.center],
        "zoom": round(viewer.scene.camera.zoom, 3),
        "angles": [round(float(part), 3) for part in viewer.scene.camera.angles],
        "limits": [float(limit) for limit in dapi.contrast_limits],
        "color": [float(part) for part in dapi.colormap.colors[-1]],
        "gamma": dapi.gamma,
        "opacity": dapi.opacity,
        "fitc": fitc.visible,
    }


def test_a_view_is_kept_and_restored_by_key(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    (seen,), log = said_in_window(keeps_views, store)
    assert log == ""
    none = "there are no key frames; K keeps one"
    assert seen["said"] == [
        none,
        "there is no key frame to drop; K keeps one",
        "key frame 1 kept",
        "key frame 2 kept",
        "key frame 3 kept",
        "key frame 3 dropped; 2 left",
        "key frame 1 of 2",
        "key frame 2 of 2",
        "key frame 2 of 2",
    ]
    assert seen["restored"] == seen["kept"]
    one, two = read_key_frames(beside(store))
    assert one["view"] == {
        "step": {"time": 2, "field": 1, "z": 3, "y": 79, "x": 99},
        "displayed": ["y", "x"],
    }
    assert one["layers"]["camera · channel 0"]["colormap"] == "#ff8000"
    assert two["view"]["displayed"] == ["z", "y", "x"]


def shows_the_last(viewer: Any, say: Say) -> Iterator[Any]:
    """Key frames of another store, and nonsense among them."""
    yield 0.1
    say(str(viewer.canvas.overlays.text.text).splitlines()[-1])
    viewer.window._qt_viewer.canvas._key_map_handler.press_key("]")
    yield 0.1
    say([list(viewer.dims.current_step[:3]), viewer.layers["FITC"].visible, viewer.dims.ndisplay])


def test_key_frames_of_others_are_worn_as_far_as_they_fit(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    frame = {
        "view": {
            "step": {"time": 99, "z": 1, "wavelength": 4, "field": "x"},
            "displayed": ["q", 3],
        },
        "camera": {"center": "here", "zoom": None, "angles": [1, 2]},
        "layers": {
            "camera · channel 1": {
                "visible": False,
                "contrast_limits": [9, 1],
                "colormap": 3,
                "gamma": -4,
            },
            "camera · channel 0": {"colormap": "none", "blending": "mixed"},
            "GFP": {},
        },
    }
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps({"version": 1, "keyframes": [frame]}))
    before = file.read_bytes()
    (said, seen), log = said_in_window(shows_the_last, store, keyframes=str(file))
    assert log == ""
    assert said == "1 key frame: [ and ] show them"
    assert seen == [[2, 0, 1], False, 2]
    assert file.read_bytes() == before
    assert not beside(store).exists()


def test_a_file_serves_a_named_place_only(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"version": 1, "keyframes": []}')
    frames = open_key_frames(file, tmp_path / "cells.ome.zarr", "cells")
    assert isinstance(frames, KeyFrameFile)
    assert frames.keep({"n": 1}) == (1, "")
    assert read_key_frames(file) == [{"n": 1}]
