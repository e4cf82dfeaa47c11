"""Measure how long a person waits for the window, in an empty home, and for a viewer."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from parfocal import ParfocalError
from parfocal.cli.bench._pairs import Row
from parfocal.cli.bench._process import scratch
from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from parfocal.viewer import (
    Viewer,
    ViewerState,
    keep_one_waiting,
    let_waiting_go,
    virtual_display,
)

__all__ = ["rows"]

WINDOW_S, VIEWER_S = 1.2, 2.0  # what is wanted, of a warm start on a computer with nothing else on
PATIENCE_S = 120.0
LOOK_S = 0.005
WAITS_S = 6.0  # for one that waits to be done with its imports
SIDE = 512

WINDOW_NOTE = (
    "an empty home, from the start of the process to its window's first picture, beside the "
    "{wanted} s that it may take; {cpu:.2f} s of it at work. After {settled:.2f} s every workspace "
    "is made, in steps of which the longest took {longest:.0f} ms. Medians of {runs} starts after "
    "one that warmed up; the fastest took {best:.2f} s"
)
VIEWER_NOTE = (
    "napari on a store of two planes, from the start of its process to ready (its first picture "
    "was drawn), beside the {wanted} s that it may take; {cpu:.2f} s at work, {memory:.0f} MB. It "
    "gives way to everything else. Medians of {runs} starts after one that warmed up; the fastest "
    "took {best:.2f} s"
)


WAITING_NOTE = "one that had waited, as the window keeps one; what it did before counts as work: "


@dataclass(frozen=True)
class _Window:
    painted: float
    cpu: float
    settled: float
    longest_ms: float


@dataclass(frozen=True)
class _Viewer:
    ready: float
    cpu: float
    memory: float


def rows(runs: int) -> list[Row]:
    """One row of the window, one of a viewer, one of a viewer that had waited."""
    with scratch() as folder, virtual_display():
        store = _store(folder / "two.ome.zarr")
        return [_window_row(folder, runs), _viewer_row(store, runs), _waiting_row(store, runs)]


def _window_row(folder: Path, runs: int) -> Row:
    starts = [_window(folder / f"home-{run}") for run in range(runs + 1)][1:]
    painted = median(one.painted for one in starts)
    note = WINDOW_NOTE.format(
        wanted=WINDOW_S,
        cpu=median(one.cpu for one in starts),
        settled=median(one.settled for one in starts),
        longest=median(one.longest_ms for one in starts),
        runs=runs,
        best=min(one.painted for one in starts),
    )
    return _row("window-start", painted, WINDOW_S, runs, note)


def _viewer_row(store: Path, runs: int) -> Row:
    starts = [_viewer(store) for _ in range(runs + 1)][1:]
    return _of_viewers("viewer-start", starts, VIEWER_NOTE)


def _waiting_row(store: Path, runs: int) -> Row:
    starts = []
    try:
        for _ in range(runs + 1):
            keep_one_waiting()
            time.sleep(WAITS_S)
            starts.append(_viewer(store))
    finally:
        let_waiting_go()
    return _of_viewers("viewer-start-waiting", starts[1:], WAITING_NOTE + VIEWER_NOTE)


def _of_viewers(name: str, starts: list[_Viewer], note: str) -> Row:
    ready = median(one.ready for one in starts)
    words = note.format(
        wanted=VIEWER_S,
        cpu=median(one.cpu for one in starts),
        memory=median(one.memory for one in starts),
        runs=len(starts),
        best=min(one.ready for one in starts),
    )
    return _row(name, ready, VIEWER_S, len(starts), words)


def _row(name: str, took: float, wanted: float, runs: int, note: str) -> Row:
    return Row(name, round(took, 2), wanted, "s", round(took / wanted, 4), "lower", runs, note)


def _window(home: Path) -> _Window:
    """Start the real window in a home of its own, and read in its log how it went."""
    own = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m"]
    command = own if len(own) == 1 else [*own, "parfocal"]
    places = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")}
    places |= {"XDG_STATE_HOME": str(home / "state"), "HOME": str(home)}
    home.mkdir()
    process = subprocess.Popen(
        [*command, "gui"],
        env={**os.environ, **places, "PARFOCAL_SEPARATE": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        told = _told(process, home)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    painted, cpu = re.findall(r"painted after ([\d.]+) s, ([\d.]+) s at work", told)[0]
    settled = re.findall(r"all workspaces after ([\d.]+) s", told)[0]
    longest = max(float(took) for took in re.findall(r"took (\d+) ms", told))
    return _Window(float(painted), float(cpu), float(settled), longest)


def _told(process: "subprocess.Popen[bytes]", home: Path) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        for log in home.rglob("parfocal.log"):
            text = log.read_text(encoding="utf-8")
            if "all workspaces after" in text:
                return text
        time.sleep(10 * LOOK_S)
    raise ParfocalError(f"the window did not open in {home} within {PATIENCE_S:.0f} s")


def _viewer(store: Path) -> _Viewer:
    viewer = Viewer("parfocal bench start")
    began = time.monotonic()
    viewer.start(store)
    try:
        while (status := viewer.status()).state is ViewerState.STARTING:
            time.sleep(LOOK_S)
        ready = time.monotonic() - began
        if status.state is not ViewerState.READY or status.pid is None:
            raise ParfocalError(f"the viewer did not start: {status.problem}")
        child = psutil.Process(status.pid)
        worked = child.cpu_times()
        return _Viewer(ready, worked.user + worked.system, child.memory_info().rss / 1e6)
    finally:
        viewer.close()


def _store(path: Path) -> Path:
    planned = [(0, 0, c, 0) for c in range(2)]
    spec = RecordingSpec(
        "two",
        [FieldInfo("field", (0.0, 0.0, 0.0))],
        [ChannelInfo("DAPI"), ChannelInfo("FITC", "00FF00")],
        planned,
        [0.0, 0.0],
        (SIDE, SIDE),
        "uint16",
        voxel_um=(1.0, 0.5, 0.5),
    )
    recording = Recording.create(path, spec)
    for index in planned:
        recording.put(index, np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE))
    recording.close()
    return path
