"""Arrange a store's planes in layers and sliders: which plane a layer shows where they stand."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from parfocal.store import Index
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._source import SourceFacts
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._names import channel_name, field_name, time_name, well_name, z_name

CAMERA = "camera"
# More layers than this make napari slow, and nobody finds one in the list.
MOST_LAYERS = 64
# napari lays the last axes of layers over each other. What only some stores have comes first, so
# that the sliders of two stores in one window are the same ones.
_SLIDERS = ("well", "channel", "time", "field", "z")

Numbers = tuple[int, ...]
"""Where the sliders stand, in the order of an arrangement's axes."""


@dataclass(frozen=True, slots=True)
class LayerKey:
    """What a layer is of, whatever it is called; None for what has a slider.

    `field` counts within the well where the store has several, and else all fields.
    """

    step: str = CAMERA
    well: str | None = None
    field: int | None = None
    channel: int | None = None
    z: int | None = None
    time: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, for the layer's metadata."""
        return asdict(self)


class Arrangement:
    """The layers and sliders of one store; another one when it grew or was arranged anew."""

    def __init__(self, facts: SourceFacts, components: Components) -> None:
        self.facts = facts
        self.components = components
        self.wells = tuple(dict.fromkeys(field.well for field in facts.fields))
        # Fields by well; one "well" where there is only the implied one.
        self._fields: dict[str, list[int]] = {well: [] for well in self.wells}
        for number, field in enumerate(facts.fields):
            self._fields[field.well].append(number)

    @property
    def has_wells(self) -> bool:
        """Whether there are wells to tell apart."""
        return len(self.wells) > 1

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The components that have a slider, in the order of the sliders."""
        return tuple(name for name in _SLIDERS if self._has_slider(name))

    @cached_property
    def lengths(self) -> Numbers:
        """How many values each slider has."""
        return tuple(self._count(name) for name in self.axes)

    @property
    def steps(self) -> tuple[float, ...]:
        """How far apart the values of each slider are: seconds, µm, or one."""
        apart = {"time": self.facts.time_step_s or 1.0, "z": self.facts.levels[0].scale_um[0]}
        return tuple(apart.get(name, 1.0) for name in self.axes)

    @property
    def layer_count(self) -> int:
        """How many layers there are."""
        return prod(map(len, self._values()))

    def keys(self) -> Iterator[LayerKey]:
        """The layers, in the order in which they are added."""
        for time, z, well, field, channel in product(*self._values()):
            key = LayerKey(CAMERA, well, field, channel, z, time)
            if well is None or field is None or field < len(self._fields[well]):
                yield key

    def index(self, key: LayerKey, numbers: Numbers) -> Index | None:
        """The plane of a layer where the sliders stand; None for a field that a well has not."""
        at = dict(zip(self.axes, numbers, strict=True))
        well = self.wells[at.get("well", 0)] if key.well is None else key.well
        field = at.get("field", 0) if key.field is None else key.field
        fields = self._fields[well]
        if not 0 <= field < len(fields):
            return None
        t = at.get("time", 0) if key.time is None else key.time
        c = at.get("channel", 0) if key.channel is None else key.channel
        z = at.get("z", 0) if key.z is None else key.z
        return t, fields[field], c, z

    def place(self, index: Index) -> dict[str, int]:
        """Where a plane is: the number of each component's value."""
        t, p, c, z = index
        well = self.facts.fields[p].well
        return {
            "time": t,
            "well": self.wells.index(well),
            "field": self._fields[well].index(p),
            "channel": c,
            "z": z,
        }

    def fields_of(self, well: int) -> list[int]:
        """The fields of a well, as the store counts them."""
        return self._fields[self.wells[well]]

    def key_at(self, well: int, field: int) -> LayerKey:
        """What the layers of a field in a well have in common."""
        sliced = self.components.is_sliced
        return LayerKey(
            well=self.wells[well] if self.has_wells and sliced("well") else None,
            field=field if sliced("field") else None,
        )

    def only_field(self, key: LayerKey) -> int | None:
        """The field of a layer that shows no other one; None where fields are stacked."""
        if key.field is None or (key.well is None and self.has_wells):
            return None
        return self._fields[key.well or self.wells[0]][key.field]

    def shows(self, key: LayerKey, index: Index) -> bool:
        """Whether the layer shows the plane where the sliders stand on it."""
        at = self.place(index)
        wanted = {**at, "well": self.wells[at["well"]]}
        mine = key.as_json()
        return all(mine[name] in (None, wanted[name]) for name in wanted)

    def title(self, key: LayerKey) -> str:
        """`well A01 · channel DAPI`; the name alone where there is only one part."""
        parts = []
        if key.well is not None:
            parts.append(("well", well_name(key.well)))
        if key.field is not None:
            parts.append(("field", self._field_title(key)))
        if key.channel is not None:
            parts.append(("channel", channel_name(self.facts, key.channel)))
        if key.z is not None:
            parts.append(("z", z_name(self.facts, key.z)))
        if key.time is not None:
            parts.append(("time", time_name(self.facts, key.time)))
        if len(parts) == 1:
            return parts[0][1]
        return " · ".join(f"{word} {name.removeprefix(f'{word} ')}" for word, name in parts)

    def _field_title(self, key: LayerKey) -> str:
        assert key.field is not None
        only = self.only_field(key)
        return f"field {key.field}" if only is None else field_name(self.facts, only)

    def _values(self) -> tuple[list[Any], ...]:
        """The values of each component that has layers; None for one that has a slider."""
        return (
            self._of("time", list(range(self.facts.sizes.t))),
            self._of("z", list(range(self.facts.sizes.z))),
            self._of("well", list(self.wells)) if self.has_wells else [None],
            self._of("field", list(range(self._count("field")))),
            self._of("channel", list(range(self.facts.sizes.c))),
        )

    def _of(self, component: str, values: list[Any]) -> list[Any]:
        return values if self.components.is_sliced(component) else [None]

    def _has_slider(self, component: str) -> bool:
        if component == "well" and not self.has_wells:
            return False
        return not self.components.is_sliced(component)

    def _count(self, component: str) -> int:
        sizes = self.facts.sizes
        if component == "well":
            return len(self.wells)
        if component == "field":
            return max(map(len, self._fields.values()))
        return {"time": sizes.t, "channel": sizes.c, "z": sizes.z}[component]


def arranged(facts: SourceFacts, components: Components, most: int = MOST_LAYERS) -> Arrangement:
    """The arrangement; refuses one of more layers than were asked for."""
    arrangement = Arrangement(facts, components)
    if arrangement.layer_count > most:
        raise ViewerError(
            f"that would make {arrangement.layer_count} layers, and {most} are the most; give one"
            f" of {', '.join(sorted(components.sliced - {'step'}))} a slider, or ask for more"
        )
    return arrangement


def fitting(facts: SourceFacts, components: Components) -> tuple[Arrangement, str]:
    """The arrangement that was wished for, or one of few enough layers and a sentence about it."""
    arrangement = Arrangement(facts, components)
    wanted = arrangement.layer_count
    given_up: list[str] = []
    while arrangement.layer_count > MOST_LAYERS:
        most = max(
            (name for name in _SLIDERS if arrangement.components.is_sliced(name)),
            key=arrangement._count,
        )
        given_up.append(most)
        arrangement = Arrangement(facts, components.stacking(given_up))
    if not given_up:
        return arrangement, ""
    return arrangement, f"{' and '.join(given_up)}: a slider, since {wanted} layers are too many"
