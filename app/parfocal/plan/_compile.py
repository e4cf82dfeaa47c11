"""Turn one phase into its exposures, one by one, as useq orders them."""

from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

import useq

from parfocal.plan._errors import PlanError
from parfocal.plan._faults import first_fault
from parfocal.plan._items import Phase
from parfocal.plan._placing import own_sequences
from parfocal.plan._schedule import Channel, Field, Index, StepKind

__all__ = [
    "UNKNOWN_EXPOSURE_MS",
    "Exposures",
    "Shot",
    "exposure_s",
    "name_of_field",
    "one_by_one",
    "refuse_phase",
    "well_of",
]

# what one exposure is taken for when the plan leaves it to the camera
UNKNOWN_EXPOSURE_MS = 10.0

# the feed owns time and tags: a request says only what the hardware does
BARE = {"min_start_time": None, "reset_event_timer": False, "sequence": None}


class Shot(NamedTuple):
    """A step as its phase alone knows it: numbers and due time count from the phase's start."""

    kind: StepKind
    event: int
    at: Index | None
    due: float
    request: useq.MDAEvent
    power: float | None = None


@dataclass
class Exposures:
    """The shots of one phase, and the fields and channels that they go to."""

    shots: list[Shot]
    fields: tuple[Field, ...]
    channels: tuple[Channel, ...]
    heights: tuple[tuple[float | None, ...], ...]
    """Of each field the heights of its planes for a channel without an offset, lowest first."""
    middles: tuple[int, ...]
    """Of each field the plane of a channel that takes no stack."""


def exposure_s(request: useq.MDAEvent) -> float:
    """How long one exposure takes."""
    return (request.exposure or UNKNOWN_EXPOSURE_MS) / 1000


def refuse_phase(phase: Phase) -> None:
    """Raise `PlanError` for what a run would ignore, or could never lay out."""
    name, sequence = phase.name, phase.sequence
    if fault := first_fault(sequence):
        raise PlanError(f"phase {name!r} {fault.message}")
    if sequence.setup is not None:
        raise PlanError(
            f"phase {name!r} has a `setup` event, which is not run yet; "
            "set its properties in the microscope's configuration instead"
        )
    extra = () if phase.reference is None else phase.reference.channels
    if phase.stimulate is not None and phase.stimulate.channel is not None:
        extra = (*extra, phase.stimulate.channel)
    for channel in (*sequence.channels, *extra):
        if channel.camera is not None:
            raise PlanError(
                f"channel {channel.config!r} of phase {name!r} asks for camera {channel.camera!r}; "
                "a run uses the microscope's one camera, so leave `camera` out"
            )
    _refuse_stray_power(phase)


def _refuse_stray_power(phase: Phase) -> None:
    if not phase.power:
        return
    sequences = [phase.sequence, *own_sequences(phase.sequence)]
    known = {channel.config for sequence in sequences for channel in sequence.channels}
    if phase.reference is not None:
        known |= {channel.config for channel in phase.reference.channels}
    for name in phase.power:
        if name not in known:
            raise PlanError(
                f"phase {phase.name!r} sets the power of {name!r}, which is none of its channels "
                f"({', '.join(sorted(known)) or 'it has none'})"
            )


def one_by_one(sequence: useq.MDASequence, power: dict[str, float]) -> Exposures:
    """Lay out every exposure of a sequence whose places are settled (`placed`)."""
    compiler = _Compiler(sequence, power)
    for event in sequence:
        compiler.add(event)
    return Exposures(
        compiler.shots,
        compiler.placed_fields(),
        tuple(compiler.channels.values()),
        compiler.heights_of_fields(),
        tuple(compiler.middle(p) for p, _ in compiler.fields),
    )


def name_of_field(place: str | None, number: int, tile: int | None) -> str:
    """What people call a field: as its place is called, with the tile of a grid."""
    if not place:
        return f"field {number + 1}"
    return place if tile is None else f"{place}, tile {tile + 1}"


def well_of(place: useq.Position) -> str | None:
    """Row and column of the well that a place lies in."""
    if place.plate_row is None or place.plate_col is None:
        return None
    row, letters = place.plate_row, ""
    while row >= 0:  # A … Z, AA …, as on a plate of 1536 wells
        letters = chr(ord("A") + row % 26) + letters
        row = row // 26 - 1
    return f"{letters}/{place.plate_col + 1}"


@dataclass
class _Compiler:
    """Adds up useq's events into shots, fields, channels and due times."""

    sequence: useq.MDASequence
    power: dict[str, float]
    shots: list[Shot] = field(default_factory=list)
    fields: dict[tuple[int, int], Field] = field(default_factory=dict)
    channels: dict[Any, Channel] = field(default_factory=dict)
    events: dict[tuple[int, int], int] = field(default_factory=dict)
    seen: set[Index] = field(default_factory=set)
    ranks: dict[int, list[int]] = field(default_factory=dict)
    lowest: dict[int, tuple[int, float | None]] = field(default_factory=dict)
    bases: dict[int, float | None] = field(default_factory=dict)
    anchor: float = 0.0
    now: float = 0.0

    def __post_init__(self) -> None:
        # the channels keep the plan's order, though a z-first plan visits them in another one
        for number, channel in enumerate(self.sequence.channels):
            self.channels[number] = Channel(channel.config, channel.group, channel.exposure)
        self._positions = tuple(self.sequence.stage_positions)

    def add(self, event: useq.MDAEvent) -> None:
        at = dict(event.index)  # useq's own mapping is five times slower to ask
        place = self._field(event, at)
        number = self.events.setdefault((at.get("t", 0), place), len(self.events))
        autofocus = event.action.type == "hardware_autofocus"
        power = None
        if self.power and event.channel is not None and not autofocus:
            power = self.power.get(event.channel.config)
        self.shots.append(
            Shot(
                kind="autofocus" if autofocus else "imaging",
                event=number,
                at=None if autofocus else self._index(event, at, place),
                due=self._due(event),
                request=event.model_copy(update={**BARE, "metadata": {}}),
                power=power,
            )
        )

    def _index(self, event: useq.MDAEvent, at: dict[str, int], place: int) -> Index:
        index = Index(at.get("t", 0), place, self._channel(event, at), self._plane(at))
        if index in self.seen:
            raise PlanError(
                f"the plan takes the same plane twice (timepoint {index.t}, field {index.p}, "
                f"channel {index.c}, plane {index.z}); a position's own sequence must not "
                "repeat an axis of the plan"
            )
        self.seen.add(index)
        # a field's height is that of its plane 0, which a do_stack=False channel may not visit
        known = self.lowest.get(place)
        if known is None or index.z < known[0]:
            self.lowest[place] = (index.z, event.z_pos)
        if place not in self.bases:
            self.bases[place] = self._base(event, at)
        return index

    def _base(self, event: useq.MDAEvent, at: dict[str, int]) -> float | None:
        """From where a field's planes are counted."""
        if event.z_pos is None:
            return None
        own = self._own_sequence(at.get("p", 0))
        channels = (own.channels if own else None) or self.sequence.channels
        stacked = "z" in at
        offset = channels[at["c"]].z_offset if stacked and at.get("c", inf) < len(channels) else 0.0
        return event.z_pos - offset - (self.heights(at.get("p", 0))[at["z"]] if stacked else 0.0)

    def _due(self, event: useq.MDAEvent) -> float:
        # `reset_event_timer` means "from now on, count from here"; by the schedule, here is the
        # last due time. So with fields outermost each field's series follows the one before.
        if event.reset_event_timer:
            self.anchor = self.now
        self.now = max(self.now, self.anchor + (event.min_start_time or 0.0))
        return self.now

    def _field(self, event: useq.MDAEvent, at: dict[str, int]) -> int:
        tile = at.get("g")
        key = (at.get("p", 0), -1 if tile is None else tile)
        if key not in self.fields:
            number = len(self.fields)
            name = name_of_field(event.pos_name, number, tile)
            place = self._positions[key[0]] if key[0] < len(self._positions) else None
            well = None if place is None else well_of(place)
            self.fields[key] = Field(number, name, event.x_pos, event.y_pos, event.z_pos, well)
        return self.fields[key].index

    def _channel(self, event: useq.MDAEvent, at: dict[str, int]) -> int:
        number = at.get("c")
        own = self._own_sequence(at.get("p", 0))
        if event.channel is None:
            key: Any = None
            self.channels.setdefault(key, Channel("camera", "", event.exposure))
        elif number is not None and not (own and own.channels):
            key = number
        else:  # a position's own channels: the same one where it looks the same
            channel = Channel(event.channel.config, event.channel.group, event.exposure)
            key = next((key for key, known in self.channels.items() if known == channel), channel)
            self.channels.setdefault(key, channel)
        return list(self.channels).index(key)

    def _plane(self, at: dict[str, int]) -> int:
        """Planes count from the lowest, whichever way the stack is taken: the distance between the
        planes of an array is above zero, so one taken downwards would be stored upside down."""
        return self._ranks(at.get("p", 0))[at.get("z", 0)]

    def middle(self, p: int) -> int:
        """The plane that useq takes for a channel without a stack."""
        ranks = self._ranks(p)
        return ranks[len(ranks) // 2]

    def _ranks(self, place: int) -> list[int]:
        if place not in self.ranks:
            heights = self.heights(place)
            upwards = sorted(range(len(heights)), key=heights.__getitem__)
            self.ranks[place] = [upwards.index(z) for z in range(len(heights))]
        return self.ranks[place]

    def heights_of_fields(self) -> tuple[tuple[float | None, ...], ...]:
        """The heights of every field's planes, lowest first."""
        found: list[tuple[float | None, ...]] = []
        for (p, _), at in self.fields.items():
            base = self.bases.get(at.index)
            planes = sorted(self.heights(p))
            found.append(tuple(None if base is None else base + plane for plane in planes))
        return tuple(found)

    def heights(self, p: int) -> list[float]:
        """The planes of a place in the order in which they are taken, against the place."""
        own = self._own_sequence(p)
        return list((own.z_plan if own else None) or self.sequence.z_plan or [0.0])

    def _own_sequence(self, p: int) -> useq.MDASequence | None:
        return self._positions[p].sequence if p < len(self._positions) else None

    def placed_fields(self) -> tuple[Field, ...]:
        """The fields, each at the height of its lowest plane."""
        return tuple(
            Field(at.index, at.name, at.x, at.y, self.lowest.get(at.index, (0, at.z))[1], at.well)
            for at in self.fields.values()
        )
