"""Compile an experiment: every step is laid out, and what repeats itself only once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import useq

from parfocal.plan._compile import compile_each_step
from parfocal.plan._experiment import Experiment
from parfocal.plan._outline import outline, period_of, times_of_a_repeating_series
from parfocal.plan._placing import FieldOfView, StagePoint
from parfocal.plan._schedule import Index, Schedule, Step

__all__ = ["compile_schedule"]


def compile_schedule(
    experiment: Experiment,
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """Lay out every step with its index and due time.

    `field_of_view_um` (width, height) spaces the grids, whatever camera they were made for;
    `stage_um` (x, y, z) is where relative plans start that name no position.
    """
    sequence = experiment.items[0].sequence
    if _differs_within_the_series(sequence):
        return compile_each_step(experiment, field_of_view_um=field_of_view_um, stage_um=stage_um)
    head = outline(experiment, field_of_view_um=field_of_view_um, stage_um=stage_um)
    if len(head.steps) == head.frames:
        return head
    times = times_of_a_repeating_series(sequence)
    return replace(head, steps=tuple(_repeated(head.steps, times, period_of(sequence))))


def _differs_within_the_series(sequence: useq.MDASequence) -> bool:
    """An autofocus may come once only; a shutter stays open until the last exposure."""
    return sequence.autofocus_plan is not None or bool(sequence.keep_shutter_open_across)


def _repeated(period: Sequence[Step], times: Sequence[float], length: int) -> Iterator[Step]:
    """The steps of one period, again and again, until there are no more timepoints."""
    events = 1 + max(step.event for step in period)
    ordinal = 0
    for number, start in enumerate(range(0, len(times), length)):
        for step in period:
            assert step.index is not None  # without autofocus every step is a frame
            t = start + step.index.t
            if t >= len(times):
                return
            index = Index(t, *step.index[1:])
            event = number * events + step.event
            yield Step(ordinal, step.kind, event, index, times[t], step.request)
            ordinal += 1
