"""Turn an experiment into the schedule of its steps, one by one."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import Any

import useq

from parfocal.plan._experiment import Experiment, PlanError
from parfocal.plan._faults import first_fault
from parfocal.plan._placing import FieldOfView, StagePoint, placed
from parfocal.plan._schedule import Channel, Field, Index, Schedule, Sizes, Step

__all__ = ["compile_each_step"]

# what one exposure is taken for when the plan leaves it to the camera
UNKNOWN_EXPOSURE_MS = 10.0

# the feed owns time and tags: a request says only what the hardware does
BARE = {"min_start_time": None, "reset_event_timer": False, "sequence": None}


def compile_each_step(
    experiment: Experiment,
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """Lay out every step with its index and due time.

    `field_of_view_um` (width, height) spaces the grids, whatever camera they were made for;
    `stage_um` (x, y, z) is where relative plans start that name no position.
    """
    phase = experiment.items[0]
    refuse_what_is_not_run(phase.name, phase.sequence)
    sequence = placed(phase.sequence, field_of_view_um, stage_um)
    refuse_what_is_not_run(phase.name, sequence)  # how many tiles a grid has is known only now
    compiler = _Compiler(sequence)
    for event in compiler.sequence:
        compiler.add(event)
    return compiler.schedule()


def refuse_what_is_not_run(name: str, sequence: useq.MDASequence) -> None:
    """Raise `PlanError` for what a run would ignore, or could never lay out."""
    if fault := first_fault(sequence):
        raise PlanError(f"phase {name!r} {fault.message}")
    if sequence.setup is not None:
        raise PlanError(
            f"phase {name!r} has a `setup` event, which is not run yet; "
            "set its properties in the microscope's configuration instead"
        )
    for channel in sequence.channels:
        if channel.camera is not None:
            raise PlanError(
                f"channel {channel.config!r} of phase {name!r} asks for camera {channel.camera!r}; "
                "a run uses the microscope's one camera, so leave `camera` out"
            )


@dataclass
class _Compiler:
    """Adds up useq's events into steps, fields, channels and due times."""

    sequence: useq.MDASequence
    steps: list[Step] = field(default_factory=list)
    fields: dict[tuple[int, int], Field] = field(default_factory=dict)
    channels: dict[Any, Channel] = field(default_factory=dict)
    events: dict[tuple[int, int], int] = field(default_factory=dict)
    seen: set[Index] = field(default_factory=set)
    ranks: dict[int, list[int]] = field(default_factory=dict)
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
        self.steps.append(
            Step(
                ordinal=len(self.steps),
                kind="autofocus" if autofocus else "imaging",
                event=number,
                index=None if autofocus else self._index(event, at, place),
                due=self._due(event),
                request=event.model_copy(update={**BARE, "metadata": {}}),
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
        return index

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
            name = event.pos_name or f"field {number + 1}"
            if event.pos_name and tile is not None:
                name = f"{event.pos_name}, tile {tile + 1}"
            self.fields[key] = Field(number, name, event.x_pos, event.y_pos, event.z_pos)
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
        place = at.get("p", 0)
        if place not in self.ranks:
            own = self._own_sequence(place)
            heights = list((own.z_plan if own else None) or self.sequence.z_plan or [0.0])
            upwards = sorted(range(len(heights)), key=heights.__getitem__)
            self.ranks[place] = [upwards.index(z) for z in range(len(heights))]
        return self.ranks[place][at.get("z", 0)]

    def _own_sequence(self, p: int) -> useq.MDASequence | None:
        return self._positions[p].sequence if p < len(self._positions) else None

    def schedule(self) -> Schedule:
        frames = [step for step in self.steps if step.index is not None]
        heights = _first_heights(frames)
        return Schedule(
            steps=tuple(self.steps),
            fields=tuple(
                replace(place, z=heights.get(place.index, place.z))
                for place in self.fields.values()
            ),
            channels=tuple(self.channels.values()),
            sizes=Sizes(
                t=max((step.index.t for step in frames if step.index), default=-1) + 1,
                c=len(self.channels),
                z=max((step.index.z for step in frames if step.index), default=-1) + 1,
            ),
            events=len(self.events),
            frames=len(frames),
            duration_s=_duration(self.steps),
            time_step_s=_time_step(frames),
            z_step_um=_z_step(frames),
        )


def _first_heights(frames: list[Step]) -> dict[int, float | None]:
    """Each field's height: that of its plane 0, which a do_stack=False channel may not visit."""
    first: dict[int, Step] = {}
    for step in frames:
        if step.index is None:
            continue
        known = first.setdefault(step.index.p, step)
        if known.index is not None and step.index.z < known.index.z:
            first[step.index.p] = step
    return {place: step.request.z_pos for place, step in first.items()}


def _duration(steps: list[Step]) -> float:
    """The end of the last exposure, when nothing but due times and exposures takes time."""
    clock = 0.0
    for step in steps:
        clock = max(clock, step.due)
        if step.index is not None:
            clock += (step.request.exposure or UNKNOWN_EXPOSURE_MS) / 1000
    return clock


def _time_step(frames: list[Step]) -> float | None:
    """The median interval between the timepoints of the first field; None without one.

    Rounded to the nanosecond: 0.1 s a thousand times over ends in 0.10000000000002274.
    """
    starts: dict[int, float] = {}
    for step in frames:
        if step.index is not None and step.index.p == 0:
            starts.setdefault(step.index.t, step.due)
    times = sorted(starts.items())
    intervals = [
        (later - earlier) / (after - before)
        for (before, earlier), (after, later) in pairwise(times)
    ]
    interval = median(intervals) if intervals else 0.0
    return round(interval, 9) if interval > 0 else None


def _z_step(frames: list[Step]) -> float | None:
    """The median distance of the planes of one stack; None when there is no stack."""
    stacks: dict[tuple[int, int, int], dict[int, float]] = {}
    for step in frames:
        if step.index is not None and step.request.z_pos is not None:
            t, p, c, z = step.index
            stacks.setdefault((t, p, c), {})[z] = step.request.z_pos
    stack = max(stacks.values(), key=len, default={})
    heights = [height for _, height in sorted(stack.items())]
    steps = [abs(b - a) for a, b in pairwise(heights)]
    distance = median(steps) if steps else 0.0
    return round(distance, 9) if distance > 0 else None
