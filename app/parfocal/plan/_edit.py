"""Edit an experiment: each function gives a new one, so that the old one can be put back."""

from collections.abc import Sequence

import useq

from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Item, Phase
from parfocal.plan._placing import own_sequences

__all__ = [
    "add_item",
    "duplicate_item",
    "move_item",
    "remove_item",
    "rename_phase",
    "replace_item",
    "replace_sequence",
]


def add_item(experiment: Experiment, item: Item, at: int | None = None) -> Experiment:
    """Put an item before the one at `at`; at the end without it. A phase gets a name of its own."""
    place = len(experiment.items) if at is None else at
    items = list(experiment.items)
    items.insert(place, _named_apart(item, items))
    return _with(experiment, items)


def duplicate_item(experiment: Experiment, number: int) -> Experiment:
    """A copy of an item behind it."""
    return add_item(experiment, _at(experiment, number), number + 1)


def move_item(experiment: Experiment, number: int, to: int) -> Experiment:
    """Take an item out and put it back so that its number is `to`."""
    item = _at(experiment, number)
    items = list(experiment.items)
    del items[number]  # not `remove`: of two equal waits it would take the first
    items.insert(to, item)
    return _with(experiment, items)


def remove_item(experiment: Experiment, number: int) -> Experiment:
    """Without an item; the last phase stays, since a plan needs one."""
    item = _at(experiment, number)
    if isinstance(item, Phase) and len(experiment.phases) == 1:
        raise PlanError(f"{item.name!r} is the plan's only phase; add another one before")
    return _with(experiment, [*experiment.items[:number], *experiment.items[number + 1 :]])


def replace_item(experiment: Experiment, number: int, item: Item) -> Experiment:
    """Another item in the place of one."""
    _at(experiment, number)
    return _with(experiment, [*experiment.items[:number], item, *experiment.items[number + 1 :]])


def replace_sequence(experiment: Experiment, number: int, sequence: useq.MDASequence) -> Experiment:
    """Another sequence in the phase with this number; the power of channels that went goes too."""
    phase = _phase_at(experiment, number)
    gone = _presets(phase.sequence) - _presets(sequence)
    if phase.reference is not None:
        gone -= {channel.config for channel in phase.reference.channels}
    power = {name: value for name, value in phase.power.items() if name not in gone}
    update = {"sequence": sequence, "power": power}
    return replace_item(experiment, number, phase.model_copy(update=update))


def rename_phase(experiment: Experiment, number: int, name: str) -> Experiment:
    """Another name for the phase with this number."""
    phase = _phase_at(experiment, number)
    return replace_item(experiment, number, phase.model_copy(update={"name": name}))


def _with(experiment: Experiment, items: Sequence[Item]) -> Experiment:
    return experiment.model_copy(update={"items": tuple(items)})


def _at(experiment: Experiment, number: int) -> Item:
    if not 0 <= number < len(experiment.items):
        raise PlanError(f"the plan has {len(experiment.items)} items and none at {number + 1}")
    return experiment.items[number]


def _phase_at(experiment: Experiment, number: int) -> Phase:
    item = _at(experiment, number)
    if not isinstance(item, Phase):
        raise PlanError(f"item {number + 1} is no phase")
    return item


def _presets(sequence: useq.MDASequence) -> set[str]:
    parts = (sequence, *own_sequences(sequence))
    return {channel.config for part in parts for channel in part.channels}


def _named_apart(item: Item, items: Sequence[Item]) -> Item:
    """A phase whose name is taken gets a number: two called "baseline" cannot be told apart."""
    if not isinstance(item, Phase):
        return item
    taken = {other.name for other in items if isinstance(other, Phase)}
    if item.name not in taken:
        return item
    stem, _, last = item.name.rpartition(" ")
    stem = stem if stem and last.isdigit() else item.name
    number = next(n for n in range(2, len(taken) + 3) if f"{stem} {n}" not in taken)
    return item.model_copy(update={"name": f"{stem} {number}"})
