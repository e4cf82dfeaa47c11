"""Put the items of a plan one after the other, on one clock and with numbers that go on."""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, islice

from parfocal.plan._channels import ChannelKey, StoreChannels, keys_of
from parfocal.plan._figures import Plane, Tally, z_figures
from parfocal.plan._items import Hold, Item, Phase, Wait
from parfocal.plan._layout import Layout
from parfocal.plan._placing import FieldOfView, StagePoint
from parfocal.plan._schedule import Anchor, Channel, Index, Part, Schedule, Sizes, Step

__all__ = ["Joiner", "LayOut"]

Place = tuple[float | None, float | None]
LayOut = Callable[[Phase, FieldOfView | None, StagePoint | None], Layout]


class Joiner:
    """Takes items in their order and gives back the schedule of all of them.

    The phases are laid out first and get their numbers afterwards: which number the first
    reference channel has is known only when the imaging channels of all phases are.
    """

    def __init__(
        self,
        lay_out: LayOut,
        view: FieldOfView | None,
        stage: StagePoint | None,
        before: Schedule | None = None,
        *,
        when_asked: bool = False,
    ) -> None:
        self._lay_out = lay_out
        self._view = view
        self._here = stage
        self._channels = StoreChannels(() if before is None else before.channels)
        self._fields = [] if before is None else list(before.fields)
        self._visited: dict[int, None] = {}
        self._last_field: int | None = None
        self._steps = [] if before is None else list(before.steps)
        self._anchors = [Anchor(0.0)] if before is None else list(before.anchors)
        self._parts = [] if before is None else list(before.parts)
        self._first_t = 0
        self._events = 0
        self._free = 0.0
        """When the last frame or wait so far ends, as planned: from here a wait counts."""
        self._next = 0.0
        """When a phase begins that follows at once."""
        self._tally = Tally()
        self._samples: list[Plane] = []
        if before is not None:
            self._follow(before)
            if when_asked:
                self._next = self._free
                self._anchors.append(Anchor(self._free, None, when_asked=True))

    def join(self, items: Sequence[Item]) -> Schedule:
        """The schedule with these items at its end."""
        layouts = [self._laid_out(item) for item in items]
        for layout in layouts:
            if layout is not None:
                self._channels.take(layout.channels)
        channels, numbers = self._channels.numbered()
        first = len(self._parts)
        for number, (item, layout) in enumerate(zip(items, layouts, strict=True), first):
            if isinstance(item, Phase):
                assert layout is not None  # every phase was laid out above
                self._add_phase(number, item, layout, numbers)
            else:
                self._add_barrier(number, item)
        return self._schedule(channels)

    def _schedule(self, channels: Sequence[Channel]) -> Schedule:
        tally = self._tally
        planes, z_step, z_steps = z_figures(
            chain(
                (
                    (step.item, step.index, step.request.z_pos)
                    for step in self._steps
                    if step.index is not None
                ),
                self._samples,
            )
        )
        return Schedule(
            steps=tuple(self._steps),
            fields=tuple(self._fields),
            channels=tuple(channels),
            sizes=Sizes(tally.timepoints, len(channels), planes),
            events=tally.events,
            frames=tally.frames,
            duration_s=tally.clock,
            time_step_s=tally.time_step(),
            z_step_um=z_step,
            z_steps_um=z_steps,
            anchors=tuple(self._anchors),
            parts=tuple(self._parts),
            cells=tuple(tally.cells),
            barriers=tuple(tally.barriers),
            visited=tuple(self._visited),
        )

    def _follow(self, before: Schedule) -> None:
        """Go on where the steps of `before` end."""
        self._tally.walk(before.steps)
        self._events = self._tally.events
        for step in before.steps:
            self._free = max(self._free, _rounded(step.due + (step.seconds or 0.0)))
            if step.index is not None:
                self._last_field = step.index.p
                self._visited[step.index.p] = None
        kept = [part for part in before.parts if part.kept]
        self._first_t = max((part.first_t + part.timepoints for part in kept), default=0)
        self._next = self._free
        for part in kept:
            self._here = part.stage_um or self._here
        if kept and kept[-1].kind == "phase":
            self._next = max(self._free, kept[-1].last_due + kept[-1].interval_s)

    def _laid_out(self, item: Item) -> Layout | None:
        if not isinstance(item, Phase):
            return None
        layout = self._lay_out(item, self._view, self._here)
        layout.here = self._here = _moved(self._here, layout)
        return layout

    def _add_barrier(self, number: int, item: Wait | Hold) -> None:
        ordinal, due, anchor = len(self._steps), self._free, len(self._anchors) - 1
        if isinstance(item, Wait):
            seconds = item.seconds
            step = Step(
                ordinal, "wait", None, None, due, item=number, anchor=anchor, seconds=seconds
            )
            part = Part(number, "wait", f"{seconds:g} s", due, due)
        else:
            seconds = 0.0
            step = Step(
                ordinal, "hold", None, None, due, item=number, anchor=anchor, message=item.message
            )
            part = Part(number, "hold", item.message, due, due)
        self._steps.append(step)
        self._parts.append(part)
        self._tally.barrier(step.kind, due, seconds)
        self._free = self._next = _rounded(self._free + seconds)
        self._anchors.append(Anchor(self._free, ordinal))

    def _add_phase(
        self, number: int, phase: Phase, layout: Layout, numbers: dict[ChannelKey, int]
    ) -> None:
        begin, first_t, anchor = self._next, self._first_t, len(self._anchors) - 1
        channels = [numbers[key] for key in keys_of(layout.channels)]
        fields = self._places_of(layout)
        events: dict[int, int] = {}
        steps = self._steps
        first_step = ordinal = len(steps)
        for kind, local, at, due, request, power in layout.shots:
            event = self._events + local
            if layout.beats is None:  # or not all of them are here to be counted
                event = events.setdefault(local, self._events + len(events))
            index = None
            if at is not None:
                index = Index(first_t + at.t, fields[at.p], channels[at.c], at.z)
            when = _rounded(begin + due)
            steps.append(Step(ordinal, kind, event, index, when, request, number, anchor, power))
            ordinal += 1
        if layout.beats is None:
            self._tally.walk(islice(steps, first_step, None))
        else:
            home = fields.index(0) if 0 in fields else None
            self._tally.beats(layout.beats, first_t, begin, home)
        self._events = self._tally.events
        if fields:
            self._last_field = fields[-1]
        self._samples += [
            (number, shot.at, shot.request.z_pos) for shot in layout.samples if shot.at is not None
        ]
        self._parts.append(
            Part(
                number,
                "phase",
                phase.name,
                begin,
                _rounded(begin + layout.last_s),
                first_t,
                layout.timepoints,
                layout.interval_s,
                layout.here,
                fields=len(fields),
            )
        )
        self._visited.update(dict.fromkeys(fields))
        self._first_t += layout.timepoints
        self._free = _rounded(begin + layout.ends_s)
        self._next = _rounded(begin + max(layout.ends_s, layout.last_s + layout.interval_s))

    def _places_of(self, layout: Layout) -> list[int]:
        """Which field of the store each field of a phase is: the same place is the same field."""
        known: defaultdict[Place, deque[int]] = defaultdict(deque)
        for field in self._fields:
            known[field.x, field.y].append(field.index)
        numbers: list[int] = []
        for field in layout.fields:
            if field.x is None and field.y is None and self._last_field is not None:
                numbers.append(self._last_field)  # the stage stays where the last phase left it
                continue
            same = known[field.x, field.y]
            if same:
                numbers.append(same.popleft())
                continue
            number = len(self._fields)
            unnamed = field.name == f"field {field.index + 1}"
            name = f"field {number + 1}" if unnamed else field.name
            if (number, name) != (field.index, field.name):
                field = replace(field, index=number, name=name)
            self._fields.append(field)
            numbers.append(number)
        return numbers


def _moved(here: StagePoint | None, layout: Layout) -> StagePoint | None:
    """Where the stage stands after a phase, as far as that is known."""
    if layout.place is None:
        return here
    x, y, z = (None, None, None) if here is None else here
    place = layout.place
    x = x if place.x is None else place.x
    y = y if place.y is None else place.y
    z = z if place.z is None else place.z
    return None if x is None or y is None or z is None else (x, y, z)


def _rounded(seconds: float) -> float:
    """To the nanosecond: 0.1 + 0.2 s is due at 0.3 s and not at 0.30000000000000004."""
    return round(seconds, 9)
