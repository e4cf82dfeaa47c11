"""Why a viewer ended or never opened: the real reason, in one sentence, whatever was said last."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from parfocal.viewer import Viewer
from parfocal.viewer._reason import explain_exit, reason_in
from viewer.cells import record

# What stands in place of napari, and what is to be told of it.
FAILURES = {
    "a library is missing": (
        "import no_such_library",
        "the viewer failed: napari cannot be loaded: No module named 'no_such_library'",
    ),
    "a plugin raises, and others talk on": (
        "import atexit, sys, time\n"
        "atexit.register(lambda: sys.stderr.write('WARNING: the cache was not emptied\\n'))\n"
        "atexit.register(time.sleep, 1.0)\n"
        "raise ValueError('the settings are of napari 9')",
        "the viewer failed: ValueError: the settings are of napari 9",
    ),
    "a crash": (
        "import faulthandler, sys\n"
        "sys.stderr.write('WARNING: an old driver\\n')\n"
        "faulthandler._sigsegv()",
        "the viewer was ended by signal 11 (SIGSEGV): Segmentation fault",
    ),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store to look at."""
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


def problem_of_a_start(store: Path) -> str:
    viewer = Viewer()
    viewer.start(store)
    waiting = viewer.request("settle", timeout=60)
    assert viewer.wait(60)
    status = viewer.status()
    assert status.state == "exited"
    assert str(waiting.exception()).startswith(status.problem)
    assert viewer.log
    viewer.close()
    return status.problem


@pytest.mark.parametrize(("code", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_a_napari_that_cannot_start_is_told_by_its_own_reason(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, sentence: str
) -> None:
    (tmp_path / "napari").mkdir()
    (tmp_path / "napari" / "__init__.py").write_text(code)
    found = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, found)))
    assert problem_of_a_start(store) == sentence


@pytest.fixture
def display_without_opengl(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A display as of a plain remote desktop."""
    program = shutil.which("Xvfb")
    assert program is not None
    answer, say = os.pipe()
    options = ["-displayfd", str(say), "-extension", "GLX", "-nolisten", "tcp"]
    with subprocess.Popen(
        [program, *options], pass_fds=(say,), stderr=subprocess.DEVNULL
    ) as server:
        os.close(say)
        with os.fdopen(answer, "rb") as pipe:
            monkeypatch.setenv("DISPLAY", f":{int(pipe.readline())}")
        yield
        server.terminate()


def test_a_display_without_opengl_is_told_before_the_canvas_aborts(
    store: Path, display_without_opengl: None
) -> None:
    problem = problem_of_a_start(store)
    assert problem.startswith("the viewer failed: napari draws with OpenGL, and this display (xcb)")


def test_a_qt_that_finds_no_platform_is_told_in_qts_own_words(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    problem = problem_of_a_start(store)
    assert "signal 6 (SIGABRT)" in problem
    assert problem.endswith(': Aborted (Could not find the Qt platform plugin "nonsense" in "")')


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", ""),
        ("WARNING: a\n\n", "WARNING: a"),
        ("parfocal: it is no store\nWARNING: b\n", "it is no store"),
        ("Traceback (most recent call last):\n  File\nKeyError: 1\nWARNING: c\n", "KeyError: 1"),
        (
            "Traceback (most recent call last):\n  a\nKeyError: 1\n\nDuring handling of the above\n"
            "\nTraceback (most recent call last):\n  b\nz.Error: no valid context\n",
            "z.Error: no valid context",
        ),
        (
            "qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb"
            " platform plugin.\nFatal Python error: Aborted\n",
            "Aborted (From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb"
            " platform plugin.)",
        ),
        (
            "Traceback (most recent call last):\n  a\nE: no context\n"
            "Fatal Python error: Aborted\n\nCurrent thread\n\nExtension modules: numpy\n",
            "Aborted (E: no context)",
        ),
        ("Traceback (most recent call last):\n  cut off", "cut off"),
    ],
)
def test_the_telling_line_is_found(log: str, reason: str) -> None:
    assert reason_in(log) == reason


def test_an_end_as_it_should_be_needs_no_reason_and_a_long_one_is_cut() -> None:
    assert explain_exit(0, "WARNING: anything") == ""
    assert explain_exit(-9, "") == "the viewer was ended by signal 9 (SIGKILL)"
    assert explain_exit(2, "") == "the viewer failed with code 2"
    assert explain_exit(1, "x" * 5000).endswith("x…")
    assert len(explain_exit(None, "x" * 5000)) < 400
