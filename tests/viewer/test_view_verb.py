"""`parfocal view`: a picture without a display, and one sentence for what cannot be shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from parfocal.cli import run_verb
from parfocal.viewer import display_problem, virtual_display
from viewer.cells import record


def test_a_picture_is_taken_where_there_is_no_display(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    shot = tmp_path / "shot.png"
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "parfocal", "view", store, "--shot", shot, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["viewer"]["state"] == "exited"
    assert said["displayed"]["coordinates"] == {"t": 0, "p": 0, "z": 2}
    assert [layer["name"] for layer in said["displayed"]["layers"]] == ["DAPI", "FITC"]
    with Image.open(shot) as picture:
        assert len(picture.getcolors(1 << 24) or ()) > 500


@pytest.mark.parametrize("extra", [[], ["--launch", "in-process"]])
def test_without_a_display_there_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    extra: list[str],
) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert run_verb(["view", str(store), *extra]) == 1
    assert capsys.readouterr().err.startswith("parfocal: there is no display to open a window on")


def test_what_is_no_store_and_where_no_picture_can_be_are_refused_before_a_window_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot = tmp_path / "a.png"
    for path in (tmp_path, tmp_path / "nothing.ome.zarr"):
        assert run_verb(["view", str(path), "--shot", str(shot)]) == 1
        said = capsys.readouterr().err
        assert str(path) in said
        assert said.count("\n") == 1
    store = record(tmp_path / "cells.ome.zarr")
    assert run_verb(["view", str(store), "--shot", str(tmp_path / "no" / "a.png")]) == 1
    assert "there is no such folder" in capsys.readouterr().err


def test_a_virtual_display_is_made_only_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = os.environ["DISPLAY"]
    with virtual_display():
        assert os.environ["DISPLAY"] == given
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with virtual_display():
        assert os.environ["DISPLAY"] != given
        assert display_problem() is None
    assert "DISPLAY" not in os.environ
    assert display_problem() is not None
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="install the package xvfb"), virtual_display():
        pass
