"""Lay out a long time series from three of its periods: useq takes 55 µs for a frame, this 4."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

import useq

from parfocal.plan._alike import exposures_of
from parfocal.plan._compile import Exposures, Shot
from parfocal.plan._schedule import Index

__all__ = ["long_series", "shortened"]


def shortened(sequence: useq.MDASequence, times: Sequence[float], loops: int) -> useq.MDASequence:
    """The same sequence with fewer timepoints."""
    series = useq.TIntervalLoops(interval=times[1] - times[0], loops=loops)  # type: ignore[arg-type] # pydantic casts seconds
    # not `replace`, which would give useq's warnings a second time; a uid of its own, or useq
    # finds the longer one in its caches and compares the two each time
    return sequence.model_copy(update={"time_plan": series, "uid": uuid4()})


def long_series(
    sequence: useq.MDASequence, times: Sequence[float], period: int, power: dict[str, float]
) -> Exposures:
    """All shots of a series of which useq lays out only the first, second and last period.

    The first may have an autofocus that does not come again, the last closes a shutter that stays
    open between the others.
    """
    head = 2 * period + (len(times) % period or period)
    found = exposures_of(shortened(sequence, times, head), power)
    place = {shot.event: shot.at.p for shot in found.shots if shot.at is not None}
    shots: list[Shot] = []
    now = 0.0
    for series in _series(found.shots):
        # useq counts each field's times from the end of the field before, if fields come first
        anchor = now
        for shot, t in _expanded(series, period, (len(times) - head) // period):
            now = max(now, anchor + times[t])
            p = place[shot.event]
            at = None if shot.at is None else Index(t, p, shot.at.c, shot.at.z)
            event = t * len(found.fields) + p
            shots.append(Shot(shot.kind, event, at, now, shot.request, shot.power))
    found.shots = shots
    return found


def _series(shots: Sequence[Shot]) -> Iterator[list[Shot]]:
    """Stretches in which time goes on; with the time outermost that is all."""
    series: list[Shot] = []
    last = 0
    for shot in shots:
        t = shot.request.index["t"]
        if t < last:
            yield series
            series = []
        series.append(shot)
        last = t
    yield series


def _expanded(series: Sequence[Shot], period: int, missing: int) -> Iterator[tuple[Shot, int]]:
    """The shots of one series with all its periods, and the timepoint of each."""
    blocks: list[list[tuple[Shot, int]]] = [[], [], []]
    for shot in series:
        t = shot.request.index["t"]
        blocks[t // period].append((shot, t))
    first, middle, last = blocks
    yield from first
    for number in range(missing + 1):
        later = number * period
        for shot, t in middle:
            yield shot, t + later
    later = missing * period
    for shot, t in last:
        yield shot, t + later
