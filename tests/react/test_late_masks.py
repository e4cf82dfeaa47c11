"""A pipeline that is late, fails or hangs: the run ends as the phase says, and tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from loop_runs import bright, finished, looking

from parfocal.plan import Stimulation
from parfocal.run import RunState
from parfocal.store import check, info, read_table
from parfocal.wiring import Session


@pytest.mark.parametrize("on_late", ["dark", "skip", "previous", "stop"])
def test_a_pipeline_slower_than_the_interval_ends_as_the_policy_says(
    prepare: Callable[..., Session], hook: Any, on_late: Any
) -> None:
    def do(image: np.ndarray) -> np.ndarray:
        if session.run.status().event > 1:
            time.sleep(0.45)  # between one and two intervals
        return bright(image)

    hook.do = do
    light = Stimulation(exposure=5, on_late=on_late, timepoints=[0, 1, 2, 3])
    session = prepare(looking(light=light, pipeline={"segment": "mine"}, interval=0.3, loops=4))
    status = finished(session)
    fired, fallback, skipped = status.stimulations
    assert fired + fallback + skipped == 4
    assert fired >= 1
    wanted = RunState.FAILED if on_late == "stop" else RunState.COMPLETED
    assert status.state is wanted, status.reason
    stored = info(session.run.store)
    if on_late == "stop":
        assert "stops without a mask at t" in status.reason
        assert skipped == 4 - fired
        return
    assert status.react_queued == 0
    if on_late == "skip":
        assert (fallback, stored.missing) == (0, skipped)
        assert f"{skipped} stimulations left out for want of a mask" in status.reason
    else:
        assert (skipped, stored.missing, status.reason) == (0, 0, "")
    lights = read_table(session.run.store, "stimulations-a").to_pandas()
    assert len(lights) == 4
    if on_late == "previous":
        assert (lights.lit_pixels > 0).all()
        assert (lights.mask_t < lights.t)[lights.outcome == "fallback"].all()
    assert check(session.run.store).ok


def test_a_pipeline_that_raises_or_hangs_is_told_and_ends_nothing(
    prepare: Callable[..., Session], hook: Any
) -> None:
    gate = threading.Event()
    count = [0]

    def do(image: np.ndarray) -> np.ndarray:
        count[0] += 1
        if count[0] == 2:
            gate.wait(30)
        if count[0] % 3 == 0:
            raise ValueError("no cells here")
        return bright(image)

    hook.do = do
    pipeline = {"segment": "mine", "track": "laptrack", "give_up": 0.5}
    session = prepare(looking(light=Stimulation(exposure=5), pipeline=pipeline, loops=7))
    status = finished(session)
    gate.set()
    assert status.state is RunState.COMPLETED
    assert sum(status.stimulations) == 7
    assert status.stimulations.fired >= 3
    told = {error.message: error.count for error in status.errors}
    assert told == {
        "the segmenter 'mine': ValueError: no cells here": 2,
        "the pipeline of phase 'a' did not come back within 0.5 s and was left behind": 1,
    }


def test_a_cancel_while_a_mask_is_waited_for_takes_less_than_a_second(
    prepare: Callable[..., Session], hook: Any
) -> None:
    gate, began = threading.Event(), threading.Event()

    def do(image: np.ndarray) -> np.ndarray:
        began.set()
        gate.wait(80)
        return bright(image)

    hook.do = do
    light = Stimulation(exposure=5, deadline=80)
    phase = looking(light=light, pipeline={"segment": "mine"})
    session = prepare(phase)
    session.run.start()
    assert began.wait(20)
    at = time.perf_counter()
    session.run.cancel("enough")
    assert session.run.wait(5)
    assert time.perf_counter() - at < 1.0
    status = session.run.status()
    assert (status.state, status.stimulations) == (RunState.CANCELLED, (0, 0, 5))
    assert ["1 picture of the run" in error.message for error in status.errors] == [True]
    gate.set()
    hook.do = bright
    # the next run is not cancelled by it
    after = prepare(phase, name="after")
    assert finished(after).stimulations == (5, 0, 0)
