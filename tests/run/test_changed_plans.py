"""A plan may be changed in mid-run: totals, strip, store and saved plan follow."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from run_sessions import At, Starts, items, phase, series, states_of, until

from parfocal import ParfocalError
from parfocal.plan import Hold, Wait, compile_schedule
from parfocal.run import RunRefused, RunState, RunStatus
from parfocal.scope import Microscope
from parfocal.store import check, info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState
TWO_FIELDS = {"stage_positions": [(0, 0, 0), (40, 0, 0)]}


def record(store: Path) -> dict[str, Any]:
    """What the store says of its run."""
    attributes: dict[str, Any] = json.loads((store / "parfocal/run/zarr.json").read_text())
    return dict(attributes["attributes"]["parfocal"])


def completed(session: Session) -> RunStatus:
    """Wait for the end; every count agrees with the store."""
    assert session.run.wait(20)
    status, stored = session.run.status(), info(session.run.store)
    assert (status.state, status.reason) == (s.COMPLETED, "")
    assert status.frames_stored == status.frames_expected == stored.acquired == stored.planned
    assert (stored.missing, stored.state) == (0, "completed")
    assert stored.shape[0] == session.run.schedule.sizes.t
    assert check(session.run.store).ok
    return status


def test_extend_goes_on_with_the_clock_of_the_plan(demo: Microscope, prepare: Prepare):
    starts = Starts()
    session = prepare(items(series("a", loops=3)), demo, sinks=(starts,))
    run = session.run
    run.start()
    until(lambda: run.status().frames_acquired > 0)
    run.extend([series("b", loops=2)])
    assert run.status().frames_expected == 5
    assert run.status().revision == 1
    assert len(run.schedule.event_kinds()) == 5
    completed(session)
    assert [index[0] for index in starts.seen] == [0, 1, 2, 3, 4]
    for number, moment in enumerate(starts.at):
        assert moment - starts.at[0] >= 0.1 * number - 0.001


def test_what_is_left_is_replaced(demo: Microscope, prepare: Prepare):
    starts = Starts()
    session: Session

    def replace() -> None:
        session.run.replace_remaining([Wait(seconds=0.1), series("b", loops=2, **TWO_FIELDS)])

    plan = items(series("a", loops=50, stage_positions=[(0, 0, 0)]))
    session = prepare(plan, demo, sinks=(starts, At((2, 0, 0, 0), replace)))
    session.run.execute()
    assert [index[:2] for index in starts.seen] == [
        (0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1),
    ]  # fmt: skip
    status = completed(session)
    assert (status.events, status.event, status.fields) == (7, 7, 2)
    revised = session.run.plan
    assert [change.kind for change in revised.revisions] == ["replace"]
    # the saved plan gives the schedule that was run
    stage = demo.stage()
    again = compile_schedule(
        revised, field_of_view_um=(32.0, 32.0), stage_um=(stage.x, stage.y, stage.z)
    )
    assert again.planned() == session.run.schedule.planned()
    assert len(record(session.run.store)["plan_revisions"]) == 2


def test_nothing_may_be_left(demo: Microscope, prepare: Prepare):
    session: Session
    session = prepare(
        items(series("a", loops=50)),
        demo,
        sinks=(At((1, 0, 0, 0), lambda: session.run.replace_remaining([])),),
    )
    session.run.execute()
    assert completed(session).frames_stored == 2


@pytest.mark.parametrize("barrier", [Wait(seconds=60), Hold(message="?")])
def test_a_barrier_that_goes_on_is_replaced_too(
    barrier: Wait | Hold, demo: Microscope, prepare: Prepare
):
    session = prepare(items(phase("a"), barrier, series("b", loops=9)), demo)
    run = session.run
    run.start()
    until(lambda: run.status().state in (s.WAITING, s.HOLDING))
    began = time.perf_counter()
    run.replace_remaining([phase("c")])
    assert completed(session).frames_stored == 2
    assert time.perf_counter() - began < 3


def test_a_plan_is_replaced_while_it_is_paused(demo: Microscope, prepare: Prepare):
    session = prepare(items(series("a", loops=9)), demo)
    run = session.run
    run.start()
    until(lambda: run.status().frames_acquired > 0)
    run.pause()
    until(lambda: run.status().state is s.PAUSED)
    done = run.status().frames_acquired
    run.replace_remaining([phase("b")])
    assert run.status().frames_expected == done + 1
    assert run.status().state is s.PAUSED
    run.resume()
    completed(session)


def test_a_run_that_is_kept_open_is_continued_in_the_same_store(demo: Microscope, prepare: Prepare):
    starts = Starts()
    session = prepare(items(series("a", loops=2)), demo, keep_open=True, sinks=(starts,))
    run = session.run
    states = states_of(session)
    run.start()
    until(lambda: run.status().state is s.HOLDING)
    assert "plan is done" in run.status().message
    time.sleep(0.3)
    run.continue_with([series("b", loops=2)])
    until(lambda: run.status().frames_acquired == 4)
    until(lambda: run.status().state is s.HOLDING)
    lag = run.status().lag_max_ms
    assert lag is not None
    assert lag < 250  # it has a clock of its own
    assert run.release()
    completed(session)
    assert [index[0] for index in starts.seen] == [0, 1, 2, 3]
    assert states.count(s.HOLDING) == 2


def test_continue_with_waits_for_the_end_of_the_plan(demo: Microscope, prepare: Prepare):
    session = prepare(items(series("a", loops=3)), demo)
    run = session.run
    run.start()
    until(lambda: run.status().frames_acquired > 0)
    run.continue_with([Wait(seconds=0.1), phase("b")])
    assert completed(session).frames_stored == 4


def test_an_ended_run_is_not_continued(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase("a")), demo)
    session.run.execute()
    for change in (session.run.continue_with, session.run.extend, session.run.replace_remaining):
        with pytest.raises(RunRefused, match=r"0\.ome\.zarr is completed and its store takes"):
            change([phase("b")])
    other = prepare(items(series("a", loops=90)), demo)
    other.run.start()
    until(lambda: other.run.status().frames_acquired > 0)
    other.run.cancel()
    with pytest.raises(RunRefused, match="takes nothing more"):
        other.run.extend([phase("b")])
    assert other.run.wait(5)


def test_what_the_store_cannot_take_is_refused_and_changes_nothing(
    demo: Microscope, prepare: Prepare
):
    session = prepare(items(series("a", loops=9)), demo)
    run = session.run
    run.start()
    until(lambda: run.status().frames_acquired > 0)
    more = phase("b", channels=[{"config": "DAPI", "exposure": 1}, {"config": "FITC"}])
    stack = phase("c", z_plan={"range": 4, "step": 2})
    for item in (more, stack, phase("d", channels=["Violet"])):
        with pytest.raises(ParfocalError):
            run.replace_remaining([item])
    assert (run.status().frames_expected, run.status().revision) == (9, 0)
    completed(session)


def test_a_hold_is_replaced_by_more_again_and_again(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase("a"), Hold(message="?")), demo)
    run = session.run
    run.start()
    for turn in range(4):
        until(lambda turn=turn: run.status().frames_acquired == 2 * turn + 1)
        until(lambda: run.status().state is s.HOLDING)
        assert run.status().frames_expected == 2 * turn + 1
        run.replace_remaining([series("b", loops=2, interval=0), Hold(message="?")])
    until(lambda: run.status().frames_acquired == 9)
    run.replace_remaining([])
    completed(session)
