"""Say how large a layer is at each level and where it lies in the world, in µm and seconds."""

from dataclasses import dataclass
from math import ceil

from parfocal.viewer._source import LevelFacts, SourceFacts
from parfocal.viewer.child._arrangement import Arrangement, LayerKey


@dataclass(frozen=True, slots=True)
class LayerGeometry:
    """The shapes of a layer's levels, and the scale, place and units that napari is told."""

    shapes: tuple[tuple[int, ...], ...]
    scale: tuple[float, ...]
    translate: tuple[float, ...]
    units: tuple[str, ...]
    axis_labels: tuple[str, ...]

    @classmethod
    def of(cls, arrangement: Arrangement, key: LayerKey) -> "LayerGeometry":
        """As the arrangement has it. A layer of one field lies where the stage stood."""
        facts, axes = arrangement.facts, arrangement.axes
        only = arrangement.only_field(key)
        levels = _levels(facts, key)
        first = levels[0]
        origin = (0.0, 0.0, 0.0) if only is None else facts.fields[only].origin_um
        z0, y0, x0 = (a + b for a, b in zip(origin, first.translation_um, strict=True))
        shapes = [_fitted(facts, only, level, first) for level in levels]
        units = {"time": "s" if facts.time_step_s else "pixel", "z": "um"}
        return cls(
            tuple((*_sliders(arrangement, shape[0]), *shape[1:]) for shape in shapes),
            (*arrangement.steps, *first.scale_um[1:]),
            (*(z0 if axis == "z" else 0.0 for axis in axes), y0, x0),
            (*(units.get(axis, "pixel") for axis in axes), "um", "um"),
            (*axes, "y", "x"),
        )


def _levels(facts: SourceFacts, key: LayerKey) -> tuple[LevelFacts, ...]:
    """The levels of a layer's channel; of several cameras in one layer only full resolution."""
    if key.channel is not None:
        levels = facts.levels_of(key.channel)
    elif any(channel.levels for channel in facts.channels):
        sizes, first = facts.sizes, facts.levels[0]
        levels = (LevelFacts((sizes.z, sizes.y, sizes.x), first.scale_um, first.translation_um),)
    else:
        levels = facts.levels
    # While frames come, what napari shows must be the frames themselves; and a layer of one
    # plane of a stack has no use for levels that have fewer planes.
    if facts.state == "recording" or (key.z is not None and levels[-1].shape[0] != facts.sizes.z):
        return levels[:1]
    return levels


def _fitted(
    facts: SourceFacts, only: int | None, level: LevelFacts, first: LevelFacts
) -> tuple[int, int, int]:
    """The shape of a level: that of a smaller field, where the layer shows only this one."""
    own = None if only is None else facts.fields[only].shape
    if own is None:
        return level.shape
    z, y, x = (
        min(there, ceil(mine / max(1, round(full / there))))
        for mine, there, full in zip(own, level.shape, first.shape, strict=True)
    )
    return z, y, x


def _sliders(arrangement: Arrangement, depth: int) -> tuple[int, ...]:
    return tuple(
        depth if axis == "z" else length
        for axis, length in zip(arrangement.axes, arrangement.lengths, strict=True)
    )
