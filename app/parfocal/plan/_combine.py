"""Make one plan of several: one after the other in time, or field beside field on one clock."""

from collections.abc import Sequence

import useq

from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase

__all__ = ["combine_fields", "combine_time"]

# what all fields of a phase share, and what a position may have of its own
SHARED = ("time_plan", "channels", "axis_order", "autofocus_plan", "keep_shutter_open_across")
BESIDE = (
    *("reference", "stimulate", "power", "pipeline", "seconds_per_field"),
    *("view", "products"),
)


def combine_time(first: Experiment, *others: Experiment) -> Experiment:
    """One experiment after the other, with the name and options of the first.

    Their items keep the order in which they are given; nothing is sorted by time.
    """
    items = tuple(item for plan in (first, *others) for item in plan.items)
    return first.model_copy(update={"items": items})


def combine_fields(first: Phase, *others: Phase) -> Phase:
    """One phase with the fields of all, which share its clock.

    Time plan, imaging channels and what happens beside them must be the same in all; a z or grid
    plan of their own goes to the positions.
    """
    for other in others:
        _refuse_other(first, other)
    if not others:
        return first
    phases = (first, *others)
    same = {
        name: len({getattr(phase.sequence, name) for phase in phases}) == 1
        for name in ("z_plan", "grid_plan")
    }
    own = [name for name, equal in same.items() if not equal]
    places = [place for phase in phases for place in _places(phase, own)]
    shared = dict.fromkeys(own)
    sequence = first.sequence.replace(stage_positions=places, **shared)
    return first.model_copy(update={"sequence": sequence})


def _refuse_other(first: Phase, other: Phase) -> None:
    names = f"phases {first.name!r} and {other.name!r}"
    one, two = first.sequence, other.sequence
    if [c.config for c in one.channels] != [c.config for c in two.channels]:
        raise PlanError(
            f"{names} cannot share a clock: their imaging channels differ "
            f"({_listed(one.channels)} and {_listed(two.channels)})"
        )
    for name in SHARED:
        if getattr(one, name) != getattr(two, name):
            what = name.replace("_", " ")
            raise PlanError(f"{names} cannot share a clock: their {what} differs")
    for name in BESIDE:
        if getattr(first, name) != getattr(other, name):
            what = name.replace("_", " ")
            raise PlanError(f"{names} cannot share a clock: their {what} differs")


def _places(phase: Phase, own: Sequence[str]) -> list[useq.Position]:
    """The positions of a phase, with those plans that are its own."""
    plans = {name: getattr(phase.sequence, name) for name in own}
    places: list[useq.Position] = []
    for place in phase.sequence.stage_positions:
        given = place.sequence
        if given is None:
            given = useq.MDASequence(**plans)
        else:
            missing = {name: plan for name, plan in plans.items() if not getattr(given, name)}
            given = given.replace(**missing) if missing else given
        places.append(place.model_copy(update={"sequence": given if own else place.sequence}))
    if not places:
        raise PlanError(f"phase {phase.name!r} names no position, so it has no field to combine")
    return places


def _listed(channels: Sequence[useq.Channel]) -> str:
    return ", ".join(channel.config for channel in channels) or "none"
