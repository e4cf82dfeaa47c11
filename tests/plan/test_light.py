"""References and stimulation come behind the imaging of their events, when they were asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_values import compiled, phase, series
from pydantic import ValidationError

from parfocal.plan import (
    Index,
    PlanError,
    Schedule,
    StepKind,
    Stimulation,
    TimeRange,
    chosen_timepoints,
)


def timepoints(schedule: Schedule, kind: StepKind) -> list[int]:
    return [step.index.t for step in schedule.steps if step.index and step.kind == kind]


def lit(**light: Any) -> Schedule:
    return compiled(series(loops=6, stimulate={"exposure": 50, **light}))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([0, 3], [0, 3]),
        ([3, 0, 3], [0, 3]),
        ({4, 1}, [1, 4]),
        ([-1, 0, -6], [0, 5]),
        (2, [2]),
        ({"start": 0, "step": 5}, [0, 5]),
        ({"start": 1, "stop": -1, "step": 2}, [1, 3]),
        ({"start": -2}, [4, 5]),
        ({"stop": 99}, [0, 1, 2, 3, 4, 5]),
        ({}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_timepoints_are_numbers_a_range_or_counted_from_the_end(
    asked: Any, found: list[int]
) -> None:
    assert timepoints(lit(timepoints=asked), "stimulation") == found


@given(
    count=st.integers(1, 40),
    start=st.integers(-50, 50),
    stop=st.none() | st.integers(-50, 50),
    step=st.integers(1, 9),
)
def test_a_range_is_pythons_own(count: int, start: int, stop: int | None, step: int) -> None:
    expected = tuple(range(count)[start:stop:step])
    which = TimeRange(start=start, stop=stop, step=step)
    if expected:
        assert chosen_timepoints(which, count, "it") == expected
    else:
        with pytest.raises(PlanError, match="none of the"):
            chosen_timepoints(which, count, "it")


@given(count=st.integers(1, 40), asked=st.lists(st.integers(-50, 50), min_size=1))
def test_numbers_are_those_of_the_phase_or_refused(count: int, asked: list[int]) -> None:
    if all(-count <= number < count for number in asked):
        expected = tuple(t for t in range(count) if t in asked or t - count in asked)
        assert chosen_timepoints(asked, count, "it") == expected
    else:
        with pytest.raises(PlanError, match=f"has {count}"):
            chosen_timepoints(asked, count, "it")


def test_light_is_given_behind_the_images_and_references_of_its_event() -> None:
    schedule = compiled(
        phase(
            channels=["DAPI", "FITC"],
            stage_positions=[(0, 0, 0), (50, 0, 0)],
            reference={"channels": ["Cy5"]},
            stimulate={"exposure": 20, "power": 10, "channel": "Blue", "stimulator": "half-cell"},
            power={"DAPI": 3, "Cy5": 4},
        )
    )
    assert [(step.kind, step.event, step.power) for step in schedule.steps] == [
        ("imaging", 0, 3), ("imaging", 0, None), ("reference", 0, 4), ("stimulation", 0, 10),
        ("imaging", 1, 3), ("imaging", 1, None), ("reference", 1, 4), ("stimulation", 1, 10),
    ]  # fmt: skip
    light = schedule.steps[3].request
    assert light.channel is not None
    assert (light.channel.config, light.exposure, light.x_pos) == ("Blue", 20, 0)
    assert (schedule.events, schedule.frames) == (2, 8)


@pytest.mark.parametrize("order", ["tpgcz", "tpgzc", "tcpgz", "ptgcz", "pgczt"])
def test_light_waits_for_the_last_image_of_its_event_in_any_order(order: str) -> None:
    schedule = compiled(
        series(
            axis_order=order,
            channels=["DAPI", "FITC"],
            z_plan={"range": 2, "step": 1},
            stage_positions=[(0, 0, 0), (50, 0, 0)],
            stimulate={"exposure": 20},
        )
    )
    for event in range(schedule.events):
        kinds = [step.kind for step in schedule.steps if step.event == event]
        assert kinds == ["imaging"] * 6 + ["stimulation"]


def test_the_mask_of_the_timepoint_before_is_not_there_at_the_first() -> None:
    assert timepoints(lit(mode="previous"), "stimulation") == [1, 2, 3, 4, 5]
    assert timepoints(lit(mode="previous", timepoints=[0]), "stimulation") == []


def test_exposures_are_one_for_all_or_one_for_each_timepoint() -> None:
    def exposures(**light: Any) -> list[float | None]:
        steps = lit(**light).steps
        return [step.request.exposure for step in steps if step.kind == "stimulation"]

    assert exposures(timepoints=[1, 4]) == [50, 50]
    assert exposures(timepoints=[4, 1], exposure=[10, 20]) == [10, 20]
    assert exposures(timepoints=[-1, 0], exposure=[1, 2, 3, 4, 5, 6]) == [1, 6]
    assert exposures(mode="previous", timepoints=[0, 1], exposure=[7, 8]) == [8]
    with pytest.raises(PlanError, match="3 exposures for 2 timepoints"):
        exposures(timepoints=[1, 4], exposure=[1, 2, 3])


def test_references_take_the_stack_unless_told_otherwise() -> None:
    schedule = compiled(
        series(
            z_plan={"range": 4, "step": 2},
            stage_positions=[(0, 0, 100)],
            channels=[{"config": "DAPI", "do_stack": False, "z_offset": 5}],
            reference={
                "channels": [
                    {"config": "FITC", "z_offset": 1},
                    {"config": "Cy5", "do_stack": False},
                ],
                "timepoints": [-1],
            },
            stimulate={"exposure": 10, "timepoints": [0]},
        )
    )  # fmt: skip
    heights = {step.index: step.request.z_pos for step in schedule.steps if step.index}
    assert heights == {
        Index(0, 0, 0, 1): 105, Index(0, 0, 3, 1): 100, Index(1, 0, 0, 1): 105,
        Index(2, 0, 0, 1): 105,
        Index(2, 0, 1, 0): 99, Index(2, 0, 1, 1): 101, Index(2, 0, 1, 2): 103,
        Index(2, 0, 2, 1): 100,
    }  # fmt: skip


def test_timepoints_count_within_their_phase() -> None:
    last = series(reference={"channels": ["FITC"], "timepoints": [-1]})
    assert timepoints(compiled(last, last), "reference") == [2, 5]


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"timepoints": [3]}, "timepoint 3, and the phase has 3"),
        ({"timepoints": [-4]}, "timepoint -4"),
        ({"timepoints": {"start": 5}}, "start 5"),
        ({"timepoints": [1]}, "at timepoint 1, at which none"),
    ],
)
def test_what_cannot_be_is_refused(beside: dict[str, Any], said: str) -> None:
    every_second = [{"config": "DAPI", "acquire_every": 2}]
    for more in (
        {"stimulate": {"exposure": 5, **beside}},
        {"reference": {"channels": ["FITC"], **beside}},
    ):
        with pytest.raises(PlanError, match=said):
            compiled(series("red", channels=every_second, **more))


def test_power_of_no_channel_is_refused() -> None:
    with pytest.raises(PlanError, match=r"power of 'FITC'.*DAPI"):
        compiled(phase(power={"FITC": 3}))


def test_exposures_are_above_zero() -> None:
    for exposure in (0, -1, [5, 0], [], float("inf")):
        with pytest.raises(ValidationError):
            Stimulation(exposure=exposure)
