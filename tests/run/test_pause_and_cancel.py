"""A pause takes effect between events and costs no pixel; a cancel takes effect within a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from run_sessions import At, Starts, cancelled_within_a_second, plan, states_of, until

from parfocal.run import RunState
from parfocal.scope import Frame, Microscope
from parfocal.store import StoreReader
from parfocal.store._shards import Shard
from parfocal.store._writer import ShardWriter
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState

STACKS = {
    "time_plan": {"interval": 0.1, "loops": 4},
    "stage_positions": [(0, 0, 0), (40, 0, 0)],
    "channels": [{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 1}],
    "z_plan": {"range": 4, "step": 2},
}


def test_a_paused_run_stores_the_very_same_pixels(demo: Microscope, prepare: Prepare):
    plain = prepare(plan(**STACKS), demo)
    plain.run.execute()
    session: Session
    session = prepare(plan(**STACKS), demo, sinks=(At((1, 0, 0, 1), lambda: session.run.pause()),))
    states = states_of(session)
    session.run.start()
    until(lambda: session.run.status().state is s.PAUSED)
    paused = session.run.status()
    # in the middle of a stack: it is finished first
    assert (paused.event, paused.frames_acquired) == (3, 18)
    time.sleep(0.3)
    assert session.run.status().frames_acquired == 18
    session.run.resume()
    assert session.run.wait(10)
    assert states == [
        s.PREPARING, s.RUNNING, s.PAUSING, s.PAUSED, s.RUNNING, s.FINISHING, s.COMPLETED,
    ]  # fmt: skip
    with_pause, without = StoreReader(session.run.store), StoreReader(plain.run.store)
    for index in session.run.schedule.planned():
        np.testing.assert_array_equal(with_pause.plane(index), without.plane(index))


@pytest.mark.parametrize("policy", ["catch-up", "shift"])
def test_a_paused_run_never_says_that_nothing_is_left(
    policy: str, demo: Microscope, prepare: Prepare
):
    session = prepare(plan(policy, time_plan={"interval": 0.1, "loops": 5}), demo)
    run = session.run
    run.start()
    until(lambda: run.status().frames_acquired > 0)
    run.pause()
    until(lambda: run.status().state is s.PAUSED)
    before = run.status()
    time.sleep(0.6)  # past the end of the schedule
    after = run.status()
    unseen = after.frames_expected - after.frames_acquired
    assert unseen > 0
    if policy == "shift":
        assert after.remaining_s == pytest.approx(before.remaining_s, abs=0.05)
    else:
        assert 0 < after.remaining_s < before.remaining_s
    run.cancel()
    assert run.wait(10)
    assert run.status().remaining_s == 0


def test_what_is_left_of_a_run_behind_its_schedule_goes_by_its_pace(
    demo: Microscope, prepare: Prepare
):
    """Frames as fast as they come: by their exposures alone, 10,000 of 1 ms took 10 s, not 50."""

    class Slow:
        name = "slow"

        def offer(self, _frame: Frame) -> None:
            time.sleep(0.1)

    # two channels, or the camera takes them all in one sequence and none of them is late
    channels = [{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 1}]
    experiment = plan(time_plan={"interval": 0, "loops": 500}, channels=channels)
    session = prepare(experiment, demo, sinks=(Slow(),))
    session.run.start()
    until(lambda: (session.run.status().lag_ms or 0) > 1100)
    status = session.run.status()
    left = status.frames_expected - status.frames_acquired
    assert status.remaining_s > 0.09 * left
    session.run.cancel()
    assert session.run.wait(10)


@pytest.mark.parametrize("policy", ["catch-up", "shift"])
def test_a_pause_before_the_first_frame_makes_none_of_them_late(
    policy: str, demo: Microscope, prepare: Prepare
):
    """All that came due in the pause went out at once with the first, seconds too early."""
    starts = Starts()
    session = prepare(plan(policy, time_plan={"interval": 0.2, "loops": 4}), demo, sinks=(starts,))
    session.run.start()
    session.run.pause()
    until(lambda: session.run.status().state is s.PAUSED)
    assert session.run.status().frames_acquired == 0
    time.sleep(0.7)
    session.run.resume()
    assert session.run.wait(10)
    assert len(starts.at) == 4
    for t, moment in enumerate(starts.at):
        assert moment - starts.at[0] >= 0.2 * t - 0.02
    assert session.run.status().lag_max_ms >= -20


@pytest.mark.parametrize("policy", ["catch-up", "shift"])
def test_the_policy_decides_what_a_pause_does_to_due_times(
    policy: str, demo: Microscope, prepare: Prepare
):
    session: Session
    starts: list[float] = []

    class Pauses:
        name = "pauses"

        def offer(self, frame: Frame) -> None:
            starts.append(frame.metadata["started_s"])
            if frame.tag.index[0] == 1:
                session.run.pause()

    experiment = plan(policy, time_plan={"interval": 0.2, "loops": 5})
    session = prepare(experiment, demo, sinks=(Pauses(),))
    session.run.start()
    until(lambda: session.run.status().state is s.PAUSED)
    time.sleep(0.5)
    session.run.resume()
    assert session.run.wait(10)
    assert session.run.status().state is s.COMPLETED
    lags = [1000 * (moment - starts[0] - 0.2 * t) for t, moment in enumerate(starts)]
    if policy == "shift":
        assert lags[-1] > 450  # moved by the pause
        assert session.run.status().lag_max_ms < 450  # and not late for that
    else:
        assert starts[2] - starts[0] > 0.6
        assert session.run.status().lag_max_ms == pytest.approx(max(lags), abs=1)
        assert lags[-1] < lags[2] - 150  # it caught up


def test_a_pause_in_an_interval_of_five_minutes_takes_effect_at_once(
    demo: Microscope, prepare: Prepare
):
    session = prepare(plan(time_plan={"interval": 300, "loops": 3}), demo)
    session.run.start()
    until(lambda: session.run.status().wait_remaining_s is not None)
    began = time.perf_counter()
    session.run.pause()
    until(lambda: session.run.status().state is s.PAUSED, 1.0)
    assert time.perf_counter() - began < 1.0
    session.run.resume()
    until(lambda: session.run.status().wait_remaining_s is not None, 1.0)
    session.run.cancel()
    assert session.run.wait(5)


def test_the_stage_goes_back_after_a_run_and_stays_after_a_stop(demo: Microscope, prepare: Prepare):
    before = demo.stage()
    exposure = demo.core.getExposure()
    away = prepare(plan(stage_positions=[(33, 44, 5)]), demo)
    away.run.execute()
    assert demo.stage() == before
    stopped = prepare(
        plan(stage_positions=[(33, 44, 5)], time_plan={"interval": 60, "loops": 2}), demo
    )
    stopped.run.start()
    until(lambda: stopped.run.status().frames_acquired == 1)
    stopped.run.cancel()
    assert stopped.run.wait(5)
    here = demo.stage()
    assert (here.x, here.y, here.z) == pytest.approx((33, 44, 5), abs=0.1)
    assert demo.core.getExposure() == exposure
    demo.stages.move_xy(before.x, before.y)
    demo.stages.move_z(before.z)


def test_a_pause_before_the_start_takes_no_frame(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo)
    session.run.pause()
    assert session.run.pause_requested
    session.run.start()
    until(lambda: session.run.status().state is s.PAUSED)
    time.sleep(0.1)
    assert session.run.status().frames_fed == 0
    session.run.resume()
    assert session.run.wait(10)
    assert session.run.status().frames_stored == 1


def test_a_pause_taken_back_in_time_is_none(demo: Microscope, prepare: Prepare):
    session: Session

    def change_of_mind() -> None:
        session.run.pause()
        session.run.resume()

    session = prepare(plan(**STACKS), demo, sinks=(At((1, 0, 0, 1), change_of_mind),))
    states = states_of(session)
    session.run.execute()
    assert states[1:5] == [s.RUNNING, s.PAUSING, s.RUNNING, s.FINISHING]


def test_a_pause_reaches_a_sequence_at_its_end(demo_camera: Microscope, prepare: Prepare):
    session = prepare(
        plan(
            time_plan={"interval": 0, "loops": 2000}, channels=[{"config": "DAPI", "exposure": 5}]
        ),
        demo_camera,
    )
    session.run.start()
    until(lambda: session.run.status().frames_acquired > 10)
    began = time.perf_counter()
    session.run.pause()
    until(lambda: session.run.status().state is s.PAUSED)
    assert time.perf_counter() - began < 2.5  # a span exposes for a second at most
    taken = session.run.status().frames_acquired
    time.sleep(0.2)
    assert session.run.status().frames_acquired == taken
    assert not demo_camera.core.isSequenceRunning()
    session.run.cancel()
    assert session.run.wait(5)


def test_cancel_while_it_sleeps_for_a_due_time(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 60, "loops": 3}), demo)
    session.run.start()
    until(lambda: session.run.status().wait_remaining_s is not None)
    assert 50 < session.run.status().wait_remaining_s <= 60
    assert 100 < session.run.status().remaining_s < 130
    cancelled_within_a_second(session)
    assert session.run.status().frames_stored == 1


def test_cancel_while_it_is_paused(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 60, "loops": 3}), demo)
    session.run.start()
    until(lambda: session.run.status().frames_acquired == 1)
    session.run.pause()
    until(lambda: session.run.status().state is s.PAUSED)
    cancelled_within_a_second(session)


def test_cancel_in_a_hardware_sequence(demo_camera: Microscope, prepare: Prepare):
    session = prepare(
        plan(
            time_plan={"interval": 0, "loops": 1000}, channels=[{"config": "DAPI", "exposure": 10}]
        ),
        demo_camera,
    )
    session.run.start()
    until(lambda: session.run.status().frames_acquired > 5)
    assert demo_camera.core.isSequenceRunning()
    cancelled_within_a_second(session)
    assert not demo_camera.core.isSequenceRunning()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A disk that writes nothing before the event is set."""
    free = threading.Event()
    write = ShardWriter._start

    def slow(writer: ShardWriter, shard: Shard) -> None:
        free.wait(20)
        write(writer, shard)

    monkeypatch.setattr(ShardWriter, "_start", slow)
    yield free
    free.set()


def held_back(demo_camera: Microscope, prepare: Prepare) -> Session:
    """A run whose four buffers of 16 frames are all full."""
    session = prepare(
        plan(time_plan={"interval": 0, "loops": 500}), demo_camera, budget_bytes=8 * 2**20
    )
    session.run.start()
    until(lambda: session.run.status().frames_acquired == 64)
    time.sleep(0.3)
    status = session.run.status()
    assert status.frames_acquired == 64  # the camera waits, and no frame is dropped
    assert status.buffer_bytes == status.buffer_limit == 8 * 2**20
    return session


def test_cancel_while_the_disk_holds_it_back(
    demo_camera: Microscope, prepare: Prepare, disk: threading.Event
):
    session = held_back(demo_camera, prepare)
    session.run.on_status(lambda _: disk.set())  # closing the store needs the disk
    cancelled_within_a_second(session)
    assert session.run.status().blocked_s > 0.2


def test_a_pause_while_the_disk_holds_it_back_takes_no_further_frame(
    demo_camera: Microscope, prepare: Prepare, disk: threading.Event
):
    session = held_back(demo_camera, prepare)
    session.run.pause()
    disk.set()
    until(lambda: session.run.status().state is s.PAUSED)
    assert session.run.status().frames_acquired == 64
    session.run.resume()
    assert session.run.wait(10)
    assert session.run.status().frames_stored == 500


def test_cancel_before_the_start(demo: Microscope, prepare: Prepare):
    session = prepare(plan(), demo)
    session.run.cancel("changed my mind")
    session.run.execute()
    status = session.run.status()
    assert (status.state, status.reason) == (s.CANCELLED, "changed my mind")
    assert session.run.wait(0)
    assert status.frames_fed == 0


def test_cancel_from_many_threads_is_one_cancel(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 60, "loops": 2}), demo)
    states = states_of(session)
    session.run.start()
    until(lambda: session.run.status().frames_acquired == 1)
    threads = [threading.Thread(target=session.run.cancel, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.run.wait(5)
    assert states == [s.PREPARING, s.RUNNING, s.CANCELLING, s.CANCELLED]
