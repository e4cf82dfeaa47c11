"""The compiled form of an experiment: what is exposed, in which order, and when it is due."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import useq

__all__ = ["Channel", "Field", "Index", "Schedule", "Sizes", "Step", "StepKind"]

StepKind = Literal["imaging", "autofocus"]


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
    """One imaging channel; `exposure_ms` None means: as the camera is set."""

    name: str
    group: str
    exposure_ms: float | None


@dataclass(frozen=True, slots=True)
class Field:
    """One place of the stage in µm; None on an axis means: where the stage already is.

    `z` is the height of the field's lowest plane.
    """

    index: int
    name: str
    x: float | None
    y: float | None
    z: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the feed hands out: an exposure, or a hardware autofocus (which has no index).

    `due` counts in seconds from the first frame. `request` carries no start time of its own, and
    one serves all timepoints at which a series repeats itself: `index` says which one this is.
    """

    ordinal: int
    kind: StepKind
    event: int
    index: Index | None
    due: float
    request: useq.MDAEvent


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

    def planned(self) -> tuple[Index, ...]:
        """The index of every frame, in the order of acquisition."""
        return tuple(step.index for step in self.steps if step.index is not None)

    def due_times(self) -> tuple[float, ...]:
        """The due time of every frame, beside `planned()`."""
        return tuple(step.due for step in self.steps if step.index is not None)

    def event_kinds(self) -> tuple[str, ...]:
        """The kind of every event: what its cell in the strip is coloured by."""
        return ("imaging",) * self.events
