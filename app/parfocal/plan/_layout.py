"""Lay out one phase on a clock and with numbers of its own."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import lcm
from typing import NamedTuple

import useq

from parfocal.plan._batches import Batches, batches_of
from parfocal.plan._beside import Beside
from parfocal.plan._compile import Exposures, Shot, exposure_s, exposures_of, refuse_phase
from parfocal.plan._items import Phase
from parfocal.plan._long_series import long_series, shortened
from parfocal.plan._placing import FieldOfView, StagePoint, placed
from parfocal.plan._schedule import Channel, Field, StepKind

__all__ = ["Beat", "Layout", "lay_out", "sketch"]

# A longer period (channels taken every 7th and every 11th timepoint) is compiled whole.
LONGEST_PERIOD = 24


class Beat(NamedTuple):
    """What one timepoint of one batch comes to."""

    t: int
    due: float
    seconds: float
    events: int
    frames: int
    kind: StepKind
    places: frozenset[int]
    """Which fields have a frame, by their numbers within the phase."""


@dataclass
class Layout:
    """One phase: its shots, where they go, and when the next item may begin.

    With `beats` the shots are those of the first period only, and the beats tell of all.
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
    beats: list[Beat] | None = None
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
    # or each field has a series of its own, one after the other
    one_series = _repeating(sequence, times) and sequence.axis_order[:1] == ("t",)
    if not one_series or len(times) <= 2 * period:
        return lay_out(phase, view, stage)
    found = exposures_of(shortened(sequence, times, period), phase.power)
    beside = Beside(phase, found, len(times))
    batches = batches_of(phase, times, len(found.fields))
    layout = _layout(found, beside, batches, sequence, times)
    layout.beats = list(_beats(found, beside, batches, times, period))
    beside.refuse_unseen(beat.t for beat in layout.beats if beat.events)
    layout.shots = found.shots
    layout.samples = beside.samples(found.shots)
    layout.ends_s = max((beat.due for beat in layout.beats if beat.events), default=0.0)
    return layout


def period_of(sequence: useq.MDASequence) -> int:
    """After how many timepoints a series repeats itself."""
    parts = [sequence, *_own_sequences(sequence)]
    return lcm(*(channel.acquire_every for part in parts for channel in part.channels))


def _own_sequences(sequence: useq.MDASequence) -> list[useq.MDASequence]:
    return [place.sequence for place in sequence.stage_positions if place.sequence is not None]


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
    own = [part.time_plan for part in _own_sequences(sequence) if part.time_plan is not None]
    plans = own if sequence.time_plan is None else [sequence.time_plan]
    return max(plans, key=lambda plan: len(list(plan)), default=None)


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
        and not any(part.time_plan is not None for part in _own_sequences(sequence))
    )


def _fields_of_events(shots: Sequence[Shot]) -> dict[int, int]:
    return {shot.event: shot.at.p for shot in shots if shot.at is not None}


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


@dataclass
class _Timepoint:
    """What one row of fields holds at one timepoint of the period."""

    frames: int = 0
    seconds: float = 0.0
    events: set[int] = field(default_factory=set)
    places: set[int] = field(default_factory=set)


def _beats(
    found: Exposures,
    beside: Beside,
    batches: Batches | None,
    times: Sequence[float],
    period: int,
) -> Iterator[Beat]:
    """In batches each field has a row of its own; else one row holds all of them."""
    parts: defaultdict[tuple[int, int], _Timepoint] = defaultdict(_Timepoint)
    places = _fields_of_events(found.shots)
    for shot in found.shots:
        t = shot.request.index.get("t", 0)
        p = places[shot.event]
        part = parts[t, p if batches is not None else 0]
        part.events.add(shot.event)
        if shot.at is not None:
            part.places.add(p)
            part.frames += 1
            part.seconds += exposure_s(shot.request)
    size = 1 if batches is None else batches.size
    count = 1 if batches is None else batches.fields
    rows = [range(first, min(first + size, count)) for first in range(0, count, size)]
    for batch in rows:
        for t, due in enumerate(times):
            kind = beside.kind(t)
            for row in batch:
                part = parts[t % period, row]
                extra = [beside.added(t, p) for p in part.places] if kind != "imaging" else []
                yield Beat(
                    t,
                    due if batches is None else round(due + batches.delay(row), 9),
                    part.seconds + sum(seconds for _, seconds in extra),
                    len(part.events),
                    part.frames + sum(frames for frames, _ in extra),
                    kind,
                    frozenset(part.places),
                )
