"""The compiled form of an experiment: what is exposed, in which order, and when it is due."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal, NamedTuple

import useq

__all__ = [
    "Anchor",
    "Channel",
    "ChannelKind",
    "Field",
    "Index",
    "Part",
    "Schedule",
    "Sizes",
    "Step",
    "StepKind",
]

ChannelKind = Literal["imaging", "reference", "stimulation"]
StepKind = Literal["imaging", "reference", "stimulation", "autofocus", "wait", "hold"]

NOTHING = useq.MDAEvent()


class Index(NamedTuple):
    """Where one plane belongs: timepoint, field, channel, plane (the lowest is 0)."""

    t: int
    p: int
    c: int
    z: int


class Sizes(NamedTuple):
    """How many timepoints, channels and planes the longest field has."""

    t: int
    c: int
    z: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the store; `exposure_ms` None means: as the camera is set.

    `name` is what the store and people call it, `config` the preset of `group`; without a group
    the microscope stays as it is set. Imaging channels come first, then references, then light.
    """

    name: str
    group: str
    exposure_ms: float | None
    kind: ChannelKind = "imaging"
    config: str = ""

    def __post_init__(self) -> None:
        if not self.config:
            object.__setattr__(self, "config", self.name)


@dataclass(frozen=True, slots=True)
class Field:
    """One place of the stage in µm; None on an axis means: where the stage already is.

    `z` is the height of the field's lowest plane; `well` is row and column ("B/3") on a plate.
    """

    index: int
    name: str
    x: float | None
    y: float | None
    z: float | None
    well: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the feed does: an exposure, a hardware autofocus, a wait or a hold.

    Only exposures have an index; waits and holds have no event either, and ask nothing of the
    hardware. `due` counts in seconds from the start as if all went as planned; where a run is
    late, what counts is `Schedule.offset(step)`, from the step's `anchor`. `request` carries no
    start time of its own, and one serves all timepoints at which a series repeats itself:
    `index` says which one this is. `item` is the number of the plan's item that it comes from.
    """

    ordinal: int
    kind: StepKind
    event: int | None
    index: Index | None
    due: float
    request: useq.MDAEvent = NOTHING
    item: int = 0
    anchor: int = 0
    power: float | None = None
    seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the clock of a stretch of steps is tied: at the start (`opened_by` None), or at the
    end of the wait or hold that has this ordinal. `due` is when that is as planned.

    `when_asked` marks the anchor of `continue_with`: its steps begin when somebody continues.
    """

    due: float
    opened_by: int | None = None
    when_asked: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one item: when it begins, and of a phase its timepoints.

    `kept` is False where a revision dropped it before its first step.
    """

    item: int
    kind: Literal["phase", "wait", "hold"]
    name: str
    due: float
    last_due: float
    """When its last timepoint is due; one interval later the next phase begins."""
    first_t: int = 0
    timepoints: int = 0
    interval_s: float = 0.0
    stage_um: tuple[float, float, float] | None = None
    """Where the stage stands after it, as far as that is known."""
    kept: bool = True
    fields: int = 0
    """At how many fields a phase is."""


@dataclass(frozen=True)
class Schedule:
    """All steps in the order of acquisition, and the sizes that follow from them."""

    steps: tuple[Step, ...]
    fields: tuple[Field, ...]
    channels: tuple[Channel, ...]
    sizes: Sizes
    events: int
    frames: int
    duration_s: float
    time_step_s: float | None
    z_step_um: float | None
    anchors: tuple[Anchor, ...] = (Anchor(0.0),)
    parts: tuple[Part, ...] = ()
    cells: tuple[tuple[str, int], ...] = ()
    """The strip's cells in order, as runs of one kind: (kind, how many)."""
    barriers: tuple[int, ...] = ()
    """For each wait and hold the number of events before it."""
    visited: tuple[int, ...] = ()
    """The fields in the order of their first visit."""
    z_steps_um: tuple[float, ...] = ()
    """Every distance between two planes of a stack: more than one is more than a store can say."""

    def planned(self) -> tuple[Index, ...]:
        """The index of every frame, in the order of acquisition."""
        return tuple(step.index for step in self.steps if step.index is not None)

    def due_times(self) -> tuple[float, ...]:
        """The due time of every frame, beside `planned()`."""
        return tuple(step.due for step in self.steps if step.index is not None)

    def offset(self, step: Step) -> float:
        """Seconds from the step's anchor to when it is due."""
        return step.due - self.anchors[step.anchor].due

    def event_kinds(self) -> tuple[str, ...]:
        """The kind of every cell of the strip: of each event, and of the waits and holds between
        them. An event is of kind reference before stimulation before imaging."""
        return tuple(chain.from_iterable(repeat(kind, count) for kind, count in self.cells))

    def cell_of_event(self, event: int) -> int:
        """The strip's cell of an event: waits and holds before it have cells of their own."""
        return event + bisect_right(self.barriers, event)

    def cell_of_barrier(self, number: int) -> int:
        """The strip's cell of the wait or hold with this number, counted from 0."""
        return self.barriers[number] + number
