"""Add up what the timepoints of a phase come to, without a step for each exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parfocal.plan._batches import Batches
from parfocal.plan._beside import Beside
from parfocal.plan._compile import Shot, exposure_s
from parfocal.plan._schedule import StepKind

__all__ = ["BEAT_KINDS", "Beats", "Series", "beats_of"]

# the later ones win: a reference over stimulation over imaging
BEAT_KINDS: tuple[StepKind, ...] = ("imaging", "stimulation", "reference")

Figures = NDArray[Any]


class Series(NamedTuple):
    """What beats are made of: the shots of one period, at fields that stand for all of them."""

    shots: Sequence[Shot]
    size: int
    """At how many fields; the others are as those: field p as field p % size."""
    fields: int
    times: Sequence[float]
    period: int


@dataclass(frozen=True)
class Beats:
    """One row for each timepoint; in batches one for each timepoint of each field."""

    t: Figures
    due: Figures
    seconds: Figures
    events: Figures
    frames: Figures
    kinds: Figures
    """Numbers of `BEAT_KINDS`."""
    field: Figures | None
    """In batches the field of each row; else a row holds all of them."""
    taken: Figures
    """Whether a frame is taken at a timepoint of the period, at a field of those that differ."""

    @property
    def ends_s(self) -> float:
        """When the last event is due."""
        due = self.due[self.events > 0]
        return float(due.max()) if due.size else 0.0

    def imaged(self) -> list[int]:
        """The timepoints at which something is imaged."""
        return [int(t) for t in np.unique(self.t[self.events > 0])]

    def at_field(self, p: int) -> Figures:
        """Which rows have a frame of this field."""
        period, size = self.taken.shape
        taken: Figures = self.taken[self.t % period, p % size]
        return taken if self.field is None else taken & (self.field == p)


def beats_of(series: Series, beside: Beside, batches: Batches | None) -> Beats:
    """What every timepoint of a series comes to, with what is snapped beside."""
    frames, seconds = np.zeros((2, series.period, series.size))
    for shot in series.shots:
        if shot.at is not None:
            frames[shot.at.t, shot.at.p] += 1
            seconds[shot.at.t, shot.at.p] += exposure_s(shot.request)
    taken = frames > 0
    snapped = np.array([beside.reference_of(p) for p in range(series.size)]).reshape(-1, 2).T
    column: Any = 0
    tables = np.stack([taken, frames, seconds, *(taken * one for one in snapped)])
    times = np.array(series.times, float)
    if batches is None:  # all fields in one row
        tables = tables.sum(axis=2, keepdims=True) * (series.fields // max(1, series.size))
        t, field, due = np.arange(len(times)), None, times
    else:
        t, field = _turns(batches, len(times))
        column = field % series.size
        delays = np.array([batches.delay(p) for p in range(batches.fields)])
        due = np.round(times[t] + delays[field], 9)
    events, images, exposed, extra, extra_s = tables[:, t % series.period, column]
    referred = np.isin(t, list(beside.at_reference))
    lit = np.isin(t, list(beside.light))
    light_s = np.array([beside.light.get(one, 0.0) / 1000 for one in range(len(times))])[t]
    return Beats(
        t,
        due,
        exposed + referred * extra_s + events * light_s,
        events.astype(int),
        (images + referred * extra + events * lit).astype(int),
        np.where(referred, 2, np.where(lit, 1, 0)),
        field,
        taken,
    )


def _turns(batches: Batches, count: int) -> tuple[Figures, Figures]:
    """Timepoint and field of each turn: batch by batch, in each timepoint by timepoint."""
    t, field = [], []
    first = 0
    for size in batches.sizes:
        t.append(np.repeat(np.arange(count), size))
        field.append(np.tile(np.arange(first, first + size), count))
        first += size
    return np.concatenate(t), np.concatenate(field)
