"""Where the strip's cursor is: on the event that was acquired last, or on the wait or hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
import useq

from parfocal.plan import Experiment, Hold, Phase, Schedule, Wait, compile_schedule
from parfocal.run import RunState, RunStatus
from parfocal.ui.run_workspace._header import what_it_does, which_item
from parfocal.ui.run_workspace._progress import barrier_of, strip_progress

SERIES = useq.MDASequence(
    axis_order="tpgcz",
    time_plan={"interval": 1, "loops": 2},  # type: ignore[arg-type] # pydantic casts it
    channels=({"config": "DAPI", "exposure": 5},),  # type: ignore[arg-type]
)


@pytest.fixture(scope="module")
def schedule() -> Schedule:
    """Cells: 0 wait, 1 and 2 events, 3 wait, 4 hold, 5 and 6 events, 7 hold."""
    parts = (
        Wait(seconds=1),
        Phase(name="before", sequence=SERIES),
        Wait(seconds=5),
        Hold(message="feed"),
        Phase(name="after", sequence=SERIES),
        Hold(message="wash"),
    )
    return compile_schedule(Experiment(name="cells", items=parts))


RUNNING = RunStatus(state=RunState.RUNNING, events=4, item=1)
WAITING = RunStatus(state=RunState.WAITING, events=4, wait_remaining_s=3.0)
HOLDING = RunStatus(state=RunState.HOLDING, events=4)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (RunStatus(), (0, None)),
        (replace(WAITING, item=0), (0, 0)),
        (replace(RUNNING, event=1), (1, 1)),
        (replace(RUNNING, event=2), (2, 2)),
        (replace(WAITING, event=2, item=2), (3, 3)),
        (replace(WAITING, event=2, item=2, state=RunState.PAUSING), (3, 3)),
        (replace(HOLDING, event=2, item=3, message="feed"), (4, 4)),
        (replace(HOLDING, event=2, item=3, message="feed", state=RunState.PAUSED), (4, 4)),
        (replace(RUNNING, event=3, item=4), (5, 5)),
        (replace(RUNNING, event=3, item=4, state=RunState.PAUSED), (5, 5)),
        (replace(HOLDING, event=4, item=5, message="wash"), (7, 7)),
        (replace(HOLDING, event=4, item=5, message="the plan is done"), (8, None)),
        (RunStatus(state=RunState.COMPLETED, events=4, event=4), (8, None)),
        (RunStatus(state=RunState.CANCELLED, events=4, event=3, item=4), (6, None)),
        (RunStatus(state=RunState.FAILED, events=4), (0, None)),
    ],
)
def test_the_cursor_follows_events_and_sits_on_waits_and_holds(
    schedule: Schedule, status: RunStatus, expected: tuple[int, int | None]
) -> None:
    assert strip_progress(status, schedule) == expected


def test_a_wait_that_counts_down_for_the_next_event_is_no_barrier(schedule: Schedule) -> None:
    sleeping = replace(RUNNING, event=1, wait_remaining_s=90.0)
    assert barrier_of(sleeping, schedule) is None
    assert what_it_does(sleeping) == "next event in 00:01:30"


def test_the_header_says_which_item_of_the_plan_goes_on() -> None:
    assert which_item(replace(RUNNING, phase="before"), 6) == "before  2/6"
    assert which_item(replace(WAITING, item=2, phase="5 s"), 6) == "wait of 5 s  3/6"
    assert which_item(replace(HOLDING, item=3, message="feed", phase="feed"), 6) == ""
    assert which_item(RunStatus(name="short", phase="only"), 1) == "only"


def test_a_pause_asked_for_in_a_wait_says_that_the_wait_ends_first() -> None:
    pausing = replace(WAITING, state=RunState.PAUSING)
    assert what_it_does(pausing) == "the wait comes to its end first, in 00:00:03"
