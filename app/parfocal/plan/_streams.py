"""Resolve the views of a plan: which frames of its schedule go to which viewer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase
from parfocal.plan._schedule import Field, Schedule
from parfocal.plan._view import MAIN, NO_VIEWER, PRODUCTS, Product, View, inherited

__all__ = ["Ranges", "Shown", "Stream", "streams_of", "views_of"]

Ranges = tuple[tuple[int, int], ...]
"""Numbers from the first up to, not including, the second."""

EVERYTHING = View(viewer=MAIN, wells=(), fields=(), channels=(), steps=())


@dataclass(frozen=True, slots=True)
class Shown:
    """Frames at these timepoints, of these fields and channels; numbers of the store."""

    t: Ranges
    p: Ranges
    c: Ranges


@dataclass(frozen=True, slots=True)
class Stream:
    """What one viewer is shown. `declared` is False where it is only what a plan without a word
    about it comes to; `shown` is empty where no frame of the run fits."""

    viewer: str
    declared: bool
    shown: tuple[Shown, ...]


def views_of(experiment: Experiment, phase: Phase, product: Product) -> tuple[View, ...]:
    """The views of one product of a phase with nothing left open: experiment → phase → product."""
    views = inherited(inherited((EVERYTHING,), experiment.view), phase.view)
    if own := phase.products.get(product):
        # a product is one step: what the levels above said of steps is answered by naming it
        views = tuple(view.model_copy(update={"steps": ()}) for view in inherited(views, own))
    return tuple(
        view
        for view in views
        if view.viewer != NO_VIEWER and (not view.steps or product in view.steps)
    )


def streams_of(experiment: Experiment, schedule: Schedule) -> tuple[Stream, ...]:
    """The viewers of a plan in the order in which it names them, each with its frames."""
    declared: dict[str, bool] = {}
    found: dict[str, defaultdict[tuple[Ranges, Ranges], list[int]]] = {}
    items = experiment.every_item
    for part in schedule.parts:
        phase = items[part.item]
        if not isinstance(phase, Phase) or not part.kept:
            continue
        shown: dict[str, defaultdict[Ranges, set[int]]] = {}
        for product in PRODUCTS:
            channels = [c for c, channel in enumerate(schedule.channels) if channel.kind == product]
            said = bool(experiment.view or phase.view or phase.products.get(product))
            for view in views_of(experiment, phase, product) if channels else ():
                name = view.viewer or MAIN
                declared[name] = declared.get(name, False) or said
                fields = _ranges(at.index for at in schedule.fields if _has_field(view, at))
                chosen = {c for c in channels if _has_channel(view, schedule, c)}
                found.setdefault(name, defaultdict(list))
                if fields and chosen:
                    shown.setdefault(name, defaultdict(set))[fields] |= chosen
        for name, parts in shown.items():
            for fields, chosen in parts.items():
                times = range(part.first_t, part.first_t + part.timepoints)
                found[name][fields, _ranges(chosen)].extend(times)
    return tuple(
        Stream(name, declared[name], tuple(Shown(_ranges(t), p, c) for (p, c), t in parts.items()))
        for name, parts in found.items()
    )


def _has_field(view: View, field: Field) -> bool:
    by_name = not view.fields or not {field.name, str(field.index + 1)}.isdisjoint(view.fields)
    return by_name and (not view.wells or _plain(field.well or "") in map(_plain, view.wells))


def _has_channel(view: View, schedule: Schedule, number: int) -> bool:
    channel = schedule.channels[number]
    return not view.channels or not {channel.name, channel.config}.isdisjoint(view.channels)


def _plain(well: str) -> str:
    """B/3, B3 and b03 are one well."""
    letters = well.rstrip("0123456789")
    return letters.rstrip("/").upper() + well[len(letters) :].lstrip("0")


def _ranges(numbers: Iterable[int]) -> Ranges:
    """Numbers as runs: a filter of ten thousand fields must fit a message."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return tuple(runs)
