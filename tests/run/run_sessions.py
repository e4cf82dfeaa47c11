"""Plans for a run, and waiting for what a run does in its own thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import useq

from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.run import RunState
from parfocal.wiring import Session


def plan(policy: str = "catch-up", **sequence: Any) -> Experiment:
    """One phase; 1 ms exposures of DAPI unless other channels are given."""
    sequence.setdefault("channels", [{"config": "DAPI", "exposure": 1}])
    experiment = experiment_from_sequence(useq.MDASequence(**sequence), "test")
    return experiment.model_copy(update={"policy": policy})


def until(condition: Callable[[], bool], timeout: float = 10.0) -> None:
    """Wait for something that happens in another thread."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def states_of(session: Session) -> list[RunState]:
    """The states that a run goes through from now on."""
    seen: list[RunState] = []
    session.run.on_status(lambda status: seen.append(status.state))
    return seen
