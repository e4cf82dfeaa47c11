"""Whatever breaks, a run says how it ended, keeps what came and leaves its microscope free."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest
from pymmcore_plus.mda import MDARunner
from run_sessions import STACKS, Eye, plan, until

from parfocal.run import RunRefused, RunState, RunStatus, SinkCounts
from parfocal.scope import Frame, FrameTag, Microscope
from parfocal.store import info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState


def test_a_sink_that_breaks_is_counted_and_costs_nothing(demo: Microscope, prepare: Prepare):
    class Broken:
        name = "broken viewer"

        def offer(self, _frame: Frame) -> None:
            raise ZeroDivisionError("no pixels per second")

        def counts(self) -> SinkCounts:
            return SinkCounts(1, 2)

    eye = Eye()
    session = prepare(plan(time_plan={"interval": 0, "loops": 4}), demo, sinks=(Broken(), eye))
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.frames_stored, len(eye.seen)) == (s.COMPLETED, 4, 4)
    (error,) = status.errors
    assert (error.source, error.type, error.count) == ("broken viewer", "ZeroDivisionError", 4)
    assert "offer" in error.traceback
    assert (status.live_published, status.live_dropped) == (1, 2)


def test_a_status_callback_that_breaks_is_counted_too(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo)

    def break_down(status: RunStatus) -> None:
        raise KeyError("closed window")

    session.run.on_status(break_down)
    session.run.execute()
    status = session.run.status()
    assert status.state is s.COMPLETED
    assert status.errors[0].source == "status callback"


def test_a_stage_that_fails_ends_the_run_failed_and_keeps_what_came(
    demo: Microscope, prepare: Prepare
):
    core = demo.core
    stage = core.getXYStageDevice()

    class PullsTheCable:
        name = "cable"

        def offer(self, frame: Frame) -> None:
            if frame.tag.index == (1, 0, 0, 0):
                core.setXYStageDevice("")

    session = prepare(plan(**STACKS), demo, sinks=(PullsTheCable(),))
    try:
        session.run.execute()
    finally:
        core.setXYStageDevice(stage)
    status = session.run.status()
    assert status.state is s.FAILED
    assert "stage" in status.reason
    assert status.fatal is not None
    # the stage is moved for the next channel's stack
    assert status.frames_acquired == status.frames_stored == 15
    stored = info(session.run.store)
    assert (stored.state, stored.acquired, stored.missing) == ("interrupted", 15, 21)
    assert not demo.engine.on_frame


def test_a_disk_that_fails_ends_the_run_failed(demo_camera: Microscope, prepare: Prepare):
    experiment = plan(time_plan={"interval": 0, "loops": 400})
    session = prepare(experiment, demo_camera, budget_bytes=8 * 2**20)
    # a file where TensorStore wants to make a folder: every shard's write fails
    (session.run.store / "A" / "1" / "0" / "0" / "c").write_text("in the way")
    session.run.execute()
    status = session.run.status()
    assert status.state is s.FAILED
    assert str(session.run.store) in status.reason
    assert status.fatal is not None
    assert status.fatal.source == "store"
    assert status.frames_acquired < 400
    stored = info(session.run.store)
    assert (stored.state, stored.ended_as) == ("interrupted", "failed")


def test_a_runner_that_ends_early_is_not_believed(
    demo: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    run = MDARunner.run
    monkeypatch.setattr(MDARunner, "run", lambda self, events: run(self, islice(events, 2)))
    session = prepare(plan(time_plan={"interval": 0.01, "loops": 5}), demo)
    session.run.execute()
    status = session.run.status()
    assert status.state is s.FAILED
    assert status.reason == "3 of 5 frames never came from the camera"
    assert info(session.run.store).acquired == 2


def test_a_completed_run_that_misses_frames_says_so(
    demo_camera: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    core = demo_camera.core
    start = core.startSequenceAcquisition
    shorter: Callable[..., None] = lambda number, *rest: start(number - 3, *rest)  # noqa: E731
    monkeypatch.setattr(core, "startSequenceAcquisition", shorter)
    session = prepare(plan(time_plan={"interval": 0, "loops": 20}), demo_camera)
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.frames_stored, status.frames_skipped) == (s.COMPLETED, 17, 3)
    assert status.reason == "3 of 20 frames were not delivered by the camera"
    assert info(session.run.store).reason == status.reason


def test_an_engine_stopped_by_somebody_else_is_no_completed_run(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 0.05, "loops": 40}), demo)
    session.run.start()
    until(lambda: session.run.status().frames_acquired > 1)
    demo.engine.stop_now()
    assert session.run.wait(5)
    assert session.run.status().state is s.FAILED
    assert "frames never came" in session.run.status().reason
    stored = info(session.run.store)
    assert (stored.state, stored.ended_as) == ("interrupted", "failed")


def test_a_late_callback_of_an_ended_run_changes_nothing(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo)
    kept: list[Callable[[Frame], None]] = []
    session.run.on_status(lambda _: kept.append(demo.engine.on_frame))
    session.run.execute()
    before = session.run.status()
    on_frame = next(callback for callback in kept if callback is not None)
    late = FrameTag((0, 0, 0, 0), "imaging", 0, 0)
    on_frame(Frame(late, np.zeros((64, 64), np.uint16), {}))
    session.run.pause()
    session.run.cancel("too late")
    session.run.resume()
    assert session.run.status() == before


def test_a_run_runs_once_and_has_its_microscope_to_itself(demo: Microscope, prepare: Prepare):
    first = prepare(plan(time_plan={"interval": 30, "loops": 2}), demo)
    second = prepare(plan(), demo)
    first.run.start()
    until(lambda: first.run.status().frames_acquired == 1)
    with pytest.raises(RunRefused, match="already started"):
        first.run.start()
    with pytest.raises(RunRefused, match="already started"):
        first.run.execute()
    second.run.execute()
    assert second.run.status().state is s.FAILED
    assert "already in a run" in second.run.status().reason
    first.run.cancel()
    assert first.run.wait(5)
    assert first.run.status().state is s.CANCELLED


def test_a_run_that_never_began_leaves_nothing(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo, live=True)
    assert session.run.store.exists()
    assert session.live is not None
    session.close()
    session.close()
    assert session.run.status().state is s.CANCELLED
    assert session.run.wait(0)
    assert not session.run.store.exists()
    session.run.execute()
    assert not session.run.store.exists()


def test_a_session_that_is_closed_ends_its_run(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 30, "loops": 2}), demo)
    session.run.start()
    until(lambda: session.run.status().frames_stored + session.run.status().frames_acquired > 0)
    session.close()
    assert session.run.status().state is s.CANCELLED
    assert info(session.run.store).acquired == 1
