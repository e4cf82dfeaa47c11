"""A wait lasts its seconds from the last frame, a hold until somebody goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from run_sessions import (
    At,
    Starts,
    cancelled_within_a_second,
    items,
    phase,
    series,
    states_of,
    until,
)

from parfocal.plan import Hold, Phase, Reference, Wait
from parfocal.run import RunState
from parfocal.scope import Microscope
from parfocal.store import info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState
TWO_FIELDS = {"stage_positions": [(0, 0, 0), (40, 0, 0)]}


def test_a_wait_begins_after_the_last_frame_of_all_fields(demo: Microscope, prepare: Prepare):
    starts = Starts()
    plan = items(
        series("a", loops=2, **TWO_FIELDS), Wait(seconds=0.3), series("b", loops=2, **TWO_FIELDS)
    )
    session = prepare(plan, demo, sinks=(starts,))
    states = states_of(session)
    session.run.execute()
    assert states == [s.PREPARING, s.RUNNING, s.WAITING, s.RUNNING, s.FINISHING, s.COMPLETED]
    assert [index[:2] for index in starts.seen] == [
        (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1),
    ]  # fmt: skip
    assert starts.at[4] - starts.at[3] >= 0.3
    status = session.run.status()
    assert (status.event, status.events, status.frames_stored) == (8, 8, 8)
    assert status.lag_max_ms is not None
    assert status.lag_max_ms < 250


def test_a_late_run_waits_its_seconds_and_is_on_time_afterwards(demo: Microscope, prepare: Prepare):
    starts = Starts()
    late = At((2, 0, 0, 0), lambda: time.sleep(0.6))
    plan = items(series("a"), Wait(seconds=0.2), series("b", interval=0.05))
    session = prepare(plan, demo, sinks=(late, starts))
    lags: list[float] = []
    session.run.on_status(lambda _: lags.append(session.run.status().lag_ms or 0.0))
    session.run.execute()
    # the frame before the wait was taken, and then its sink kept the engine for 0.6 s
    assert 0.8 <= starts.at[3] - starts.at[2] < 1.4
    assert session.run.status().lag_ms is not None
    assert session.run.status().lag_max_ms is not None
    assert session.run.status().lag_max_ms < 250
    assert session.run.status().state is s.COMPLETED


def test_a_leading_wait_only_counts_down(demo: Microscope, prepare: Prepare):
    session = prepare(items(Wait(seconds=0.5), series("a", loops=2)), demo)
    states = states_of(session)
    session.run.start()
    until(lambda: session.run.status().state is s.WAITING)
    waiting = session.run.status()
    assert waiting.wait_remaining_s is not None
    assert 0.3 < waiting.wait_remaining_s <= 0.5
    assert (waiting.started_utc, waiting.elapsed_s, waiting.frames_fed) == (None, 0.0, 0)
    assert waiting.phase == "0.5 s"
    assert waiting.remaining_s == pytest.approx(0.6, abs=0.25)
    assert session.run.wait(10)
    assert states == [s.PREPARING, s.WAITING, s.RUNNING, s.FINISHING, s.COMPLETED]
    status = session.run.status()
    assert 0.1 <= status.elapsed_s < 0.5
    assert status.lag_max_ms is not None
    assert status.lag_max_ms < 300
    assert status.phase == "a"


@pytest.mark.parametrize(
    "parts",
    [
        (Wait(seconds=0), series(loops=1)),
        (series(loops=1), Wait(seconds=0.1)),
        (series(loops=1), Wait(seconds=0.1), Wait(seconds=0.1), series(loops=1)),
        (phase(), phase("b")),
    ],
    ids=["of no seconds", "at the end", "two in a row", "none between phases"],
)
def test_waits_may_stand_anywhere(parts: tuple[Phase | Wait], demo: Microscope, prepare: Prepare):
    session = prepare(items(*parts), demo)
    session.run.execute()
    status = session.run.status()
    assert status.state is s.COMPLETED
    assert status.frames_stored == status.frames_expected == sum(type(p) is Phase for p in parts)
    assert info(session.run.store).missing == 0


@pytest.mark.parametrize("policy", ["catch-up", "shift"])
def test_a_pause_in_a_wait_takes_effect_behind_it(policy: str, demo: Microscope, prepare: Prepare):
    starts = Starts()
    plan = items(phase(), Wait(seconds=0.5), series("b", loops=2), policy=policy)
    session = prepare(plan, demo, sinks=(starts,))
    states = states_of(session)
    session.run.start()
    until(lambda: session.run.status().state is s.WAITING)
    session.run.pause()
    pausing = session.run.status()
    assert pausing.state is s.PAUSING
    assert pausing.wait_remaining_s is not None
    assert pausing.wait_remaining_s > 0.3
    time.sleep(0.2)
    later = session.run.status()
    assert later.state is s.PAUSING
    assert later.wait_remaining_s is not None
    assert later.wait_remaining_s < pausing.wait_remaining_s - 0.15  # it counts on
    until(lambda: session.run.status().state is s.PAUSED)
    time.sleep(0.3)
    assert session.run.status().frames_fed == 1
    session.run.resume()
    assert session.run.wait(10)
    assert states == [
        s.PREPARING, s.RUNNING, s.WAITING, s.PAUSING, s.PAUSED, s.RUNNING, s.FINISHING, s.COMPLETED,
    ]  # fmt: skip
    lag = session.run.status().lag_max_ms
    assert lag is not None
    assert lag > 250 if policy == "catch-up" else lag < 250


def test_a_pause_of_a_wait_that_is_taken_back_is_none(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), Wait(seconds=0.4), phase("b")), demo)
    states = states_of(session)
    session.run.start()
    until(lambda: session.run.status().state is s.WAITING)
    session.run.pause()
    session.run.resume()
    until(lambda: session.run.status().state is s.WAITING)
    assert session.run.wait(10)
    assert states == [
        s.PREPARING, s.RUNNING, s.WAITING, s.PAUSING, s.RUNNING, s.WAITING, s.RUNNING, s.FINISHING,
        s.COMPLETED,
    ]  # fmt: skip


@pytest.mark.parametrize("barrier", [Wait(seconds=0.2), Hold(message="?")])
def test_a_pause_before_the_start_reaches_a_barrier_that_comes_first(
    barrier: Wait | Hold, demo: Microscope, prepare: Prepare
):
    session = prepare(items(barrier, phase()), demo)
    run = session.run
    run.pause()
    run.start()
    until(lambda: run.status().state is s.PAUSED)
    assert run.status().frames_fed == 0
    run.resume()
    until(lambda: run.release() or run.status().state.is_terminal)
    assert run.wait(10)
    assert (run.status().state, run.status().frames_stored) == (s.COMPLETED, 1)


def test_a_leading_hold_may_be_replaced_at_once(demo: Microscope, prepare: Prepare):
    session = prepare(items(Hold(message="?"), phase()), demo)
    states = states_of(session)
    session.run.replace_remaining([phase("b")])
    session.run.execute()
    assert states == [s.PREPARING, s.RUNNING, s.FINISHING, s.COMPLETED]


def test_a_hold_waits_for_the_operator_and_ties_the_clock(demo: Microscope, prepare: Prepare):
    plan = items(series("a", loops=2), Hold(message="pipette the drug"), series("b", loops=2))
    session = prepare(plan, demo)
    run = session.run
    assert not run.release()  # there is nothing to release yet
    states = states_of(session)
    run.start()
    until(lambda: run.status().state is s.HOLDING)
    holding = run.status()
    assert (holding.message, holding.frames_fed) == ("pipette the drug", 2)
    time.sleep(0.3)
    assert run.status().remaining_s == pytest.approx(holding.remaining_s, abs=0.01)
    assert run.release()
    assert run.wait(10)
    assert not run.release()
    assert states == [
        s.PREPARING, s.RUNNING, s.HOLDING, s.RUNNING, s.FINISHING, s.COMPLETED,
    ]  # fmt: skip
    status = run.status()
    assert (status.message, status.frames_stored) == ("", 4)
    assert status.lag_max_ms is not None
    assert status.lag_max_ms < 250


def test_a_wait_that_somebody_ends_ties_the_clock_and_is_noted(demo: Microscope, prepare: Prepare):
    plan = items(series("a", loops=2), Wait(seconds=600), series("b", loops=2), Wait(seconds=600))
    session = prepare(plan, demo)
    run = session.run
    assert not run.end_wait()  # none counts down yet
    run.start()
    until(lambda: run.status().state is s.WAITING)
    assert not run.release()  # a click that is meant for a hold ends no wait
    assert run.end_wait()
    until(lambda: run.status().frames_stored == 4 and run.status().state is s.WAITING)
    run.pause()  # and one that holds up a pause can be ended, too
    until(lambda: run.status().state is s.PAUSING)
    assert run.end_wait()
    until(lambda: run.status().state is s.PAUSED)
    run.resume()
    assert run.wait(10)
    assert not run.end_wait()
    status = run.status()
    assert (status.state, status.frames_stored) == (s.COMPLETED, 4)
    assert status.lag_max_ms is not None
    assert status.lag_max_ms < 250  # what came behind it was on time, and not 600 s early
    assert status.remaining_s == 0
    lines = (run.store / "parfocal/run/events.jsonl").read_text().splitlines()
    ended = [one for one in map(json.loads, lines) if "wait ended" in one["event"]]
    assert [one["seconds"] for one in ended] == [600, 600]
    assert all(0 <= one["waited_s"] < 60 for one in ended)


def test_a_hold_can_be_paused_and_holds_again(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), Hold(message="look"), phase("b")), demo)
    run = session.run
    states = states_of(session)
    run.start()
    until(lambda: run.status().state is s.HOLDING)
    run.pause()
    until(lambda: run.status().state is s.PAUSED)
    assert run.status().message == "look"
    run.resume()
    until(lambda: run.status().state is s.HOLDING)
    run.pause()
    until(lambda: run.status().state is s.PAUSED)
    assert run.release()  # while it is paused: it goes on when it is resumed
    time.sleep(0.05)
    assert run.status().frames_fed == 1
    run.resume()
    assert run.wait(10)
    assert run.status().frames_stored == 2
    assert states[-4:] == [s.HOLDING, s.RUNNING, s.FINISHING, s.COMPLETED]


@pytest.mark.parametrize("barrier", [Wait(seconds=60), Hold(message="wait for me")])
def test_cancel_at_a_barrier(barrier: Wait | Hold, demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), barrier, phase("b")), demo)
    session.run.start()
    until(lambda: session.run.status().state in (s.WAITING, s.HOLDING))
    cancelled_within_a_second(session)
    after = prepare(items(phase()), demo)
    after.run.execute()
    assert after.run.status().state is s.COMPLETED


def test_cancel_of_a_pause_that_waits_for_a_wait(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), Wait(seconds=60), phase("b")), demo)
    session.run.start()
    until(lambda: session.run.status().state is s.WAITING)
    session.run.pause()
    cancelled_within_a_second(session)


def test_references_are_taken_at_their_timepoints(demo: Microscope, prepare: Prepare):
    starts = Starts()
    read_out = Reference(channels=({"config": "FITC", "exposure": 1},), timepoints=(-1,))
    plan = items(series("a").model_copy(update={"reference": read_out}))
    session = prepare(plan, demo, sinks=(starts,))
    session.run.execute()
    assert session.run.status().state is s.COMPLETED
    assert starts.seen == [(0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (2, 0, 1, 0)]
    assert info(session.run.store).channels == ("DAPI", "FITC")
