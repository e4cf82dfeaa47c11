"""Take fields that do not fit one interval in batches, one after the other."""

from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import NamedTuple, TypeVar, overload

from parfocal.plan._compile import Shot
from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase
from parfocal.plan._placing import own_sequences

__all__ = ["Batches", "batch_fields", "batch_sizes", "batches_of"]

Value = TypeVar("Value", Phase, Experiment)


class Batches(NamedTuple):
    """How many fields a batch has, and how far the later ones are put off."""

    fields: int
    size: int
    seconds_per_field: float
    last_s: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of fields of each batch."""
        return batch_sizes(self.fields, self.size)

    def shift(self, batch: int) -> float:
        """When a batch begins: the one before it has ended."""
        return batch * (self.last_s + self.size * self.seconds_per_field)

    def delay(self, p: int) -> float:
        """How much later than its timepoint a field is due."""
        batch, place = divmod(p, self.size)
        return self.shift(batch) + place * self.seconds_per_field

    def reordered(self, shots: Sequence[Shot]) -> list[Shot]:
        """The shots batch by batch and in each field by field, with their new due times.

        An axis order that visits all fields for each channel gives way: a field is due at a time
        of its own.
        """
        event = {shot.event: shot.at for shot in shots if shot.at is not None}

        def turn(shot: Shot) -> tuple[int, int, int]:
            at = event[shot.event]
            return at.p // self.size, at.t, at.p

        return [
            shot._replace(due=round(shot.due + self.delay(event[shot.event].p), 9))
            for shot in sorted(shots, key=turn)
        ]


@overload
def batch_fields(plan: Phase, seconds_per_field: float | None) -> Phase: ...
@overload
def batch_fields(plan: Experiment, seconds_per_field: float | None) -> Experiment: ...
def batch_fields(plan: Phase | Experiment, seconds_per_field: float | None) -> Phase | Experiment:
    """The plan with its fields in batches that each fit the interval; None takes that back.

    Of a field that needs `seconds_per_field`, n = max(1, interval // seconds_per_field) fit. The
    j-th field of a batch is due j · seconds_per_field after its timepoint, and batch k begins
    k · (last time of a batch + n · seconds_per_field) later. Timepoints keep their numbers.
    """
    if seconds_per_field is not None and not 0 < seconds_per_field < float("inf"):
        raise PlanError(f"a field cannot take {seconds_per_field} s; give seconds above zero")
    if isinstance(plan, Phase):
        return plan.model_copy(update={"seconds_per_field": seconds_per_field})
    items = tuple(
        batch_fields(item, seconds_per_field) if isinstance(item, Phase) else item
        for item in plan.items
    )
    return plan.model_copy(update={"items": items})


def batch_sizes(fields: int, size: int) -> tuple[int, ...]:
    """How many fields each batch has: 31 of at most 30 are 30 and 1."""
    whole, rest = divmod(fields, size)
    return (size,) * whole + ((rest,) if rest else ())


def batches_of(phase: Phase, times: Sequence[float], fields: int) -> Batches | None:
    """How a phase is batched; None when it is not."""
    seconds = phase.seconds_per_field
    if seconds is None:
        return None
    sequence = phase.sequence
    if sequence.axis_order[:1] != ("t",):
        raise PlanError(
            f"phase {phase.name!r} takes its fields in batches, and its axis order is "
            f"{''.join(sequence.axis_order)}: batches need the time outermost"
        )
    focus = sequence.autofocus_plan
    if focus is not None and "p" not in focus.axes:
        raise PlanError(
            f"phase {phase.name!r} takes its fields in batches: its autofocus must be for each "
            "position (axis p)"
        )
    if shutter := set(sequence.keep_shutter_open_across) & set("tpg"):
        raise PlanError(
            f"phase {phase.name!r} takes its fields in batches, so its shutter cannot stay open "
            f"across {', '.join(sorted(shutter))}"
        )
    if any(own.time_plan for own in own_sequences(sequence)):
        raise PlanError(
            f"phase {phase.name!r} takes its fields in batches, so no position may have a time "
            "plan of its own"
        )
    # a single timepoint has no interval: each field is a batch, due when the one before is done
    interval = min((later - earlier for earlier, later in pairwise(times)), default=0.0)
    # a 1 s interval has room for 10 fields of 0.1 s: floats say 9.99…
    size = max(1, floor(interval / seconds + 1e-9))
    return Batches(fields, size, seconds, times[-1])
