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
    Experiment,
    Hold,
    Overview,
    Phase,
    Reference,
    Schedule,
    Step,
    Stimulation,
    TimeRange,
    Wait,
    _alike,
    _compile,
    _layout,
    _series,
    compile_schedule,
    duplicate_item,
    experiment_from_sequence,
    outline,
    replace_sequence,
)

STEP = ("ordinal", "kind", "event", "index", "due")
VIEW, STAGE = (256.0, 256.0), (5.0, 6.0, 7.0)
FIGURES = (
    "fields",
    "channels",
    "sizes",
    "events",
    "frames",
    "z_step_um",
    "cells",
    "parts",
    "visited",
    "barriers",
)
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


def laid_out_one_by_one(experiment: Experiment) -> Schedule:
    with (
        mock.patch.object(_layout, "_repeating", return_value=False),
        mock.patch.object(_alike, "are_alike", return_value=False),
    ):
        return compile_schedule(experiment, field_of_view_um=VIEW, stage_um=STAGE)


def same_figures(plan: useq.MDASequence | Experiment) -> None:
    experiment = plan if isinstance(plan, Experiment) else experiment_from_sequence(plan, "series")
    whole = laid_out_one_by_one(experiment)
    same_steps(whole, compile_schedule(experiment, field_of_view_um=VIEW, stage_um=STAGE))
    short = outline(experiment, field_of_view_um=VIEW, stage_um=STAGE)
    with mock.patch.object(_layout, "MOST_SHOTS", 2):  # so that it leaves steps out
        glanced_at = Overview().of(experiment, field_of_view_um=VIEW, stage_um=STAGE)
    for schedule in (short, glanced_at):
        for name in FIGURES:
            assert getattr(schedule, name) == getattr(whole, name), name
        assert schedule.duration_s == pytest.approx(whole.duration_s)
        assert schedule.time_step_s == pytest.approx(whole.time_step_s)
    if experiment.phases[0].seconds_per_field is None:  # batches have an order of their own
        known = {step.index: step.event for step in whole.steps if step.index is not None}
        shown = [step for step in glanced_at.steps if step.index is not None]
        assert [known[step.index] for step in shown] == [step.event for step in shown]


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


DOWNWARDS = {"bottom": 1, "top": 5, "step": 2, "go_up": False}
PLATE = useq.WellPlatePlan(
    plate=96,
    a1_center_xy=(100, 50),
    selected_wells=((0, 0, 1), (0, 1, 1)),
    well_points_plan=useq.GridRowsColumns(rows=1, columns=2, fov_width=200, fov_height=200),
)


@settings(max_examples=60, deadline=None)
@given(
    loops=st.integers(0, 9),
    order=st.sampled_from(["tpgcz", "tpgzc", "tcpgz", "tzpcg", "ptgcz"]),
    places=st.sampled_from(["list", "open", "plate", "mixed"]),
    grid=st.booleans(),
    stack=st.sampled_from(
        [None, {"range": 2, "step": 1}, {"bottom": 1, "top": 5, "step": 2, "go_up": False}]
    ),
    every=st.integers(1, 3),
    referred=st.sampled_from([None, (0,), (-1,), TimeRange()]),
    lit=st.sampled_from([None, "current", "previous"]),
    seconds=st.sampled_from([None, 0.4, 3.0]),
    barrier=st.sampled_from([None, Wait(seconds=2.5), Hold(message="drug")]),
)
def test_places_that_are_taken_alike_are_as_if_laid_out_one_by_one(
    loops: int,
    order: str,
    places: str,
    grid: bool,
    stack: dict[str, Any] | None,
    every: int,
    referred: Any,
    lit: Any,
    seconds: float | None,
    barrier: Wait | Hold | None,
) -> None:
    where: Any = {
        "list": [useq.Position(x=10 * n, y=5, z=n, name="n" * (n % 2)) for n in range(5)],
        "open": [useq.Position(x=10 * n, y=5) for n in range(3)],
        "plate": PLATE,
        "mixed": [useq.Position(x=1, y=2, z=3), useq.Position(x=9, y=2)],
    }[places]
    sequence = useq.MDASequence(
        axis_order=order,
        time_plan={"interval": 1, "loops": loops} if loops else None,
        stage_positions=where,
        grid_plan={"rows": 1, "columns": 2} if grid and order != "tzpcg" else None,
        z_plan=stack,
        channels=[
            {"config": "DAPI", "exposure": 5, "z_offset": 2},
            {"config": "FITC", "exposure": 400, "do_stack": False, "acquire_every": every},
        ],
    )
    phase = Phase(
        sequence=sequence,
        reference=None
        if referred is None
        else Reference(
            channels=({"config": "Cy5", "exposure": 9}, {"config": "DAPI", "do_stack": False}),
            timepoints=referred,
        ),
        stimulate=None if lit is None else Stimulation(mode=lit, exposure=30),
        seconds_per_field=seconds if order != "ptgcz" else None,
    )
    items = (phase,) if barrier is None else (phase, barrier, phase)
    same_figures(Experiment(items=items))


def plate_of(points: int) -> Experiment:
    """All 384 wells, `points` × `points` fields in each."""
    grid = useq.GridRowsColumns(rows=points, columns=points, fov_width=256, fov_height=256)
    plate = useq.WellPlatePlan(
        plate=384,
        a1_center_xy=(0, 0),
        selected_wells=(
            tuple(well // 24 for well in range(384)),
            tuple(well % 24 for well in range(384)),
        ),
        well_points_plan=grid,
    )
    sequence = useq.MDASequence(
        time_plan={"interval": 3600, "loops": 3},
        stage_positions=plate,
        channels=[{"config": "DAPI", "exposure": 5}, {"config": "FITC", "exposure": 5}],
    )
    return experiment_from_sequence(sequence, "plate")


def test_a_plate_is_looked_at_without_laying_out_its_wells() -> None:
    experiment = plate_of(3)
    with mock.patch.object(
        _compile._Compiler, "add", autospec=True, side_effect=_compile._Compiler.add
    ) as laid_out:
        schedule = Overview().of(experiment, field_of_view_um=VIEW, stage_um=STAGE)
    assert laid_out.call_count == 2, "one place with its two channels"
    assert (schedule.events, schedule.frames) == (3 * 384 * 9, 3 * 384 * 9 * 2)
    assert len(schedule.fields) == len(schedule.visited) == 384 * 9
    assert len(schedule.steps) <= _layout.MOST_SHOTS


def test_only_the_phase_that_was_edited_is_looked_at_again() -> None:
    experiment = duplicate_item(duplicate_item(plate_of(1), 0), 0)
    overview = Overview()
    with mock.patch.object(_series, "glance", side_effect=_series.glance) as glance:
        overview.of(experiment, stage_um=STAGE)
        assert glance.call_count == 3
        overview.of(experiment, stage_um=STAGE)
        assert glance.call_count == 3, "nothing is new"
        sequence = experiment.phases[1].sequence.replace(channels=["Cy5"])
        edited = replace_sequence(experiment, 1, sequence)
        schedule = overview.of(edited, stage_um=STAGE)
        assert glance.call_count == 4
        assert [call.args[0].name for call in glance.call_args_list][-1] == edited.phases[1].name
        overview.of(edited, stage_um=(0, 0, 0))
        assert glance.call_count == 5, "only the first phase begins at another place"
    assert schedule.frames == laid_out_one_by_one(edited).frames
