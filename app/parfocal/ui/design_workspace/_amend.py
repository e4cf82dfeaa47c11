"""Change a plan so that a finding goes away: each function gives a new experiment."""

from collections.abc import Callable
from typing import Any

import useq

from parfocal.plan import Experiment, Phase, View
from parfocal.scope import Limits

__all__ = [
    "give_ids",
    "with_channel",
    "within_limits",
    "without_light",
    "without_pipeline",
    "without_power",
]


def with_channel(experiment: Experiment, old: str, group: str, preset: str) -> Experiment:
    """Another preset wherever the plan asks for one, with the exposure and power of the old."""

    def other(channel: useq.Channel) -> useq.Channel:
        if channel.config != old:
            return channel
        return channel.model_copy(update={"group": group, "config": preset})

    def amend(phase: Phase) -> Phase:
        power = {preset if name == old else name: value for name, value in phase.power.items()}
        products = {product: shown(views) for product, views in phase.products.items()}
        update = {"power": power, "view": shown(phase.view), "products": products}
        return _with_channels(phase, other).model_copy(update=update)

    def shown(views: tuple[View, ...]) -> tuple[View, ...]:
        return tuple(_view_of(view, old, preset) for view in views)

    amended = _each_phase(experiment, amend)
    return amended.model_copy(update={"view": shown(experiment.view)})


def within_limits(experiment: Experiment, limits: Limits) -> Experiment:
    """Every exposure and power at the limit that it goes beyond."""
    allowed = limits.exposure_ms

    def clamped(milliseconds: float) -> float:
        return (
            milliseconds if allowed is None else min(max(milliseconds, allowed.low), allowed.high)
        )

    def channel_within(channel: useq.Channel) -> useq.Channel:
        if channel.exposure is None or clamped(channel.exposure) == channel.exposure:
            return channel
        return channel.model_copy(update={"exposure": clamped(channel.exposure)})

    def amend(phase: Phase) -> Phase:
        phase = _with_channels(phase, channel_within)
        power = {name: _power_within(name, value, limits) for name, value in phase.power.items()}
        light = phase.stimulate
        if light is not None:
            exposure: Any = light.exposure
            exposure = (
                tuple(map(clamped, exposure)) if isinstance(exposure, tuple) else clamped(exposure)
            )
            light = light.model_copy(update={"exposure": exposure})
        return phase.model_copy(update={"power": power, "stimulate": light})

    return _each_phase(experiment, amend)


def without_light(experiment: Experiment, name: str = "") -> Experiment:
    """No stimulation in the phase of this name; without a name in none."""
    return _named(experiment, name, {"stimulate": None})


def without_pipeline(experiment: Experiment, name: str) -> Experiment:
    """No analysis in the phase of this name."""
    return _named(experiment, name, {"pipeline": None})


def without_power(experiment: Experiment, channel: str) -> Experiment:
    """The light of this channel as it is set."""

    def amend(phase: Phase) -> Phase:
        power = {name: value for name, value in phase.power.items() if name != channel}
        light = phase.stimulate
        if light is not None and light.channel is not None and light.channel.config == channel:
            light = light.model_copy(update={"power": None})
        return phase.model_copy(update={"power": power, "stimulate": light})

    return _each_phase(experiment, amend)


def give_ids(experiment: Experiment, name: str) -> Experiment:
    """A `phase_id` in the metadata of the phase of this name: its number among the phases."""
    items = list(experiment.items)
    phases = [item for item in items if isinstance(item, Phase)]
    taken = {phase.metadata.get("phase_id") for phase in phases}
    free = (number for number in range(1, 2 * len(phases) + 1) if number not in taken)
    for place, item in enumerate(items):
        if isinstance(item, Phase) and item.name == name and item.metadata.get("phase_id") is None:
            metadata = {**item.metadata, "phase_id": next(free)}
            items[place] = item.model_copy(update={"metadata": metadata})
    return experiment.model_copy(update={"items": tuple(items)})


def _view_of(view: View, old: str, preset: str) -> View:
    """A view that names the new preset where it named the old one."""
    if not view.channels or old not in view.channels:
        return view
    names = tuple(preset if name == old else name for name in view.channels)
    return view.model_copy(update={"channels": names})


def _power_within(channel: str, value: float, limits: Limits) -> float:
    for power in limits.power:
        if power.serves(channel):
            value = min(max(value, power.range.low), power.range.high)
    return value


def _with_channels(phase: Phase, change: Callable[[useq.Channel], useq.Channel]) -> Phase:
    """A phase with its imaging channels, also those of single places, and references changed."""
    sequence = phase.sequence
    if not isinstance(sequence.stage_positions, useq.WellPlatePlan):
        places = tuple(_place_with(place, change) for place in sequence.stage_positions)
        if places != tuple(sequence.stage_positions):
            sequence = sequence.replace(stage_positions=places)
    channels = tuple(map(change, sequence.channels))
    if channels != tuple(sequence.channels):
        sequence = sequence.replace(channels=channels)
    reference = phase.reference
    if reference is not None:
        changed = tuple(map(change, reference.channels))
        reference = reference.model_copy(update={"channels": changed})
    light = phase.stimulate
    if light is not None and light.channel is not None:
        light = light.model_copy(update={"channel": change(light.channel)})
    return phase.model_copy(
        update={"sequence": sequence, "reference": reference, "stimulate": light}
    )


def _place_with(
    place: useq.Position, change: Callable[[useq.Channel], useq.Channel]
) -> useq.Position:
    own = place.sequence
    if own is None or not own.channels:
        return place
    return place.replace(sequence=own.replace(channels=tuple(map(change, own.channels))))


def _named(experiment: Experiment, name: str, update: dict[str, Any]) -> Experiment:
    return _each_phase(
        experiment,
        lambda phase: phase.model_copy(update=update) if name in ("", phase.name) else phase,
    )


def _each_phase(experiment: Experiment, amend: Callable[[Phase], Phase]) -> Experiment:
    items = tuple(amend(item) if isinstance(item, Phase) else item for item in experiment.items)
    return experiment.model_copy(update={"items": items})
