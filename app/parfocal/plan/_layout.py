"""Lay out one phase on a clock and with numbers of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import lcm

import useq

from parfocal.plan._alike import Alike, are_alike, exposures_of
from parfocal.plan._batches import Batches, batches_of
from parfocal.plan._beats import Beats, Series, beats_of
from parfocal.plan._beside import Beside
from parfocal.plan._compile import Exposures, Shot, refuse_phase
from parfocal.plan._faults import frames_of
from parfocal.plan._items import Phase
from parfocal.plan._long_series import long_series, shortened
from parfocal.plan._placing import FieldOfView, StagePoint, own_sequences, placed
from parfocal.plan._schedule import Channel, Field

__all__ = ["Layout", "glance", "lay_out", "sketch"]

# A longer period (channels taken every 7th and every 11th timepoint) is compiled whole.
LONGEST_PERIOD = 24

# What a glance shows step by step; a step costs 10 µs.
MOST_SHOTS = 500


@dataclass
class Layout:
    """One phase: its shots, where they go, and when the next item may begin.

    With `beats` the shots are those of the first period only, or of some of its fields, and the
    beats tell of all.
    """

    shots: list[Shot]
    fields: tuple[Field, ...]
    channels: tuple[Channel, ...]
    timepoints: int
    interval_s: float
    last_s: float
    """When the last timepoint is due."""
    ends_s: float
    """When the last shot is due."""
    place: useq.Position | None
    """Where the stage is sent last."""
    here: StagePoint | None = None
    """Where it stands then, counted with the phases before."""
    beats: Beats | None = None
    samples: list[Shot] = field(default_factory=list)
    """What is snapped beside, once for each field, where the shots are a period's only."""


def lay_out(phase: Phase, view: FieldOfView | None, stage: StagePoint | None) -> Layout:
    """Every shot of a phase."""
    sequence, times = _settled(phase, view, stage)
    period = period_of(sequence)
    if _repeating(sequence, times) and len(times) > 3 * period:
        found = long_series(sequence, times, period, phase.power)
    else:
        found = exposures_of(sequence, phase.power)
    beside = Beside(phase, found, len(times))
    shots = found.shots
    if beside:
        beside.refuse_unseen(shot.at.t for shot in shots if shot.at is not None)
        shots = beside.inserted(shots)
    batches = batches_of(phase, times, len(found.fields))
    if batches is not None:
        shots = batches.reordered(shots)
    ends = max((shot.due for shot in shots), default=0.0)
    layout = _layout(found, beside, batches, sequence, times)
    layout.shots, layout.ends_s = shots, ends
    layout.last_s = max(layout.last_s, ends if batches is None else 0.0)
    return layout


def sketch(phase: Phase, view: FieldOfView | None, stage: StagePoint | None) -> Layout:
    """As `lay_out`, but of a series that repeats itself no more shots than one period's."""
    sequence, times = _settled(phase, view, stage)
    period = period_of(sequence)
    if not _one_series(sequence, times) or len(times) <= 2 * period:
        return lay_out(phase, view, stage)
    found = exposures_of(shortened(sequence, times, period), phase.power)
    size = len(found.fields)
    return _sketched(phase, sequence, found, Series(found.shots, size, size, times, period))


def glance(phase: Phase, view: FieldOfView | None, stage: StagePoint | None) -> Layout:
    """As `sketch`, and of places that are taken alike no more shots than of the first ones."""
    sequence, times = _settled(phase, view, stage)
    period = period_of(sequence)
    short = len(times) > 2 * period
    timed = _one_series(sequence, times) or len(times) == 1
    if not timed or not are_alike(sequence) or frames_of(sequence) <= MOST_SHOTS:
        return sketch(phase, view, stage)
    one = shortened(sequence, times, period) if short else sequence
    alike = Alike.of(one, phase.power)
    first = alike.first
    most = max(1, MOST_SHOTS // max(1, len(first.shots)))
    found = alike.exposures(most)
    size = len(first.fields)
    series = Series(first.shots, size, len(found.fields), times, period if short else len(times))
    return _sketched(phase, sequence, found, series)


def _sketched(phase: Phase, sequence: useq.MDASequence, found: Exposures, series: Series) -> Layout:
    times = series.times
    beside = Beside(phase, found, len(times))
    batches = batches_of(phase, times, series.fields)
    layout = _layout(found, beside, batches, sequence, times)
    layout.beats = beats_of(series, beside, batches)
    beside.refuse_unseen(layout.beats.imaged())
    layout.shots = found.shots
    layout.samples = beside.samples(series.shots)
    layout.ends_s = layout.beats.ends_s
    return layout


def _one_series(sequence: useq.MDASequence, times: Sequence[float]) -> bool:
    """Whether it repeats itself, and not at each field anew, one after the other."""
    return _repeating(sequence, times) and sequence.axis_order[:1] == ("t",)


def period_of(sequence: useq.MDASequence) -> int:
    """After how many timepoints a series repeats itself."""
    parts = [sequence, *own_sequences(sequence)]
    return lcm(*(channel.acquire_every for part in parts for channel in part.channels))


def _settled(
    phase: Phase, view: FieldOfView | None, stage: StagePoint | None
) -> tuple[useq.MDASequence, list[float]]:
    """The sequence with its places settled, and when its timepoints are due."""
    refuse_phase(phase)
    sequence = placed(phase.sequence, view, stage)
    # how many tiles a grid has is known only now
    refuse_phase(phase.model_copy(update={"sequence": sequence}))
    plan = _time_plan(sequence)
    return sequence, [0.0] if plan is None or "t" not in sequence.axis_order else list(plan)


def _time_plan(sequence: useq.MDASequence) -> useq.AnyTimePlan | None:
    """The time plan; where only positions have one, the longest of theirs."""
    if sequence.time_plan is not None:
        return sequence.time_plan
    own = [part.time_plan for part in own_sequences(sequence) if part.time_plan is not None]
    return max(own, key=lambda plan: len(list(plan)), default=None)


def _interval(plan: useq.AnyTimePlan | None) -> float:
    """One interval as it is at the end of a time plan."""
    if isinstance(plan, useq.MultiPhaseTimePlan):
        return _interval(plan.phases[-1]) if plan.phases else 0.0
    return 0.0 if plan is None else plan.interval.total_seconds()


def _repeating(sequence: useq.MDASequence, times: Sequence[float]) -> bool:
    """Whether each period of a series is as the first one."""
    return (
        len(times) > 1
        and period_of(sequence) <= LONGEST_PERIOD
        and not any(part.time_plan is not None for part in own_sequences(sequence))
    )


def _layout(
    found: Exposures,
    beside: Beside,
    batches: Batches | None,
    sequence: useq.MDASequence,
    times: Sequence[float],
) -> Layout:
    last = times[-1] if sequence.axis_order[:1] == ("t",) else 0.0
    if batches is not None and batches.fields:
        last += batches.shift(len(batches.sizes) - 1)
    return Layout(
        shots=[],
        fields=found.fields,
        channels=(*found.channels, *beside.channels),
        timepoints=len(times),
        interval_s=_interval(_time_plan(sequence)),
        last_s=last,
        ends_s=0.0,
        place=tuple(sequence.stage_positions)[-1] if sequence.stage_positions else None,
    )
