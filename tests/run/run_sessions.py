"""Plans for a run, an eye on its frames, and waiting for what it does in its own thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import useq

from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.run import RunState
from parfocal.scope import Frame
from parfocal.wiring import Session

STACKS = {
    "time_plan": {"interval": 0.15, "loops": 3},
    "stage_positions": [(0, 0, 0), (40, 0, 0)],
    "channels": [{"config": "DAPI", "exposure": 1}, {"config": "FITC", "exposure": 1}],
    "z_plan": {"range": 4, "step": 2},
}


class Eye:
    """A sink that remembers what it saw."""

    name = "eye"

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def offer(self, frame: Frame) -> None:
        self.seen.append(tuple(frame.tag.index))


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
