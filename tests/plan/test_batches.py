"""Fields that do not fit the interval are taken in batches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_values import compiled, series, wait

from parfocal.plan import (
    Experiment,
    Phase,
    PlanError,
    batch_fields,
    batch_sizes,
    compile_schedule,
    outline,
)


def many(fields: int, interval: float = 60, loops: int = 3, **more: Any) -> Phase:
    places = [(x, 0, 0) for x in range(fields)]
    return series(interval=interval, loops=loops, stage_positions=places, **more)


def test_31_fields_of_2_s_in_60_s_are_batches_of_30_and_1() -> None:
    schedule = compiled(batch_fields(many(31), 2))
    first = [step for step in schedule.steps if step.index and step.index.p < 30]
    last = [step for step in schedule.steps if step.index and step.index.p == 30]
    assert batch_sizes(31, 30) == (30, 1)
    assert schedule.steps == (*first, *last)
    assert [step.due for step in first] == [60 * t + 2 * j for t in range(3) for j in range(30)]
    # a batch's last time is 120 s, and its 30 fields take 60 s
    assert [step.due for step in last] == [180, 240, 300]
    assert [step.index.t for step in last if step.index] == [0, 1, 2]
    assert (schedule.events, schedule.sizes.t) == (93, 3)


@settings(max_examples=60, deadline=None)
@given(
    fields=st.integers(1, 25),
    interval=st.sampled_from([0.0, 0.1, 0.7, 1.0, 60.0]),
    loops=st.integers(1, 5),
    per_field=st.sampled_from([0.05, 0.1, 1.0, 2.0, 9.0]),
)
def test_a_batch_is_as_large_as_the_interval_allows(
    fields: int, interval: float, loops: int, per_field: float
) -> None:
    schedule = compiled(batch_fields(many(fields, interval, loops), per_field))
    size = max(1, round(interval * 1000) // round(per_field * 1000)) if loops > 1 else 1
    frames = [(step.index, step.due) for step in schedule.steps if step.index]
    assert [index.p // size for index, _ in frames] == sorted(
        index.p // size for index, _ in frames
    )
    for index, due in frames:
        batch, place = divmod(index.p, size)
        late = batch * (interval * (loops - 1) + size * per_field) + place * per_field
        assert due == pytest.approx(interval * index.t + late)
    assert len({index for index, _ in frames}) == fields * loops
    dues = [due for _, due in frames]
    assert dues == sorted(dues)


@pytest.mark.parametrize("loops", [4, 40])
def test_what_a_batched_plan_comes_to_is_known_from_its_outline(loops: int) -> None:
    batched = batch_fields(
        many(7, 10, loops, stimulate={"exposure": 500, "timepoints": {"step": 3}}), 3
    )
    experiment = Experiment(items=(batched, wait(5), batched))
    whole, short = compile_schedule(experiment), outline(experiment)
    for name in ("events", "frames", "sizes", "cells", "barriers", "parts"):
        assert getattr(short, name) == getattr(whole, name), name
    assert short.duration_s == pytest.approx(whole.duration_s)


def test_floats_do_not_cost_a_field() -> None:
    schedule = compiled(batch_fields(many(7, 0.7, 2), 0.1))  # 0.7 / 0.1 is 6.999999999999999
    assert [step.index.p for step in schedule.steps if step.index] == [*range(7)] * 2


def test_the_next_phase_begins_one_interval_after_the_last_batch() -> None:
    batched = batch_fields(many(3, 10, 2), 6)  # one field a batch: 0, 10 | 16, 26 | 32, 42
    schedule = compiled(batched, series())
    assert list(schedule.due_times()) == [0, 10, 16, 26, 32, 42, 52, 62, 72]


def test_an_experiment_is_batched_in_all_its_phases_and_back() -> None:
    experiment = Experiment(items=(many(3), wait(3), many(2)))
    batched = batch_fields(experiment, 40)
    assert [phase.seconds_per_field for phase in batched.phases] == [40, 40]
    assert batch_fields(batched, None) == experiment


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"axis_order": "ptgcz"}, "time outermost"),
        ({"autofocus_plan": {"axes": ["t"], "autofocus_motor_offset": 1}}, "axis p"),
        ({"keep_shutter_open_across": ["c", "t"]}, "across t"),
    ],
)
def test_what_cannot_be_batched_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        compiled(batch_fields(many(3, **more), 40))
    with pytest.raises(PlanError, match="0 s"):
        batch_fields(many(3), 0)


def test_a_batch_takes_field_by_field_also_where_the_channels_come_first() -> None:
    plan = many(2, 10, 2, axis_order="tcpgz", channels=["DAPI", "FITC"])
    schedule = compiled(batch_fields(plan, 3))
    assert [(step.index[:3], step.due) for step in schedule.steps if step.index] == [
        ((0, 0, 0), 0), ((0, 0, 1), 0), ((0, 1, 0), 3), ((0, 1, 1), 3),
        ((1, 0, 0), 10), ((1, 0, 1), 10), ((1, 1, 0), 13), ((1, 1, 1), 13),
    ]  # fmt: skip
