"""Nothing is left on or let go of that nobody asked for: shutter, light, the hold of the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from run_sessions import At, items, plan, series, until

from parfocal.plan import OnTrouble
from parfocal.run import RunState
from parfocal.scope import Microscope
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState
SKIP = OnTrouble(action="skip")


@pytest.fixture(autouse=True)
def let_go(demo: Microscope) -> Any:
    """The microscope is shared: the next test finds it as this one did."""
    yield
    demo.core.enableContinuousFocus(False)


def test_a_paused_run_leaves_no_light_on(demo: Microscope, prepare: Prepare):
    two = {"stage_positions": [(0, 0, 0), (40, 0, 0)], "keep_shutter_open_across": ("p",)}
    once = {"time_plan": {"interval": 0.1, "loops": 1}}
    session: Session
    lit: list[bool] = []

    def look_and_pause() -> None:
        lit.append(demo.core.getShutterOpen())
        session.run.pause()

    session = prepare(plan(**two, **once), demo, sinks=(At((0, 0, 0, 0), look_and_pause),))
    session.run.start()
    until(lambda: session.run.status().state is s.PAUSED)
    assert (lit, demo.core.getShutterOpen()) == ([True], False)
    session.run.resume()
    assert session.run.wait(10)
    assert session.run.status().frames_stored == 2
    assert (demo.core.getShutterOpen(), demo.core.getAutoShutter()) == (False, True)


@pytest.mark.parametrize("fails", ["snapImage", "setZPosition"])
def test_no_light_is_left_on_behind_a_plane_that_was_skipped(
    fails: str, demo: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    core, calls = demo.core, 0
    monkeypatch.setattr(demo.engine, "use_hardware_sequencing", False)
    call = getattr(core, fails)

    def fail_the_last_plane(*values: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("no answer from the device")
        return call(*values)

    monkeypatch.setattr(core, fails, fail_the_last_plane)
    stack = {"z_plan": {"range": 4, "step": 2}, "keep_shutter_open_across": ("z",)}
    plan = items(series(loops=2, interval=60, **stack), on_trouble=SKIP)
    session = prepare(plan, demo)
    session.run.start()
    until(lambda: session.run.status().frames_skipped == 1)
    until(lambda: session.run.status().wait_remaining_s is not None)
    assert (core.getShutterOpen(), core.getAutoShutter()) == (False, True)
    session.run.cancel("enough")
    assert session.run.wait(30)
    assert session.run.status().state is s.CANCELLED


def test_an_autofocus_that_held_the_focus_holds_it_again(demo: Microscope, prepare: Prepare):
    core = demo.core
    held: list[bool] = []

    class Looks:
        name = "looks"

        def offer(self, _frame: Any) -> None:
            held.append(core.isContinuousFocusEnabled())

    core.enableContinuousFocus(True)
    focus = {"autofocus_plan": {"autofocus_motor_offset": None, "axes": ("t",)}}
    session = prepare(items(series(loops=3, interval=0.02, **focus)), demo, sinks=(Looks(),))
    session.run.execute()
    assert session.run.status().state is s.COMPLETED
    assert held == [True, True, True]
    assert core.isContinuousFocusEnabled()


@pytest.mark.parametrize("stopped", [False, True])
def test_the_focus_is_held_after_a_run_in_which_the_autofocus_failed_unless_it_was_stopped(
    stopped: bool, demo: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    core = demo.core

    def fails() -> None:
        if stopped:
            session.run.cancel("enough")
        raise RuntimeError("no surface in range")

    monkeypatch.setattr(core, "fullFocus", fails)
    core.enableContinuousFocus(True)
    focus = {"autofocus_plan": {"autofocus_motor_offset": None, "axes": ("t",)}}
    plan = items(series(loops=2, interval=0.02, **focus), on_trouble=SKIP)
    session = prepare(plan, demo)
    session.run.execute()
    assert core.isContinuousFocusEnabled() is not stopped
