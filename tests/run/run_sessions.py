"""Plans for a run, an eye on its frames, and waiting for what it does in its own thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import useq

from parfocal.plan import Experiment, Item, Phase, experiment_from_sequence
from parfocal.run import RunState
from parfocal.scope import Frame
from parfocal.store import info
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


def phase(name: str = "a", **sequence: Any) -> Phase:
    """1 ms exposures of DAPI unless other channels are given."""
    sequence.setdefault("channels", [{"config": "DAPI", "exposure": 1}])
    return Phase(name=name, sequence=useq.MDASequence(**sequence))


def series(name: str = "a", *, interval: float = 0.1, loops: int = 3, **sequence: Any) -> Phase:
    """A phase of some timepoints."""
    return phase(name, time_plan={"interval": interval, "loops": loops}, **sequence)


def items(*parts: Item, policy: str = "catch-up", **values: Any) -> Experiment:
    """A plan of several items."""
    return Experiment.model_validate({"name": "test", "items": parts, "policy": policy, **values})


class Starts:
    """A sink that remembers when each frame's acquisition began."""

    name = "starts"

    def __init__(self) -> None:
        self.at: list[float] = []
        self.seen: list[tuple[int, ...]] = []

    def offer(self, frame: Frame) -> None:
        self.at.append(frame.metadata["started_s"])
        self.seen.append(tuple(frame.tag.index))


class At:
    """Calls once, in the engine thread, when the frame of `index` comes."""

    name = "at"

    def __init__(self, index: tuple[int, int, int, int], call: Callable[[], None]) -> None:
        self._index = index
        self._call = call

    def offer(self, frame: Frame) -> None:
        if tuple(frame.tag.index) == self._index:
            self._call()


def cancelled_within_a_second(session: Session) -> None:
    """Cancel, and see that run and store agree on what became of it."""
    began = time.perf_counter()
    session.run.cancel("enough")
    assert session.run.wait(5)
    assert time.perf_counter() - began < 1.0
    status = session.run.status()
    assert (status.state, status.reason, status.fatal) == (RunState.CANCELLED, "enough", None)
    stored = info(session.run.store)
    assert stored.state == "interrupted"
    assert stored.acquired == status.frames_stored == status.frames_acquired
    assert stored.acquired + stored.missing == status.frames_expected


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
