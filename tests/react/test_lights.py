"""Each planned stimulation is fired, fallback or skipped, as the phase says, and is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loops import Rig, bright, picture

from parfocal.plan import OnLate, Stimulation
from parfocal.react import Decision, ReactError


@pytest.fixture
def rigs() -> Iterator[list[Rig]]:
    """What is in here is closed when the test ends."""
    made: list[Rig] = []
    yield made
    for one in made:
        one.loop.close()


def decide(rig: Rig, t: int, *, patience: float = 5.0) -> Decision:
    now = time.perf_counter()
    return rig.lights.decide(rig.step(t), rig.phase, now, patience, rig.token)


def counted(rig: Rig) -> tuple[int, int, int]:
    counts = rig.loop.counts()
    return counts.fired, counts.fallback, counts.skipped


def test_light_falls_through_the_mask_of_the_picture_just_taken(
    tmp_path: Path, rigs: list[Rig]
) -> None:
    rigs.append(rig := Rig(tmp_path, light=Stimulation(exposure=5)))
    for t in range(3):
        rig.offer(t)
        decision = decide(rig, t)
        assert (decision.outcome, decision.mask_t) == ("fired", t)
        assert np.array_equal(decision.mask, bright(picture(t)) > 0)
        rig.lights.came(rig.step(t).index, {"exposure_ms": 5})
    assert counted(rig) == (3, 0, 0)


def test_in_the_mode_previous_the_mask_before_is_used_past_those_that_failed(
    tmp_path: Path, rigs: list[Rig]
) -> None:
    def do(image: Any) -> Any:
        if image[0, 0] in (2, 3):
            raise ValueError
        return bright(image)

    light = Stimulation(exposure=5, mode="previous")
    rigs.append(rig := Rig(tmp_path, do, light=light))
    with pytest.raises(StopIteration):
        rig.step(0)  # there is none before the first
    of = []
    for t in range(6):
        rig.offer(t)
        rig.drain()
        if t:
            of.append(decide(rig, t).mask_t)
            rig.lights.came(rig.step(t).index, {})
    assert of == [0, 1, 1, 1, 4]
    assert counted(rig) == (5, 0, 0)


@pytest.mark.parametrize("on_late", ["dark", "skip", "previous", "stop"])
@pytest.mark.parametrize("why", ["slow", "raises"])
def test_a_missing_mask_is_dealt_with_as_the_phase_says(
    tmp_path: Path, rigs: list[Rig], on_late: OnLate, why: str
) -> None:
    gate = threading.Event()

    def do(image: Any) -> Any:
        if image[0, 0] == 1:
            if why == "raises":
                raise ValueError("no")
            gate.wait(10)
        return bright(image)

    rigs.append(rig := Rig(tmp_path, do, light=Stimulation(exposure=5, on_late=on_late)))
    rig.offer(0)
    assert decide(rig, 0).outcome == "fired"
    rig.lights.came(rig.step(0).index, {})
    rig.offer(1)
    began = time.perf_counter()
    if on_late == "stop":
        with pytest.raises(ReactError, match=r"phase 'a' stops without a mask at t 1 of field 0"):
            decide(rig, 1, patience=0.1)
        rig.lights.settle([(rig.step(1), rig.phase)], "the run ended")
        assert counted(rig) == (1, 0, 1)
    else:
        decision = decide(rig, 1, patience=0.1)
        assert time.perf_counter() - began < 2
        if decision.mask is None:
            rig.lights.left_out(rig.step(1).index)
        else:
            rig.lights.came(rig.step(1).index, {})
        wanted: dict[str, tuple[str, int | None, bool]] = {
            "dark": ("fallback", None, False),
            "skip": ("skipped", None, False),
            "previous": ("fallback", 0, True),
        }
        lit = decision.mask is not None and bool(decision.mask.any())
        assert (decision.outcome, decision.mask_t, lit) == wanted[on_late]
        assert (decision.mask is None) is (on_late == "skip")
        assert "t 1" in decision.reason
        assert counted(rig) == ((1, 0, 1) if on_late == "skip" else (1, 1, 0))
    gate.set()


def test_a_deadline_counts_from_when_the_event_was_due(tmp_path: Path, rigs: list[Rig]) -> None:
    light = Stimulation(exposure=5, deadline=0.3)
    rigs.append(rig := Rig(tmp_path, lambda _: time.sleep(1), light=light))
    rig.offer(0)
    began = time.perf_counter()
    rig.lights.decide(rig.step(0), rig.phase, began - 0.2, 60.0, rig.token)
    assert time.perf_counter() - began < 0.25


def test_a_cancel_ends_the_wait_and_what_was_not_given_is_skipped(
    tmp_path: Path, rigs: list[Rig]
) -> None:
    gate = threading.Event()
    rigs.append(rig := Rig(tmp_path, lambda _: gate.wait(20), light=Stimulation(exposure=5)))
    rig.offer(0)
    threading.Timer(0.1, rig.token.set).start()
    began = time.perf_counter()
    assert decide(rig, 0, patience=80).outcome == "cancelled"
    assert time.perf_counter() - began < 1
    rig.lights.settle([(rig.step(t), rig.phase) for t in range(10)], "stopped")
    assert counted(rig) == (0, 0, 10)
    gate.set()


def test_light_that_the_camera_did_not_see_was_skipped(tmp_path: Path, rigs: list[Rig]) -> None:
    rigs.append(rig := Rig(tmp_path, light=Stimulation(exposure=5)))
    rig.offer(0)
    assert decide(rig, 0).outcome == "fired"
    rig.lights.missed(rig.step(0).index, "the shutter did not open")
    assert counted(rig) == (0, 0, 1)


def test_light_that_needs_no_picture_waits_for_none(tmp_path: Path, rigs: list[Rig]) -> None:
    light = Stimulation(exposure=5, stimulator="line")
    pipeline = {"segment": None, "track": None}
    rigs.append(rig := Rig(tmp_path, light=light, pipeline=pipeline))
    decision = decide(rig, 0)
    assert (decision.outcome, decision.mask_t) == ("fired", None)
    assert decision.mask is not None
    assert decision.mask.any()
