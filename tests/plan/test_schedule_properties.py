"""What holds of every schedule, whatever the plan."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given, settings
from runnable_plans import runnable_plans

from parfocal.plan import Experiment, Hold, Phase, Wait, compile_schedule, outline


@settings(max_examples=80, deadline=None)
@given(experiment=runnable_plans)
def test_numbers_are_unique_contiguous_and_in_order(experiment: Experiment) -> None:
    schedule = compile_schedule(experiment)
    planned = schedule.planned()
    assert len(set(planned)) == len(planned) == schedule.frames
    assert [step.ordinal for step in schedule.steps] == list(range(len(schedule.steps)))
    seen: list[int] = []
    for step in schedule.steps:
        if step.event is not None and step.event not in seen:
            seen.append(step.event)
    assert seen == list(range(schedule.events))
    events: dict[int, tuple[int, int]] = {}
    for step in schedule.steps:
        if step.index is not None and step.event is not None:
            assert events.setdefault(step.event, step.index[:2]) == step.index[:2]
    assert len(set(events.values())) == len(events) == schedule.events
    assert [step.item for step in schedule.steps] == sorted(step.item for step in schedule.steps)


@settings(max_examples=80, deadline=None)
@given(experiment=runnable_plans)
def test_due_times_never_go_back(experiment: Experiment) -> None:
    schedule = compile_schedule(experiment)
    dues = [step.due for step in schedule.steps]
    assert dues == sorted(dues)
    for _, steps in groupby(schedule.steps, key=lambda step: step.anchor):
        offsets = [schedule.offset(step) for step in steps]
        assert offsets == sorted(offsets)
        assert offsets[0] >= 0
    for anchor in schedule.anchors[1:]:
        assert anchor.opened_by is not None
        barrier = schedule.steps[anchor.opened_by]
        assert anchor.due == pytest.approx(barrier.due + (barrier.seconds or 0))
    assert schedule.duration_s >= max(dues)


@settings(max_examples=80, deadline=None)
@given(experiment=runnable_plans)
def test_each_item_is_what_its_steps_are(experiment: Experiment) -> None:
    schedule = compile_schedule(experiment)
    kinds = {"wait": Wait, "hold": Hold}
    for step in schedule.steps:
        item = experiment.items[step.item]
        assert isinstance(item, kinds.get(step.kind, Phase))
        part = schedule.parts[step.item]
        if step.index is not None:
            assert 0 <= step.index.t - part.first_t < part.timepoints
            assert schedule.channels[step.index.c].kind == step.kind
    order = ["imaging", "reference", "stimulation"]
    channels = [order.index(channel.kind) for channel in schedule.channels]
    assert channels == sorted(channels)
    assert len({channel.name for channel in schedule.channels}) == len(channels)


@settings(max_examples=80, deadline=None)
@given(experiment=runnable_plans)
def test_the_strips_cells_are_the_steps_kinds(experiment: Experiment) -> None:
    schedule = compile_schedule(experiment)
    cells = schedule.event_kinds()
    barriers = [step.kind for step in schedule.steps if step.event is None]
    assert len(cells) == schedule.events + len(barriers)
    assert [cells[schedule.cell_of_barrier(n)] for n in range(len(barriers))] == barriers
    kinds: dict[int, set[str]] = {}
    for step in schedule.steps:
        if step.event is not None:
            kinds.setdefault(step.event, set()).add(step.kind)
    for event, found in kinds.items():
        expected = next(k for k in ("reference", "stimulation", "imaging") if k in found)
        assert cells[schedule.cell_of_event(event)] == expected


@settings(max_examples=80, deadline=None)
@given(experiment=runnable_plans)
def test_the_outline_of_any_plan_has_its_figures(experiment: Experiment) -> None:
    whole, short = compile_schedule(experiment), outline(experiment)
    for name in ("fields", "channels", "sizes", "events", "frames", "cells", "barriers", "parts"):
        assert getattr(short, name) == getattr(whole, name), name
    assert short.duration_s == pytest.approx(whole.duration_s)
    assert short.time_step_s == pytest.approx(whole.time_step_s)
    assert short.z_step_um == whole.z_step_um
