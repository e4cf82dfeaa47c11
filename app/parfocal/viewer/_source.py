"""Say what a viewer needs of whatever holds the planes: a store on this disk, or a rig far away."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parfocal.store import Index
from parfocal.viewer._errors import ViewerError

Micrometres = tuple[float, float, float]
"""Along z, y, x."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each there are at most; `p` counts the fields of all wells."""

    t: int
    p: int
    c: int
    z: int
    y: int
    x: int

    def holds(self, index: Index) -> bool:
        """Whether there is such a plane."""
        t, p, c, z = index
        return 0 <= t < self.t and 0 <= p < self.p and 0 <= c < self.c and 0 <= z < self.z


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """One resolution: its z, y, x shape, the size of a voxel, and where its first voxel's middle
    lies, seen from that of the field."""

    shape: tuple[int, int, int]
    scale_um: Micrometres
    translation_um: Micrometres = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field: its name, its well (`B/3`; empty where there is only the implied one), where its
    first voxel lies, and its z, y, x shape where it is smaller than the largest."""

    name: str
    well: str = ""
    origin_um: Micrometres = (0.0, 0.0, 0.0)
    shape: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel as it is shown; with levels of its own where its camera is unlike the first."""

    name: str
    colormap: str
    limits: tuple[float, float] | None = None
    levels: tuple[LevelFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What there is to show, at one moment. `levels` has full resolution first."""

    name: str
    state: str
    sizes: Sizes
    dtype: str
    fields: tuple[FieldFacts, ...]
    channels: tuple[ChannelFacts, ...]
    levels: tuple[LevelFacts, ...]
    time_step_s: float | None
    voxel_known: bool = True

    def levels_of(self, channel: int) -> tuple[LevelFacts, ...]:
        """The resolutions of a channel: those of its camera."""
        return self.channels[channel].levels or self.levels

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SourceFacts":
        """Read what `as_json` made, trusting nothing."""
        try:
            facts = cls(
                name=_text(value["name"]),
                state=_text(value["state"]),
                sizes=Sizes(**{axis: _count(value["sizes"][axis]) for axis in "tpczyx"}),
                dtype=np.dtype(_text(value["dtype"])).str,
                fields=tuple(_field(entry) for entry in value["fields"]),
                channels=tuple(_channel(entry) for entry in value["channels"]),
                levels=_levels(value["levels"]),
                time_step_s=_optional(value["time_step_s"], _above_zero),
                voxel_known=bool(value.get("voxel_known", True)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ViewerError(f"what is said of the store makes no sense: {problem!r}") from problem
        if not facts._agree():
            raise ViewerError("what is said of the store makes no sense: its parts do not agree")
        return facts

    def _agree(self) -> bool:
        sizes = self.sizes
        every = [self.levels, *(channel.levels or self.levels for channel in self.channels)]
        return (
            (len(self.fields), len(self.channels)) == (sizes.p, sizes.c)
            and all(every)
            and np.dtype(self.dtype).kind in "iufb"
            and all(
                ours <= most
                for levels in every
                for ours, most in zip(levels[0].shape, (sizes.z, sizes.y, sizes.x), strict=True)
            )
        )


class PlaneSource(Protocol):
    """Where a viewer has its planes from. Any thread may ask anything."""

    @property
    def facts(self) -> SourceFacts:
        """A snapshot; another one after `refresh` said True."""
        ...

    def plane(self, index: Index, level: int = 0) -> NDArray[Any]:
        """One plane in the shape of its channel's level; zeros where nothing is recorded."""
        ...

    def stored(self, index: Index) -> bool:
        """Whether the plane was recorded."""
        ...

    def absence(self, index: Index) -> str:
        """Why the plane is not there, in a few words; empty for one that is stored."""
        ...

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """The store's own limits, else sampled ones; None while nothing is there."""
        ...

    def refresh(self) -> bool:
        """See whether it moved, grew, has other levels or another state; cheap when it did not."""
        ...

    @property
    def note(self) -> str:
        """What else the person at the window must know; empty when all is well."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def _field(entry: Mapping[str, Any]) -> FieldFacts:
    return FieldFacts(
        _text(entry["name"]),
        _text(entry.get("well", "")),
        _three(entry.get("origin_um", (0, 0, 0)), _number),
        _optional(entry.get("shape"), lambda shape: _three(shape, _count)),
    )


def _channel(entry: Mapping[str, Any]) -> ChannelFacts:
    limits = entry.get("limits")
    if limits is not None:
        low, high = (_number(limit) for limit in limits)
        limits = low, high
    levels = _levels(entry.get("levels", ()))
    return ChannelFacts(_text(entry["name"]), _text(entry["colormap"]), limits, levels)


def _levels(entries: Any) -> tuple[LevelFacts, ...]:
    return tuple(
        LevelFacts(
            _three(entry["shape"], _count),
            _three(entry["scale_um"], _above_zero),
            _three(entry.get("translation_um", (0, 0, 0)), _number),
        )
        for entry in entries
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{value!r} is no number of things")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _above_zero(value: Any) -> float:
    if (number := _number(value)) <= 0:
        raise ValueError(f"{value!r} is not above zero")
    return number


def _optional(value: Any, read: Any) -> Any:
    return None if value is None else read(value)


def _three(values: Any, read: Any) -> tuple[Any, Any, Any]:
    first, second, third = (read(value) for value in values)
    return first, second, third
