"""Say what a recording will hold, before its first frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from numpy.typing import DTypeLike

Index: TypeAlias = tuple[int, int, int, int]
"""One plane: t, p (field), c, z. `parfocal.plan.Index` is one."""


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as a viewer shows it: its name, its colour (RRGGBB) and its contrast window."""

    name: str
    color: str | None = None
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A stage position: its name and where its first voxel lies (z, y, x in µm)."""

    name: str
    origin_um: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RecordingSpec:
    """Everything that is known about a recording before its first frame.

    `planned` lists every plane in acquisition order; `due_s` says when each one is due, in seconds
    from the start (the shard geometry follows from it: a shard is not kept open for a frame that
    comes back too late). The voxel size and every origin are in µm, ordered z, y, x.
    """

    name: str
    fields: Sequence[FieldInfo]
    channels: Sequence[ChannelInfo]
    planned: Sequence[Index]
    due_s: Sequence[float]
    plane_shape: tuple[int, int]
    dtype: DTypeLike
    voxel_um: tuple[float, float, float] = (1.0, 1.0, 1.0)
    time_step_s: float | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    microscope: Mapping[str, Any] = field(default_factory=dict)
