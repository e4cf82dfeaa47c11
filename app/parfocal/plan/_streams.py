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
    found: dict[str, dict[tuple[Ranges, Ranges], list[tuple[int, int]]]] = {}
    items, chooser = experiment.every_item, _Chooser(schedule)
    for part in schedule.parts:
        phase = items[part.item]
        if not isinstance(phase, Phase) or not part.kept:
            continue
        shown: dict[str, defaultdict[Ranges, set[int]]] = {}
        for product in chooser.products:
            said = bool(experiment.view or phase.view or phase.products.get(product))
            for view in views_of(experiment, phase, product):
                name = view.viewer or MAIN
                declared[name] = declared.get(name, False) or said
                found.setdefault(name, {})
                fields, channels = chooser.fields(view), chooser.channels(view, product)
                if fields and channels:
                    shown.setdefault(name, defaultdict(set))[fields] |= channels
        times = (part.first_t, part.first_t + part.timepoints)
        for name, parts in shown.items():
            for fields, channels in parts.items():
                _append(found[name].setdefault((fields, _ranges(channels)), []), times)
    return tuple(
        Stream(name, declared[name], tuple(Shown(tuple(t), p, c) for (p, c), t in parts.items()))
        for name, parts in found.items()
    )


class _Chooser:
    """The fields and channels of a schedule by what a view says; each answer is found once."""

    def __init__(self, schedule: Schedule) -> None:
        self._fields = schedule.fields
        self._channels = schedule.channels
        self._known: dict[tuple[object, object], Ranges] = {}
        kinds = {channel.kind for channel in schedule.channels}
        self.products = tuple(product for product in PRODUCTS if product in kinds)

    def fields(self, view: View) -> Ranges:
        """Their numbers; a plan may have ten thousand of them and a hundred phases."""
        key = view.wells, view.fields
        if key not in self._known:
            self._known[key] = _ranges(at.index for at in self._fields if _has_field(view, at))
        return self._known[key]

    def channels(self, view: View, product: Product) -> set[int]:
        """Their numbers."""
        return {
            number
            for number, channel in enumerate(self._channels)
            if channel.kind == product
            and (not view.channels or not {channel.name, channel.config}.isdisjoint(view.channels))
        }


def _has_field(view: View, field: Field) -> bool:
    by_name = not view.fields or not {field.name, str(field.index + 1)}.isdisjoint(view.fields)
    return by_name and (not view.wells or _plain(field.well or "") in map(_plain, view.wells))


def _plain(well: str) -> str:
    """B/3, B3 and b03 are one well."""
    letters = well.rstrip("0123456789")
    return letters.rstrip("/").upper() + well[len(letters) :].lstrip("0")


def _ranges(numbers: Iterable[int]) -> Ranges:
    """Numbers as runs: a filter of ten thousand fields must fit a message."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        _append(runs, (number, number + 1))
    return tuple(runs)


def _append(runs: list[tuple[int, int]], run: tuple[int, int]) -> None:
    """Put a run behind others, as one with the last where it goes on from there."""
    if runs and runs[-1][1] == run[0]:
        runs[-1] = (runs[-1][0], run[1])
    else:
        runs.append(run)
