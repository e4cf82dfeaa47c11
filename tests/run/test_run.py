"""A run takes every frame of its plan, says the truth about itself, and ends as it says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from run_sessions import STACKS, Eye, plan, states_of

from parfocal.plan import demo_experiment
from parfocal.run import Run, RunState, RunStatus
from parfocal.run._feed import Feed
from parfocal.run._program import Program
from parfocal.run._shared import Shared
from parfocal.run._state import Control
from parfocal.scope import Frame, Microscope
from parfocal.store import StoreReader, info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState


def test_every_planned_frame_is_stored_and_shown_in_order(demo: Microscope, prepare: Prepare):
    eye = Eye()
    session = prepare(plan(**STACKS), demo, live=True, sinks=(eye,))
    states = states_of(session)
    session.run.execute()
    status = session.run.status()
    assert states == [s.PREPARING, s.RUNNING, s.FINISHING, s.COMPLETED]
    assert (status.state, status.reason, status.errors, status.fatal) == (s.COMPLETED, "", (), None)
    counts = (status.frames_expected, status.frames_fed, status.frames_acquired)
    assert (*counts, status.frames_stored, status.frames_skipped) == (36, 36, 36, 36, 0)
    assert (status.event, status.events, status.field, status.fields) == (6, 6, 2, 2)
    assert eye.seen == list(session.run.schedule.planned())
    assert status.live_published + status.live_dropped == 36
    assert status.live_published > 0
    stored = info(session.run.store)
    assert (stored.state, stored.acquired, stored.missing) == ("completed", 36, 0)


def test_the_first_frame_is_the_start_and_has_no_lag(demo: Microscope, prepare: Prepare):
    session: Session
    lags: list[float | None] = []

    class Asks:
        name = "asks"

        def offer(self, _frame: Frame) -> None:
            lags.append(session.run.status().lag_ms)

    session = prepare(plan(time_plan={"interval": 0.1, "loops": 3}), demo, sinks=(Asks(),))
    session.run.execute()
    status = session.run.status()
    assert lags[0] == 0
    assert all(lag is not None and lag >= 0 for lag in lags)
    assert status.lag_p50_ms <= status.lag_p95_ms <= status.lag_max_ms
    assert status.started_utc < status.finished_utc
    assert status.elapsed_s >= 0.2
    assert status.mb_per_s > 0
    assert status.free_bytes > 0


def test_nothing_goes_out_before_it_is_due(demo: Microscope, prepare: Prepare):
    interval = 0.12
    times: list[float] = []

    class Watch:
        name = "watch"

        def offer(self, frame: Frame) -> None:
            times.append(frame.metadata["started_s"])

    session = prepare(plan(time_plan={"interval": interval, "loops": 5}), demo, sinks=(Watch(),))
    session.run.execute()
    assert len(times) == 5
    for number, moment in enumerate(times):
        assert moment - times[0] >= number * interval - 0.001


def test_counters_never_overtake_each_other(demo_camera: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 0, "loops": 300}), demo_camera)
    session.run.start()
    statuses: list[RunStatus] = []
    while not session.run.wait(0.001):
        statuses.append(session.run.status())
    statuses.append(session.run.status())
    for status in statuses:
        assert status.frames_stored <= status.frames_acquired <= status.frames_fed <= 300
    for earlier, later in pairwise(statuses):
        assert earlier.frames_fed <= later.frames_fed
        assert earlier.frames_stored <= later.frames_stored
    assert statuses[-1].frames_stored == 300


def test_what_is_due_at_once_is_sequenced_by_the_hardware(
    demo_camera: Microscope, prepare: Prepare
):
    triggered: list[bool] = []

    class Kind:
        name = "kind"

        def offer(self, frame: Frame) -> None:
            triggered.append(frame.metadata["hardware_triggered"])

    at_once = prepare(plan(time_plan={"interval": 0, "loops": 20}), demo_camera, sinks=(Kind(),))
    at_once.run.execute()
    assert triggered == [True] * 20
    triggered.clear()
    spaced = prepare(plan(time_plan={"interval": 0.02, "loops": 5}), demo_camera, sinks=(Kind(),))
    spaced.run.execute()
    assert len(triggered) == 5
    assert not triggered[0]


@pytest.mark.parametrize("interval", [0, 0.01])
def test_what_is_stored_is_what_the_camera_gave(
    interval: float, demo_camera: Microscope, prepare: Prepare
):
    seen: dict[tuple[int, ...], np.ndarray] = {}

    class Keeps:
        name = "keeps"

        def offer(self, frame: Frame) -> None:
            seen[tuple(frame.tag.index)] = frame.pixels.copy()

    experiment = plan(
        time_plan={"interval": interval, "loops": 8},
        channels=[{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 1}],
    )
    session = prepare(experiment, demo_camera, sinks=(Keeps(),))
    session.run.execute()
    store = StoreReader(session.run.store)
    assert len(seen) == 16
    assert len({pixels.tobytes() for pixels in seen.values()}) >= 8  # the stripes move
    for index, pixels in seen.items():
        np.testing.assert_array_equal(store.plane(index), pixels)


def test_a_span_ends_where_an_event_ends(demo_camera: Microscope, prepare: Prepare):
    session = prepare(
        plan(time_plan={"interval": 0, "loops": 12}, z_plan={"range": 4, "step": 1}), demo_camera
    )
    control = Control(lambda: None)
    control.go(s.PREPARING)
    shared = Shared(Program(session.run.plan, session.run.schedule), session.recording, control)
    feed = Feed(shared, demo_camera, "catch-up")
    feed.spans.camera_buffer = 8
    # else a pause would wait until an end of 8 frames is an end of 5
    spans = list(feed.events())
    assert [len(span.events) for span in spans] == [5] * 12
    # a series is laid out once, and each event still says its own timepoint
    for t, span in enumerate(spans):
        assert {event.index["t"] for event in span.events} == {t}


def test_the_store_knows_scale_places_and_plan(demo: Microscope, prepare: Prepare):
    session = prepare(plan(**STACKS), demo)
    session.run.execute()
    stored = info(session.run.store).as_json()
    assert stored["voxel_size_um"] == {"z": 2.0, "y": 0.5, "x": 0.5}
    # of the first pixel: the stage stood at (0, 0) and (40, 0), in the middle of 64 × 64 pixels
    corner = -31.5 * 0.5
    assert stored["origins_um"] == [
        {"z": -2.0, "y": corner, "x": corner},
        {"z": -2.0, "y": corner, "x": 40 + corner},
    ]
    assert stored["channels"] == ["DAPI", "FITC"]
    plane = StoreReader(session.run.store).plane((2, 1, 1, 2))
    assert plane.shape == (64, 64)
    assert plane.any()


def test_the_demo_fits_its_promise(demo: Microscope, prepare: Prepare):
    session = prepare(demo_experiment(), demo)
    assert session.run.status().frames_expected == 160
    assert session.run.status().scheduled_s == session.run.schedule.duration_s


def test_any_thread_may_ask_while_it_runs(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 0.01, "loops": 20}), demo)
    slowest = 0.0
    stop = threading.Event()

    def ask() -> None:
        nonlocal slowest
        while not stop.is_set():
            began = time.perf_counter()
            session.run.status()
            slowest = max(slowest, time.perf_counter() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    session.run.execute()
    stop.set()
    asking.join()
    assert session.run.status().state is s.COMPLETED
    assert slowest < 1.0


def test_importing_run_loads_no_qt():
    code = (
        "import sys, parfocal.run, parfocal.wiring\n"
        "found = [name for name in sys.modules if name.split('.')[0] in"
        " ('PyQt6', 'PySide6', 'qtpy', 'napari', 'vispy', 'pyqtgraph', 'pymmcore_widgets')]\n"
        "sys.exit(repr(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_run_needs_no_wiring(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo)
    # the session's own run stays unused
    run = Run(session.run.experiment, demo, session.recording)
    run.start()
    assert run.wait(10)
    assert run.status().state is s.COMPLETED
    assert run.store == session.recording.path


@pytest.mark.parametrize("backend", ["qt", "psygnal"])
def test_frames_come_whatever_the_signals_and_the_order_of_imports(backend: str, tmp_path: Path):
    """With a QApplication and its thread waiting: pymmcore-plus' own signals then bring nothing."""
    code = (
        "import pymmcore_widgets\n"
        "from PyQt6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from run_sessions import plan\n"
        "from parfocal.scope import open_microscope\n"
        "from parfocal.wiring import prepare_run\n"
        "microscope = open_microscope('demo', camera_size=(32, 32))\n"
        "experiment = plan(time_plan={'interval': 0.01, 'loops': 7})\n"
        "session = prepare_run(experiment, microscope, Path(sys.argv[2]), live=False)\n"
        "session.run.start(); session.run.wait(20)\n"
        "status = session.run.status()\n"
        "session.close(); microscope.close()\n"
        "print(status.state, status.frames_stored)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "a.ome.zarr")],
        env={**os.environ, "PYMM_SIGNALS_BACKEND": backend, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["completed", "7"], done.stderr
