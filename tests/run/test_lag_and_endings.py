"""Lag is told in milliseconds, and a run and its store agree on how it ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from run_sessions import At, Starts, items, plan, series, until

from parfocal.plan import Hold, Wait
from parfocal.run import RunState, RunStatus
from parfocal.scope import Frame, Microscope
from parfocal.store import Recording, check, info
from parfocal.wiring import Session

Prepare = Callable[..., Session]

s = RunState


class Lags:
    """A sink that remembers the lag of every event."""

    name = "lags"

    def __init__(self) -> None:
        self.session: Session | None = None
        self.seen: list[float] = []

    def offer(self, _frame: Frame) -> None:
        assert self.session is not None
        lag = self.session.run.status().lag_ms
        assert lag is not None
        self.seen.append(lag)


def test_a_delay_of_two_seconds_is_a_lag_of_two_seconds(demo: Microscope, prepare: Prepare):
    starts, lags = Starts(), Lags()

    def delay() -> None:  # so that the third event begins 2 s after it is due
        time.sleep(max(0.0, starts.at[0] + 0.2 + 2.0 - time.perf_counter()))

    session = prepare(
        plan(time_plan={"interval": 0.1, "loops": 4}),
        demo,
        sinks=(starts, lags, At((1, 0, 0, 0), delay)),
    )
    lags.session = session
    session.run.execute()
    assert lags.seen[0] == 0
    assert lags.seen[1] < 250
    assert lags.seen[2] == pytest.approx(2000, abs=50)
    status = session.run.status()
    assert status.lag_max_ms == lags.seen[2]
    assert status.lag_p95_ms == lags.seen[2]
    assert status.lag_p50_ms is not None
    assert status.lag_p50_ms in lags.seen


def test_lag_is_told_across_waits_and_holds(demo: Microscope, prepare: Prepare):
    lags = Lags()
    parts = (series("a", loops=2), Wait(seconds=0.2), series("b", loops=2), Hold(message="?"))
    session = prepare(items(*parts, series("c", loops=2)), demo, sinks=(lags,))
    lags.session = session
    session.run.start()
    until(lambda: session.run.status().state is s.HOLDING)
    time.sleep(0.3)
    session.run.release()
    assert session.run.wait(10)
    assert len(lags.seen) == 6
    assert all(0 <= lag < 250 for lag in lags.seen)


def test_a_cancel_in_finishing_and_the_store_agree(demo: Microscope, prepare: Prepare):
    session = prepare(plan(time_plan={"interval": 0, "loops": 3}), demo)

    def cancel(status: RunStatus) -> None:
        if status.state is s.FINISHING:
            session.run.cancel("at the last moment")

    session.run.on_status(cancel)
    session.run.execute()
    status, stored = session.run.status(), info(session.run.store)
    assert (status.state, stored.state) == (s.CANCELLED, "interrupted")
    assert status.reason == stored.reason == "at the last moment"


def test_a_cancel_while_the_store_is_closed_comes_too_late(
    demo: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    session = prepare(plan(time_plan={"interval": 0, "loops": 3}), demo)
    close = Recording.close

    def cancelled_close(recording: Recording, *rest: object, **options: object) -> None:
        session.run.cancel("too late")
        close(recording, *rest, **options)  # type: ignore[arg-type]  # whatever it was given
        session.run.cancel("too late")

    monkeypatch.setattr(Recording, "close", cancelled_close)
    session.run.execute()
    assert session.run.status().state is s.COMPLETED
    assert info(session.run.store).state == "completed"


def test_the_store_tells_what_happened(demo: Microscope, prepare: Prepare):
    session = prepare(items(series("a", loops=2), Hold(message="?"), series("b", loops=1)), demo)
    run = session.run
    run.start()
    until(lambda: run.status().state is s.HOLDING)
    run.release()
    assert run.wait(10)
    lines = (run.store / "parfocal" / "run" / "events.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["state"] for line in told if line["event"] == "state"] == [
        "preparing", "running", "holding", "running", "finishing", "completed",
    ]  # fmt: skip
    assert all(line["at"] for line in told)
    assert check(run.store).ok


def test_a_status_says_which_run_it_is_of(demo: Microscope, prepare: Prepare):
    first, second = prepare(plan(), demo), prepare(plan(), demo)
    assert 0 < first.run.status().generation < second.run.status().generation
    first.run.execute()
    assert first.run.status().started_s is not None
    assert first.run.status().finished_s is not None
    assert first.run.status().started_s < first.run.status().finished_s
