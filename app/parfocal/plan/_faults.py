"""Find what no run can do in a useq sequence: figures that are no number, backwards, or endless.

useq takes most of them. Then numpy asks for 7 PiB of planes, an interval of minus one second runs
as fast as it can, and a position that is not a number ends up in the store.
"""

from collections.abc import Iterator, Mapping
from math import ceil, inf, isfinite, prod
from typing import Any, NamedTuple

import useq
from pydantic import BaseModel

__all__ = ["LARGEST_FRAMES", "Fault", "first_fault", "frames_of", "not_finite", "plate_fault"]

Location = tuple[str | int, ...]

# a day at 23 frames/s; laying them out takes 3 minutes and 4 GB
LARGEST_FRAMES = 2_000_000


class Fault(NamedTuple):
    """Where it is in the sequence, and what is wrong with it; reads on from the plan's name."""

    location: Location
    message: str


def first_fault(sequence: useq.MDASequence) -> Fault | None:
    """The first thing in a sequence that cannot be run."""
    return next(_faults(sequence), None)


def plate_fault(plate: useq.WellPlatePlan) -> Fault | None:
    """The same of a plate alone: a sequence lays out all its points while it is made."""
    return next(_too_many(_points(plate)), None)


def not_finite(value: Any, at: Location = ()) -> Iterator[Fault]:
    """Every number that is none (`.nan`, `.inf`), however deep."""
    if isinstance(value, float):
        if not isfinite(value):
            yield _fault(at, value, "it must be a finite number")
        return
    below: Any = ()
    if isinstance(value, useq.Position) and _stands(value):
        return
    if isinstance(value, BaseModel):
        # its fields and no more: a plate keeps all of its places beside them once it was asked
        below = ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        below = value.items()
    elif isinstance(value, list | tuple):
        below = enumerate(value)
    for key, part in below:
        yield from not_finite(part, (*at, key))


def _stands(place: useq.Position) -> bool:
    """Whether a mere place is all finite; told at once, since a plate has thousands of them."""
    bare = place.sequence is None and not place.properties
    return bare and isfinite((place.x or 0.0) + (place.y or 0.0) + (place.z or 0.0))


def _faults(sequence: useq.MDASequence) -> Iterator[Fault]:
    yield from not_finite(sequence)
    yield from _figures(sequence, ())
    yield from _too_many(frames_of(sequence))


def _too_many(frames: float) -> Iterator[Fault]:
    if frames > LARGEST_FRAMES:
        count = f"{frames:,}" if frames < 10**15 else "countless"
        message = f"asks for {count} frames; one run takes up to {LARGEST_FRAMES:,}"
        yield Fault((), message)


def _figures(sequence: useq.MDASequence, at: Location) -> Iterator[Fault]:
    times = sequence.time_plan
    if isinstance(times, useq.MultiPhaseTimePlan):
        for number, phase in enumerate(times.phases):
            yield from _time(phase, (*at, "time_plan", number))
    elif times is not None:
        yield from _time(times, (*at, "time_plan"))
    step = getattr(sequence.z_plan, "step", 0)
    if step < 0:
        yield _fault((*at, "z_plan", "step"), step, "it must not be below zero")
    elif getattr(sequence.z_plan, "bottom", 0) > getattr(sequence.z_plan, "top", inf):
        where = (*at, "z_plan", "bottom")
        yield _fault(where, sequence.z_plan.bottom, "it must not be above `top`")  # type: ignore[union-attr] # it has both
    overlap = getattr(sequence.grid_plan, "overlap", (0.0, 0.0))
    if max(overlap) >= 100:
        where = (*at, "grid_plan", "overlap")
        yield _fault(where, max(overlap), "tiles must overlap by less than 100 %")
    if not isinstance(sequence.stage_positions, useq.WellPlatePlan):
        for number, place in enumerate(sequence.stage_positions):
            if place.sequence is not None:
                yield from _figures(place.sequence, (*at, "stage_positions", number, "sequence"))


def _time(plan: Any, at: Location) -> Iterator[Fault]:
    written = type(plan).model_fields
    for key in ("interval", "duration"):
        if key in written and getattr(plan, key).total_seconds() < 0:
            seconds = f"{getattr(plan, key).total_seconds():g} s"
            yield _fault((*at, key), seconds, "it must not be below zero")
    if isinstance(plan, useq.TIntervalDuration) and not plan.interval:
        yield _fault(
            (*at, "interval"), "0 s", "a duration has no end of timepoints then; give `loops`"
        )
    if isinstance(plan, useq.TDurationLoops) and plan.loops == 1:
        yield _fault((*at, "loops"), 1, "a duration needs two timepoints or more")


def _fault(at: Location, value: object, message: str) -> Fault:
    return Fault(at, f"has {'.'.join(map(str, at))} = {value}: {message}")


def frames_of(sequence: useq.MDASequence) -> float:
    """At most as many frames as this, without laying out a single one."""
    places = sequence.stage_positions
    if isinstance(places, useq.WellPlatePlan):
        return _points(places) * _at_one_place(sequence, None)
    own = [place.sequence for place in places if place.sequence is not None]
    alike = max(1, len(places)) - len(own)
    shared = alike * _at_one_place(sequence, None) if alike else 0  # of none, endless is no number
    return shared + sum(_at_one_place(sequence, one) for one in own)


def _points(plate: useq.WellPlatePlan) -> float:
    return len(plate.selected_well_indices) * _tiles(plate.well_points_plan)


def _at_one_place(sequence: useq.MDASequence, own: useq.MDASequence | None) -> float:
    """A position's own plans stand in for those of the sequence."""

    def plan(name: str) -> Any:
        return (getattr(own, name) if own is not None else None) or getattr(sequence, name)

    counts = (
        _timepoints(plan("time_plan")),
        max(1, len(plan("channels"))),
        _planes(plan("z_plan")),
        _tiles(plan("grid_plan")),
    )
    return prod(counts)


def _timepoints(plan: Any) -> int:
    if isinstance(plan, useq.MultiPhaseTimePlan):
        return sum(phase.loops for phase in plan.phases)
    return 1 if plan is None else int(plan.loops)


def _planes(plan: Any) -> float:
    try:
        return 1 if plan is None else int(plan.num_positions())
    except OverflowError:  # the smallest steps of all
        return inf


def _tiles(plan: Any) -> float:
    if isinstance(plan, useq.RandomPoints):
        return int(plan.num_points)
    if isinstance(plan, useq.GridRowsColumns):
        return int(plan.rows * plan.columns)
    if plan is None or not getattr(plan, "fov_width", None) or not plan.fov_height:
        return 1  # one place, or a grid that is spaced when the camera is known
    if isinstance(plan, useq.GridFromEdges):
        spans = abs(plan.right - plan.left), abs(plan.top - plan.bottom)
    elif isinstance(plan, useq.GridWidthHeight):
        spans = plan.width, plan.height
    elif isinstance(plan, useq.GridFromPolygon):
        left, low, right, high = plan.poly.bounds
        spans = right - left, high - low
    else:
        return 1
    fields = plan.fov_width, plan.fov_height
    steps = (
        field * (1 - overlap / 100) for field, overlap in zip(fields, plan.overlap, strict=True)
    )
    return float(prod(ceil(span / step) + 1 for span, step in zip(spans, steps, strict=True)))
