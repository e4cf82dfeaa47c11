"""A plan is changed in mid-run: what was done keeps its numbers, and totals follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_values import compiled, hold, phase, series, wait
from runnable_plans import runnable_items, runnable_plans

from parfocal.plan import (
    Experiment,
    Item,
    PlanError,
    Schedule,
    compile_schedule,
    continue_with,
    extend,
    outline,
    read_plan,
    replace_remaining,
    revise,
    write_plan,
)

A = series()


def frames(schedule: Schedule) -> list[tuple[int, float]]:
    return [(step.index.t, step.due) for step in schedule.steps if step.index]


def totals_follow(schedule: Schedule) -> None:
    planned = schedule.planned()
    events = [step.event for step in schedule.steps if step.event is not None]
    assert schedule.frames == len(planned) == len(set(planned))
    assert [step.ordinal for step in schedule.steps] == list(range(len(schedule.steps)))
    assert schedule.events == len(set(events)) == max(events, default=-1) + 1
    assert sum(count for _, count in schedule.cells) == schedule.events + len(schedule.barriers)
    assert schedule.sizes.t == max((index.t for index in planned), default=-1) + 1
    assert all(index.p < len(schedule.fields) for index in planned)
    assert all(index.c < len(schedule.channels) for index in planned)
    assert all(step.anchor < len(schedule.anchors) for step in schedule.steps)
    assert all(step.item < len(schedule.parts) for step in schedule.steps)


@settings(max_examples=40, deadline=None)
@given(experiment=runnable_plans, items=runnable_items, data=st.data())
def test_what_was_done_is_kept_and_the_rest_replaced(
    experiment: Experiment, items: tuple[Item, ...], data: st.DataObject
) -> None:
    before = compile_schedule(experiment)
    done = data.draw(st.integers(0, len(before.steps)))
    after = replace_remaining(before, done, items)
    assert after.steps[:done] == before.steps[:done]
    assert after.fields[: len(before.fields)] == before.fields
    assert after.channels[: len(before.channels)] == before.channels
    totals_follow(after)
    last = max((step.index.t for step in before.steps[:done] if step.index), default=-1)
    assert all(step.index.t > last for step in after.steps[done:] if step.index)
    assert all(step.item >= len(before.parts) for step in after.steps[done:])
    written = revise(experiment, "replace", done, items)
    assert compile_schedule(written) == after
    assert len(written.every_item) == len(after.parts)


@settings(max_examples=40, deadline=None)
@given(experiment=runnable_plans, items=runnable_items)
def test_an_extended_plan_is_as_if_planned_so(
    experiment: Experiment, items: tuple[Item, ...]
) -> None:
    longer = extend(compile_schedule(experiment), items)
    planned = compile_schedule(Experiment(items=(*experiment.items, *items)))
    assert [step.due for step in longer.steps] == [step.due for step in planned.steps]
    assert [step.event for step in longer.steps] == [step.event for step in planned.steps]
    # but for the channels: those that a store has already keep their number
    assert [index[:2] for index in longer.planned()] == [index[:2] for index in planned.planned()]
    assert longer.anchors == planned.anchors
    assert (longer.cells, longer.barriers) == (planned.cells, planned.barriers)
    assert longer.duration_s == planned.duration_s
    totals_follow(longer)


def test_a_replacement_begins_one_interval_after_what_was_done() -> None:
    plan = series(loops=10)
    assert frames(replace_remaining(compiled(plan), 4, (series(interval=1),)))[3:] == [
        (3, 30), (4, 40), (5, 41), (6, 42),
    ]  # fmt: skip
    assert frames(replace_remaining(compiled(plan), 4, (wait(3), A)))[3:5] == [(3, 30), (4, 33)]
    assert frames(replace_remaining(compiled(plan), 0, (A,))) == [(0, 0), (1, 10), (2, 20)]


def test_a_replacement_in_mid_event_leaves_the_rest_of_it_out() -> None:
    two = series(channels=["DAPI", "FITC"])
    schedule = replace_remaining(compiled(two), 3, (phase(),))
    assert [index[:3] for index in schedule.planned()] == [
        (0, 0, 0),
        (0, 0, 1),
        (1, 0, 0),
        (2, 0, 0),
    ]
    assert (schedule.events, schedule.steps[-1].due) == (3, 20)


def test_a_replacement_during_a_wait_begins_at_its_end() -> None:
    schedule = replace_remaining(compiled(A, wait(100), A), 4, (A,))
    assert frames(schedule)[3:] == [(3, 120), (4, 130), (5, 140)]
    assert [anchor.opened_by for anchor in schedule.anchors] == [None, 3]
    assert schedule.steps[-1].anchor == 1


def test_a_replacement_before_a_wait_takes_the_wait_away() -> None:
    schedule = replace_remaining(compiled(A, wait(100), hold(), A), 3, (A,))
    assert frames(schedule)[3:] == [(3, 30), (4, 40), (5, 50)]
    assert len(schedule.anchors) == 1
    assert [part.kept for part in schedule.parts] == [True, False, False, False, True]


def test_the_last_batch_says_when_a_replacement_begins() -> None:
    batched = series(
        stage_positions=[(0, 0), (9, 0)], loops=2, seconds_per_field=8
    )  # 0, 10 | 18, 28
    schedule = replace_remaining(compiled(batched), 3, (phase(),))
    assert frames(schedule) == [(0, 0), (1, 10), (0, 18), (2, 28)]


def test_what_continues_a_run_that_ended_begins_when_asked() -> None:
    schedule = continue_with(compiled(A), (A, wait(5), phase()))
    assert [(anchor.opened_by, anchor.when_asked) for anchor in schedule.anchors] == [
        (None, False),
        (None, True),
        (6, False),
    ]
    assert [step.anchor for step in schedule.steps] == [0] * 3 + [1] * 4 + [2]
    assert [schedule.offset(step) for step in schedule.steps[3:]] == [0, 10, 20, 20, 0]
    assert [index.t for index in schedule.planned()] == [0, 1, 2, 3, 4, 5, 6]


def test_new_fields_and_channels_come_after_those_of_the_store() -> None:
    before = compiled(series(reference={"channels": ["Cy5"]}, stage_positions=[(0, 0)]))
    new = phase(channels=["FITC", "DAPI"], stage_positions=[(9, 9), (0, 0)])
    after = extend(before, (new,))
    assert [channel.name for channel in after.channels] == ["DAPI", "Cy5", "FITC"]
    assert [index[1:3] for index in after.planned()[6:]] == [(1, 2), (1, 0), (0, 2), (0, 0)]


def test_replacing_with_nothing_ends_the_run_there() -> None:
    schedule = replace_remaining(compiled(A, wait(5), A), 2, ())
    assert (schedule.frames, schedule.events, len(schedule.steps)) == (2, 2, 2)
    with pytest.raises(PlanError, match="8 steps"):
        replace_remaining(compiled(A), 8, ())


def test_a_plan_with_revisions_comes_back_and_gives_the_schedule_as_run(tmp_path: Path) -> None:
    plan = Experiment(items=(series(loops=5), wait(3), A))
    plan = revise(plan, "extend", 2, (hold(), phase("more")))
    plan = revise(plan, "replace", 4, (series("other", interval=2),))
    plan = revise(plan, "continue", 7, (wait(1), A))
    write_plan(plan, tmp_path / "plan.parfocal.yaml")
    assert read_plan(tmp_path / "plan.parfocal.yaml") == plan
    schedule = compile_schedule(plan)
    assert frames(schedule) == [
        (0, 0), (1, 10), (2, 20), (3, 30), (4, 40), (5, 42), (6, 44),
        (7, 45), (8, 55), (9, 65),
    ]  # fmt: skip
    totals_follow(schedule)
    assert outline(plan).frames == schedule.frames
    with pytest.raises(PlanError, match="revisions"):
        write_plan(plan, tmp_path / "plan.useq.yaml")
