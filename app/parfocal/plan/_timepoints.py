"""Choose some of a phase's timepoints: by number, counted from the end, or as a range."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from parfocal.plan._errors import PlanError

__all__ = ["TimeRange", "Timepoints", "chosen_timepoints"]


class TimeRange(BaseModel):
    """Every `step`-th timepoint from `start` up to, not including, `stop`.

    As in a slice, a negative number counts from the end, and no `stop` means: to the end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int = 0
    stop: int | None = None
    step: int = Field(default=1, gt=0)


def _as_numbers(value: Any) -> Any:
    """One number is a list of one; a set has no order of its own."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    return tuple(sorted(value)) if isinstance(value, set | frozenset) else value


Timepoints = Annotated[
    TimeRange | Annotated[tuple[int, ...], Field(min_length=1)], BeforeValidator(_as_numbers)
]
"""The numbers of timepoints (-1 is the last one), or a range of them."""


def chosen_timepoints(which: TimeRange | Iterable[int], count: int, what: str) -> tuple[int, ...]:
    """Their numbers from 0, in the order of time; `what` begins the sentence of a refusal."""
    every = range(count)
    if isinstance(which, TimeRange):
        chosen = every[which.start : which.stop : which.step]
        if not chosen:
            raise PlanError(
                f"{what} has start {which.start} and stop {which.stop}, which chooses none of the "
                f"{count} timepoints"
            )
        return tuple(chosen)
    for number in which:
        if not -count <= number < count:
            raise PlanError(
                f"{what} has timepoint {number}, and the phase has {count}: "
                f"choose from {-count} (the first) to {count - 1} (the last)"
            )
    return tuple(sorted({number % count for number in which}))
