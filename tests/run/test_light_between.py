"""Between two events that a plan keeps light on for, nothing stays lit that waits."""

from __future__ import annotations

from collections.abc import Callable

from run_sessions import At, plan, until

from parfocal.run import RunState
from parfocal.scope import Microscope
from parfocal.wiring import Session

Prepare = Callable[..., Session]


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
    until(lambda: session.run.status().state is RunState.PAUSED)
    assert (lit, demo.core.getShutterOpen()) == ([True], False)
    session.run.resume()
    assert session.run.wait(10)
    assert session.run.status().frames_stored == 2
    assert (demo.core.getShutterOpen(), demo.core.getAutoShutter()) == (False, True)
