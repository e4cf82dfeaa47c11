"""Say what a source holds, before anything of it is converted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parfocal.convert._errors import ConvertError
from parfocal.store import ChannelInfo, StageAxisMap, StageRow

__all__ = [
    "Found",
    "FoundArray",
    "FoundCarried",
    "FoundImage",
    "FoundLabels",
    "Zyx",
    "canonical_shape",
]

Zyx = tuple[float, float, float]
CANONICAL = "tczyx"
MOST_CHANNELS = 4096
UNKNOWN_SIZE = "nobody says how large a voxel is: 1 × 1 × 1 µm was taken"


@dataclass(frozen=True, slots=True)
class FoundArray:
    """One array of a source: its axes (letters of `tczyx`, or `p`) in the source's own order."""

    key: str
    axes: str
    shape: tuple[int, ...]
    dtype: str
    scale: Zyx = (1.0, 1.0, 1.0)
    """Voxel size in µm."""
    origin: Zyx | None = None
    """Where the middle of its first voxel lies, when it is not that of the image."""

    @property
    def canonical(self) -> tuple[int, int, int, int, int]:
        """Its shape as t, c, z, y, x."""
        return canonical_shape(self.axes, self.shape)


@dataclass(frozen=True, slots=True)
class FoundLabels:
    """Labels of an image, and what NGFF says of their values."""

    name: str
    levels: tuple[FoundArray, ...]
    told: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundImage:
    """One field: the finest level first."""

    path: str
    name: str
    levels: tuple[FoundArray, ...]
    channels: tuple[ChannelInfo, ...]
    voxel_um: Zyx = (1.0, 1.0, 1.0)
    voxel_source: str = "default"
    voxel_conflicts: tuple[str, ...] = ()
    guessed_axes: tuple[str, ...] = ()
    """The axes of its voxel size that nobody measured."""
    origin_um: Zyx = (0.0, 0.0, 0.0)
    time_step_s: float | None = None
    well: str | None = None
    method: Mapping[str, Any] = field(default_factory=dict)
    """How the levels were made, in NGFF's words (`type`, `metadata`)."""
    labels: tuple[FoundLabels, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What else the source says of it; carried along."""
    absent: tuple[tuple[int, int, int], ...] = ()
    """Planes (t, c, z) that were never taken."""
    positions: tuple[tuple[str, Zyx], ...] = ()
    """Name and place of each position, of an image whose arrays have an axis `p`."""


@dataclass(frozen=True, slots=True)
class FoundCarried:
    """An array of results: where it is, where it goes, and what it says of itself."""

    key: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that a source holds."""

    kind: str
    name: str
    images: tuple[FoundImage, ...]
    plate: tuple[int, int] | None = None
    legacy: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the source that no image carries; kept under `legacy`."""
    guessed: tuple[str, ...] = ()
    """What nobody said and was assumed, each in a sentence."""
    warnings: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    """Arrays that cannot be carried over, and why."""
    folders: tuple[Path, ...] = ()
    """Folders that it is in besides the path that was asked for."""
    stage_rows: tuple[StageRow, ...] = ()
    calibration: StageAxisMap | None = None
    experiment: Mapping[str, Any] = field(default_factory=dict)
    saved_in: str = ""
    """The folder that an experiment names for its data, when it is not on this computer."""
    carried: tuple[FoundCarried, ...] = ()
    """Arrays that are no images, and groups around them by their new path."""
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def canonical_shape(axes: str, shape: tuple[int, ...]) -> tuple[int, int, int, int, int]:
    """A shape as t, c, z, y, x; an axis that is not there is 1 long."""
    lengths = dict(zip(axes, shape, strict=True))
    t, c, z, y, x = (lengths.get(axis, 1) for axis in CANONICAL)
    if c > MOST_CHANNELS:
        size = " × ".join(str(n) for n in shape)
        raise ConvertError(
            f"an array of {size} would have {c} channels as {axes}; say what its axes are "
            "(--axes tczyx)"
        )
    return t, c, z, y, x
