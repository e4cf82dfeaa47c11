"""Frames arrive whatever was imported first, whichever signals are used, with and without Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

ACQUIRE = """
import threading, time
frames = []
microscope = open_microscope({profile!r}, camera_size=(64, 64))
microscope.engine.on_frame = lambda frame: frames.append((frame.index, threading.current_thread()))
def event(t):
    tag = FrameTag((t, 0, 0, 0), "imaging", t, t)
    return MDAEvent(channel="DAPI", exposure=1, metadata=dict(parfocal=tag))
def work():
    microscope.core.mda.run(event(t) for t in range(5))
    microscope.core.mda.run(microscope.engine.event_iterator([event(t) for t in range(5, 10)]))
thread = threading.Thread(target=work)
thread.start()
thread.join(30)  # the main thread waits and runs no event loop
assert [index[0] for index, _ in frames] == list(range(10)), frames
assert {{who for _, who in frames}} == {{thread}}
microscope.live.start()
deadline = time.monotonic() + 10
while microscope.live.newest() is None:
    assert time.monotonic() < deadline, microscope.live.problem
    time.sleep(0.01)
microscope.stages.move_z(3)
microscope.close()
print("all came")
"""
SCOPE = "from parfocal.scope import FrameTag, open_microscope\nfrom useq import MDAEvent\n"
WIDGETS = "import pymmcore_widgets\n"  # it sets the backend to qt when it is imported
APPLICATION = "from PyQt6.QtWidgets import QApplication\napplication = QApplication(['parfocal'])\n"
ORDERS = {
    "no Qt": SCOPE,
    "Qt loaded first": APPLICATION + SCOPE,
    "Qt loaded last": SCOPE + APPLICATION,
    "widgets first": WIDGETS + SCOPE + APPLICATION,
    "widgets last": SCOPE + APPLICATION + WIDGETS,
    "widgets and no application": WIDGETS + SCOPE,
}
Case = tuple[str, str | None, str]
EVERY: list[Case] = [
    (order, backend, profile)
    for order in ORDERS
    for backend in (None, "psygnal", "qt")
    for profile in ("demo", "demo-camera")
    # Qt's own backend without Qt at all is refused by pymmcore-plus, not by us
    if (order, backend) != ("no Qt", "qt")
]
CASES: list[Case] = [
    *((order, None, "demo") for order in ORDERS),
    ("Qt loaded first", "psygnal", "demo"),
    ("Qt loaded last", "qt", "demo-camera"),
    ("widgets last", "psygnal", "demo-camera"),
    ("widgets and no application", "qt", "demo"),
]


def acquire(case: Case) -> tuple[int, str, str]:
    order, backend, profile = case
    environment = {key: value for key, value in os.environ.items() if "PYMM_SIGNALS" not in key}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    if backend is not None:
        environment["PYMM_SIGNALS_BACKEND"] = backend
    done = subprocess.run(
        [sys.executable, "-c", ORDERS[order] + ACQUIRE.format(profile=profile)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def outcomes(cases: list[Case]) -> dict[Case, tuple[int, str, str]]:
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(cases, pool.map(acquire, cases), strict=True))


@pytest.fixture(scope="module")
def some() -> dict[Case, tuple[int, str, str]]:
    return outcomes(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(str(part) for part in case))
def test_frames_arrive_and_the_process_leaves_cleanly(some, case: Case) -> None:
    returncode, said, complained = some[case]
    assert said.strip() == "all came", complained
    assert returncode == 0, complained


@pytest.mark.soak
def test_frames_arrive_in_every_combination() -> None:
    for case, (returncode, said, complained) in outcomes(EVERY).items():
        assert (returncode, said.strip()) == (0, "all came"), (case, complained)
