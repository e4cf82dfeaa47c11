"""Where napari opens: in a plain script here, beside a Qt application or a thread in a child."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from parfocal.cli.verbs import view
from parfocal.viewer import OpenViewers, RingAddress, Viewer, ViewerError, launch
from parfocal.viewer import _host as host
from viewer.cells import record
from viewer.waiting import eventually
from viewer.windowless import left_outside, spawn

POLICY = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from parfocal.viewer import ViewerError, chosen_launch
if sys.argv[1] != "none":
    from PyQt6.QtCore import QCoreApplication
if sys.argv[1] == "alive":
    application = QCoreApplication([])
def choose(how):
    try:
        return chosen_launch(how)
    except ViewerError as refusal:
        return str(refusal)
with ThreadPoolExecutor(1) as pool:
    there = [pool.submit(choose, how).result() for how in ("auto", "child", "in-process")]
print(json.dumps([[choose(how) for how in ("auto", "child", "in-process")], there,
    [name for name in sys.modules if name.startswith(("PyQt6", "napari", "qtpy"))]]))
"""
IN_PROCESS = """
import signal, sys
from pathlib import Path
def close(*_):
    widgets = sys.modules.get("PyQt6.QtWidgets")
    if not hasattr(widgets, "QMainWindow") or widgets.QApplication.instance() is None:
        return
    for window in widgets.QApplication.topLevelWidgets():
        if isinstance(window, widgets.QMainWindow) and window.isVisible():
            signal.setitimer(signal.ITIMER_REAL, 0)
            print(window.windowTitle(), flush=True)
            # as a click on its cross comes: in the midst of a paint, where this may stand, no
            # window can be closed, and Qt falls
            sys.modules["PyQt6.QtCore"].QTimer.singleShot(0, window.close)
signal.signal(signal.SIGALRM, close)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
from parfocal.viewer import launch
print(launch(Path(sys.argv[1]), title="here"))
"""


@pytest.mark.parametrize("qt", ["none", "imported", "alive"])
def test_auto_is_this_process_in_a_plain_script_and_a_child_beside_qt_or_in_a_thread(
    qt: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", POLICY, qt], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    here, there, imported = json.loads(done.stdout)
    assert here == ["child" if qt == "alive" else "in-process", "child", "in-process"]
    assert there[:2] == ["child", "child"]
    assert "from its main thread only" in there[2]
    assert (imported == []) == (qt == "none")  # looking for Qt does not import it


def test_a_script_that_launches_here_goes_on_when_the_window_was_closed(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESS, str(store)], capture_output=True, text=True, timeout=90
    )
    assert (done.returncode, done.stdout.splitlines()) == (0, ["here", "None"]), done.stderr


def test_launch_in_a_thread_starts_a_child_and_returns_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "take_or_start", spawn)
    launched: list[Viewer | None] = []
    thread = threading.Thread(target=lambda: launched.append(launch(Path("/data/a.ome.zarr"))))
    thread.start()
    thread.join()
    (viewer,) = launched
    assert viewer is not None
    assert (viewer.title, viewer.store) == ("a.ome.zarr", Path("/data/a.ome.zarr"))
    viewer.close()


def test_ctrl_c_closes_a_window_in_process_without_a_traceback(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    with subprocess.Popen(
        [sys.executable, "-m", "parfocal", "view", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as verb:
        process = psutil.Process(verb.pid)
        assert eventually(lambda: window_is_up(process), 60)
        assert not [child for child in process.children() if "--child=viewer" in child.cmdline()]
        verb.send_signal(signal.SIGINT)
        said, errors = verb.communicate(timeout=30)
    assert verb.returncode == 130
    assert "Traceback" not in errors
    assert said == ""


def window_is_up(process: psutil.Process) -> bool:
    # llvmpipe's threads draw; before the canvas is there, there are none
    time.sleep(0.2)
    names = {
        Path(f"/proc/{process.pid}/task/{thread.id}/comm").read_text().strip()
        for thread in process.threads()
    }
    return any(name.startswith("llvmpipe") for name in names)


def test_the_verb_says_what_auto_is() -> None:
    import argparse

    parser = argparse.ArgumentParser()
    view.add_arguments(parser)
    assert "auto: in this one, and for --shot in its own" in " ".join(parser.format_help().split())


def test_however_often_and_from_wherever_a_store_is_opened_it_gets_one_viewer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(spawn())
        return started[-1]

    monkeypatch.setattr(host, "take_or_start", start)
    viewers, store = OpenViewers(), Path("/data/a.ome.zarr")
    at_once = threading.Barrier(6)
    opened: list[tuple[Viewer, bool]] = []

    def press() -> None:
        at_once.wait()
        opened.append(viewers.open(store))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({viewer for viewer, _ in opened}) == len(started) == 1
    assert sorted(new for _, new in opened) == [False] * 5 + [True]

    (first,) = viewers.viewers()
    live = RingAddress("/proc/1/fd/9", "00" * 16)
    following, _ = viewers.open(store, live)  # the first cannot show live frames
    assert viewers.open(store, live) == (following, False)
    named, _ = viewers.open(store, title="beside it")
    other, _ = viewers.open(Path("/data/b.ome.zarr"))
    assert viewers.viewers() == (first, following, named, other)
    first.close()
    following.close()
    again, new = viewers.open(store)  # those that have ended show nothing any more
    assert new
    assert again not in (first, following)
    for viewer in viewers.viewers():
        viewer.close()
        viewers.remove(viewer)
    assert viewers.viewers() == ()
    assert left_outside() == []


def test_a_start_that_is_refused_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    viewers = OpenViewers()
    with pytest.raises(ViewerError, match="there is no display"):
        viewers.open(Path("/data/a.ome.zarr"))
    assert viewers.viewers() == ()


def test_starting_waits_for_nothing_of_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "take_or_start", lambda: spawn(120.0, "hangs"))
    viewer = Viewer()
    began = time.monotonic()
    viewer.start(tmp_path)
    for _ in range(80):
        viewer.request("settle", note="x" * 5000)
    assert time.monotonic() - began < 3  # a start of Python alone takes longer on a busy machine
    status = viewer.status()
    assert (str(status.state), status.queued) == ("starting", 64)
    assert os.getpgid(os.getpid())
    viewer.close(timeout=0.2)
