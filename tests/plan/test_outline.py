"""The outline has the figures of the whole schedule, at the price of one period of it."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

import pytest
import useq
from hypothesis import given, settings
from hypothesis import strategies as st

from parfocal.plan import (
    Schedule,
    Step,
    _layout,
    compile_schedule,
    experiment_from_sequence,
    outline,
)

STEP = ("ordinal", "kind", "event", "index", "due")
FIELDS = [(0, 0, 0), (50, 0, 0), (50, 50, 10)]


def same_steps(one_by_one: Schedule, repeated: Schedule) -> None:
    """But for the timepoint of a request, which the feed fills in."""

    def bare(step: Step) -> tuple[object, ...]:
        axes = {**step.request.index, "t": 0}
        request = step.request.model_copy(update={"index": axes})
        return (*(getattr(step, name) for name in STEP if name != "due"), request)

    assert len(repeated.steps) == len(one_by_one.steps)
    for theirs, ours in zip(one_by_one.steps, repeated.steps, strict=True):
        assert bare(ours) == bare(theirs)
        assert ours.due == pytest.approx(theirs.due)


def same_figures(sequence: useq.MDASequence) -> None:
    experiment = experiment_from_sequence(sequence, "series")
    view, stage = (256.0, 256.0), (5.0, 6.0, 7.0)
    with mock.patch.object(_layout, "_repeating", return_value=False):
        whole = compile_schedule(experiment, field_of_view_um=view, stage_um=stage)
    same_steps(whole, compile_schedule(experiment, field_of_view_um=view, stage_um=stage))
    short = outline(experiment, field_of_view_um=view, stage_um=stage)
    for name in ("fields", "channels", "sizes", "events", "frames", "z_step_um", "cells", "parts"):
        assert getattr(short, name) == getattr(whole, name), name
    assert short.duration_s == pytest.approx(whole.duration_s)
    assert short.time_step_s == pytest.approx(whole.time_step_s)


@settings(max_examples=60, deadline=None)
@given(
    loops=st.integers(1, 30),
    interval=st.sampled_from([0, 0.005, 0.7, 10]),
    fields=st.integers(0, 3),
    every=st.lists(st.integers(1, 4), min_size=0, max_size=3),
    planes=st.integers(0, 4),
    whole_stack=st.booleans(),
    order=st.sampled_from(["tpgcz", "tpgzc", "tgpcz", "ptgcz", "tcpgz"]),
    grid=st.booleans(),
)
def test_the_figures_are_those_of_the_whole(
    loops: int,
    interval: float,
    fields: int,
    every: list[int],
    planes: int,
    whole_stack: bool,
    order: str,
    grid: bool,
) -> None:
    names = ("DAPI", "FITC", "Cy5")
    plan: dict[str, Any] = {
        "axis_order": order,
        "time_plan": {"interval": interval, "loops": loops},
        "stage_positions": FIELDS[:fields],
        "channels": [
            {
                "config": names[c],
                "exposure": 5,
                "acquire_every": n,
                "do_stack": whole_stack or c > 0,
            }
            for c, n in enumerate(every)
        ],
    }
    if planes:
        plan["z_plan"] = {"range": planes, "step": 1}
    if grid and order != "tgpcz":
        plan["grid_plan"] = {"rows": 1, "columns": 2}
    same_figures(useq.MDASequence(**plan))


def test_phases_and_own_sequences_are_compiled_whole() -> None:
    phases = [{"interval": 1, "loops": 9}, {"interval": 5, "loops": 9}]
    same_figures(useq.MDASequence(time_plan=phases, channels=["DAPI"]))
    own = useq.Position(x=0, y=0, sequence={"z_plan": {"range": 4, "step": 1}})
    same_figures(
        useq.MDASequence(
            time_plan={"interval": 1, "loops": 20}, channels=["DAPI"], stage_positions=[own, (9, 9)]
        )
    )


def test_a_million_frames_take_no_longer_than_a_thousand() -> None:
    sequence = useq.MDASequence(
        time_plan={"interval": 10, "loops": 5_000},
        stage_positions=[(x, 0, 0) for x in range(20)],
        channels=[{"config": "DAPI", "exposure": 5}, {"config": "FITC", "exposure": 5}],
        z_plan={"range": 8, "step": 2},
    )
    started = time.perf_counter()
    schedule = outline(experiment_from_sequence(sequence, "weeks"))
    assert schedule.frames == 1_000_000
    assert len(schedule.steps) == 200
    assert time.perf_counter() - started < 5  # compiled whole it is a minute and a half


@pytest.mark.parametrize(
    "once",
    [
        {"autofocus_plan": {"autofocus_motor_offset": 1, "axes": ["p"]}},
        {"keep_shutter_open_across": ["t"]},
    ],
)
def test_what_comes_once_is_not_repeated(once: dict[str, Any]) -> None:
    same_figures(
        useq.MDASequence(
            time_plan={"interval": 1, "loops": 20},
            channels=["DAPI"],
            stage_positions=[useq.Position(x=0, y=0, z=0)],
            **once,
        )
    )


def test_a_stack_taken_downwards_has_its_lowest_plane_first() -> None:
    stacks = {
        way: compile_schedule(
            experiment_from_sequence(
                useq.MDASequence(
                    time_plan={"interval": 0, "loops": loops},
                    channels=["DAPI"],
                    z_plan={"bottom": 3, "top": 9, "step": 2, "go_up": way == "up"},
                ),
                "stack",
            )
        )
        for loops, way in ((1, "up"), (20, "down"))
    }
    down = stacks["down"].steps[4:8]
    assert [step.request.z_pos for step in down] == [9, 7, 5, 3]
    assert [step.index.z for step in down if step.index] == [3, 2, 1, 0]
    assert stacks["down"].fields == stacks["up"].fields
    assert stacks["down"].fields[0].z == 3


@pytest.mark.parametrize("order", ["ptgcz", "pgtcz", "ctpgz", "pgczt", "tpgcz"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"autofocus_plan": {"autofocus_motor_offset": 1, "axes": ["t"]}},
        {"autofocus_plan": {"autofocus_motor_offset": 1, "axes": ["c", "p"]}},
        {"keep_shutter_open_across": ["t", "c"]},
        {"time_plan": [{"interval": 1, "loops": 7}, {"interval": 5, "loops": 6}]},
    ],
)
def test_a_long_series_is_as_if_laid_out_one_by_one(order: str, more: dict[str, Any]) -> None:
    every = 1 if order.index("c") < order.index("t") else 2
    same_figures(
        useq.MDASequence(
            **{
                "axis_order": order,
                "time_plan": {"interval": 2, "loops": 13},
                "stage_positions": [(0, 0, 0), (50, 0, 0)],
                # useq warns of skipped timepoints where the channel comes before the time
                "channels": [{"config": "DAPI", "acquire_every": every}, "FITC"],
                **more,
            }
        )
    )
