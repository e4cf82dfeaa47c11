"""A camera or stage that fails is skipped, tried again or ends the run, as the plan says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from faulty_devices import SIDE, Blocking, NeverThere, OddCamera, load
from run_sessions import items, series, until

from parfocal.plan import OnTrouble
from parfocal.run import RunState
from parfocal.scope import Microscope, MicroscopeState, open_microscope
from parfocal.store import StoreReader, info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState


class StuckAt(NeverThere):
    """A stage that arrives everywhere but at one place."""

    def __init__(self, x: float) -> None:
        super().__init__()
        self._stuck = x

    def set_position_um(self, x: float, y: float) -> None:
        super().set_position_um(x, y)
        if x != self._stuck:
            self.stop()


@pytest.fixture
def microscope() -> Iterator[Microscope]:
    opened = open_microscope("demo", camera_size=(32, 32))
    yield opened
    opened.close()


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a device waits for that does not answer; it does when the test is over."""
    released = threading.Event()
    yield released
    released.set()


def rule(action: str, **values: Any) -> OnTrouble:
    return OnTrouble.model_validate({"action": action, "deadline": 0.3, **values})


def missing(store: Path) -> list[dict[str, Any]]:
    """What the store says of the frames that did not come."""
    rows: list[dict[str, Any]] = pq.read_table(
        store / "parfocal" / "run" / "missing.parquet"
    ).to_pylist()
    return rows


class FailsBefore:
    """A sink that has the camera fail the snaps that follow the frame of `timepoint`."""

    name = "fails"

    def __init__(self, camera: OddCamera, timepoint: int, snaps: int) -> None:
        self._camera, self._timepoint, self._snaps = camera, timepoint, snaps

    def offer(self, frame: Any) -> None:
        if frame.tag.index[0] == self._timepoint:
            self._camera.fails = self._snaps


@pytest.mark.parametrize(
    ("action", "snaps", "state", "stored", "skipped"),
    [
        ("abort", 1, s.FAILED, 2, 0),
        ("skip", 1, s.COMPLETED, 3, 1),
        ("retry", 2, s.COMPLETED, 4, 0),
        ("retry", 3, s.COMPLETED, 3, 1),
    ],
)
def test_a_camera_that_raises(
    action: str,
    snaps: int,
    state: RunState,
    stored: int,
    skipped: int,
    microscope: Microscope,
    prepare: Prepare,
):
    camera = OddCamera()
    load(microscope, "Odd", camera)
    plan = items(series(loops=4, interval=0.02), on_trouble=rule(action, retries=2))
    session = prepare(plan, microscope, sinks=(FailsBefore(camera, 1, snaps),))
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.frames_stored, status.frames_skipped) == (state, stored, skipped)
    kept = info(session.run.store)
    assert kept.acquired == stored
    if state is s.FAILED:
        assert "the link is down" in status.reason
        assert kept.state == "interrupted"
        return
    assert stored + skipped == status.frames_expected
    assert sum(error.count for error in status.errors) == snaps
    if skipped:
        (row,) = missing(session.run.store)
        assert (row["t"], "the link is down" in row["reason"]) == (2, True)
        assert status.reason.startswith("1 of 4 frames were skipped: ")


def test_a_stage_that_times_out_costs_its_field(microscope: Microscope, prepare: Prepare):
    load(microscope, "Table", StuckAt(40.0))
    two = {"stage_positions": [(0, 0, 0), (40, 0, 0)]}
    plan = items(series(loops=2, interval=0.02, **two), on_trouble=rule("skip"))
    session = prepare(plan, microscope)
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.frames_stored, status.frames_skipped) == (s.COMPLETED, 2, 2)
    assert [(row["t"], row["p"]) for row in missing(session.run.store)] == [(0, 1), (1, 1)]
    assert all("0.3 s" in row["reason"] for row in missing(session.run.store))
    assert status.event == status.events == 4


def test_a_run_that_skips_everything_has_failed(microscope: Microscope, prepare: Prepare):
    load(microscope, "Table", NeverThere())
    plan = items(series(loops=2, interval=0, stage_positions=[(9, 9)]), on_trouble=rule("skip"))
    session = prepare(plan, microscope)
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.frames_stored) == (s.FAILED, 0)
    assert status.reason.startswith("no frame came: 2 of 2 frames were skipped: ")


@pytest.mark.parametrize(("action", "state"), [("abort", s.FAILED), ("skip", s.COMPLETED)])
def test_a_frame_of_another_size_in_mid_run(
    action: str, state: RunState, microscope: Microscope, prepare: Prepare
):
    camera = OddCamera()
    camera.odd[2] = (4, 5)
    load(microscope, "Odd", camera)
    plan = items(series(loops=5, interval=0), on_trouble=rule(action))
    session = prepare(plan, microscope)
    session.run.execute()
    status = session.run.status()
    assert status.state is state
    assert "5 × 4 pixels" in status.reason
    if state is s.COMPLETED:
        assert (status.frames_stored, status.frames_skipped) == (4, 1)
        assert [row["t"] for row in missing(session.run.store)] == [2]
        assert StoreReader(session.run.store).plane((3, 0, 0, 0)).shape == (SIDE, SIDE)


def ends_within_a_second(session: Session) -> float:
    began = time.perf_counter()
    session.run.cancel("enough")
    assert session.run.wait(5)
    took = time.perf_counter() - began
    assert took < 1.0
    status = session.run.status()
    assert status.state is s.CANCELLED
    assert status.reason.startswith("enough")
    assert info(session.run.store).state == "interrupted"
    return took


def test_a_call_that_never_returns_is_abandoned_by_a_cancel(
    microscope: Microscope, prepare: Prepare
):
    focus = Blocking()
    focus.release.set()
    load(microscope, "Drive", focus)
    plan = items(series(loops=3, interval=0.05, stage_positions=[(0, 0, 1)]))
    session = prepare(plan, microscope)
    focus.release.clear()
    session.run.start()
    until(focus.asked.is_set)
    ends_within_a_second(session)
    assert microscope.state is MicroscopeState.NOT_ANSWERING
    assert "is not answering" in session.run.status().reason
    assert any("is not answering" in error.message for error in session.run.status().errors)
    focus.release.set()
    until(lambda: microscope.state is MicroscopeState.OPEN)
    after = prepare(plan, microscope)
    after.run.execute()
    assert (after.run.status().state, after.run.status().frames_stored) == (s.COMPLETED, 3)


def test_cancel_in_an_autofocus_that_blocks(
    microscope: Microscope,
    prepare: Prepare,
    never: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
):
    core = microscope.core
    asked = threading.Event()

    def block() -> None:
        asked.set()
        never.wait(20)

    monkeypatch.setattr(core, "fullFocus", block)
    monkeypatch.setattr(core, "getAutoFocusDevice", lambda: "Autofocus")
    focus = {"autofocus_plan": {"autofocus_motor_offset": None, "axes": ("t",)}}
    session = prepare(items(series(loops=2, interval=0.05, **focus)), microscope)
    session.run.start()
    assert asked.wait(5)
    ends_within_a_second(session)


FAULTS: dict[str, Callable[[Any], tuple[str, Callable[..., Any]]]] = {
    "a stage": lambda core: ("setXYPosition", core.setXYPosition),
    "a focus drive": lambda core: ("setZPosition", core.setZPosition),
    "a snap": lambda core: ("snapImage", core.snapImage),
    "a channel": lambda core: ("setConfig", core.setConfig),
    "an exposure": lambda core: ("setExposure", core.setExposure),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_raises_is_never_a_completed_run(
    what: str, microscope: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    name, call = FAULTS[what](microscope.core)
    broken = threading.Event()

    def fail(*values: Any) -> Any:
        if broken.is_set():
            raise RuntimeError("no answer from the device")
        return call(*values)

    class Breaks:
        name = "breaks"

        def offer(self, frame: Any) -> None:
            if frame.tag.index == (0, 1, 1, 0):
                broken.set()

    monkeypatch.setattr(microscope.core, name, fail)
    channels = [{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 2}]
    places = [(0, 0, 0), (40, 0, 5)]
    plan = items(series(loops=3, interval=0.01, channels=channels, stage_positions=places))
    session = prepare(plan, microscope, sinks=(Breaks(),))
    session.run.execute()
    broken.clear()
    status = session.run.status()
    assert status.state is s.FAILED
    assert "no answer from the device" in status.reason
    assert status.frames_stored == status.frames_acquired == 4
    assert info(session.run.store).state == "interrupted"
