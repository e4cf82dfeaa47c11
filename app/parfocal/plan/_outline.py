"""Say what a long time series comes to without compiling all of it: one period, and how often.

Laying out costs 50 to 80 µs a step, and while Python collects the objects that it makes the window
stands still: 200,000 frames took 17 s, with stalls of 2 to 5 s. A time series repeats itself, so
that the figures of all of it follow exactly from its first timepoints.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import lcm
from statistics import median

import useq

from parfocal.plan._compile import (
    UNKNOWN_EXPOSURE_MS,
    compile_each_step,
    refuse_what_is_not_run,
)
from parfocal.plan._experiment import Experiment
from parfocal.plan._placing import FieldOfView, StagePoint
from parfocal.plan._schedule import Schedule, Sizes

__all__ = ["outline"]

# A longer period (channels taken every 7th and every 11th timepoint) is compiled whole.
LONGEST_PERIOD = 24


def outline(
    experiment: Experiment,
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """As `compile_schedule`, with all its figures, fields and channels, for looking at it only:
    of a series that repeats itself it has no more than the steps of the first period."""
    phase = experiment.items[0]
    refuse_what_is_not_run(phase.name, phase.sequence)
    times = times_of_a_repeating_series(phase.sequence)
    period = period_of(phase.sequence)
    if len(times) <= 2 * period:
        return compile_each_step(experiment, field_of_view_um=field_of_view_um, stage_um=stage_um)
    series = useq.TIntervalLoops(interval=times[1] - times[0], loops=period)  # type: ignore[arg-type] # pydantic casts seconds
    head = phase.model_copy(update={"sequence": phase.sequence.replace(time_plan=series)})
    return _extended(
        compile_each_step(
            experiment.model_copy(update={"items": (head,)}),
            field_of_view_um=field_of_view_um,
            stage_um=stage_um,
        ),
        times,
        period,
    )


def period_of(sequence: useq.MDASequence) -> int:
    """After how many timepoints a series repeats itself."""
    return lcm(*(channel.acquire_every for channel in sequence.channels))


def times_of_a_repeating_series(sequence: useq.MDASequence) -> list[float]:
    """The due times of its timepoints; none when it does not repeat itself, or might not."""
    plan = sequence.time_plan
    if plan is None or isinstance(plan, useq.MultiPhaseTimePlan):
        return []
    if period_of(sequence) > LONGEST_PERIOD:
        return []
    if any(position.sequence is not None for position in sequence.stage_positions):
        return []
    if sequence.axis_order[0] != "t":  # each field has a series of its own, one after the other
        return []
    return list(plan)


@dataclass
class _Timepoint:
    """What one timepoint of the period holds."""

    frames: int = 0
    exposures_s: float = 0.0
    events: set[int] = field(default_factory=set)
    first_field: bool = False


def _extended(head: Schedule, times: list[float], period: int) -> Schedule:
    parts: defaultdict[int, _Timepoint] = defaultdict(_Timepoint)
    for step in head.steps:
        part = parts[step.request.index.get("t", 0)]
        part.events.add(step.event)
        if step.index is not None:
            part.frames += 1
            part.exposures_s += (step.request.exposure or UNKNOWN_EXPOSURE_MS) / 1000
            part.first_field |= step.index.p == 0
    clock = 0.0
    events = frames = last = 0
    starts = []
    for t, due in enumerate(times):
        part = parts[t % period]
        if part.events:
            clock = max(clock, due) + part.exposures_s
        if part.frames:
            last = t + 1
        if part.first_field:
            starts.append((t, due))
        events += len(part.events)
        frames += part.frames
    intervals = [(later - due) / (after - t) for (t, due), (after, later) in pairwise(starts)]
    interval = median(intervals) if intervals else 0.0
    return replace(
        head,
        sizes=Sizes(last, head.sizes.c, head.sizes.z),
        events=events,
        frames=frames,
        duration_s=clock,
        time_step_s=round(interval, 9) if interval > 0 else None,
    )
