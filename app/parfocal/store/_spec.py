"""Say what a recording will hold, before its first frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from parfocal.store._codec import CODECS
from parfocal.store._errors import StoreError

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
    """A stage position: its name and where the middle of its first voxel lies (z, y, x in µm)."""

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


def validated(spec: RecordingSpec, codec: str, budget_bytes: int) -> RecordingSpec:
    """The same with plain values, or the sentence that says what is wrong with it."""
    dtype = np.dtype(spec.dtype).newbyteorder("=")
    planned: list[Index] = [(int(t), int(p), int(c), int(z)) for t, p, c, z in spec.planned]
    plane_bytes = spec.plane_shape[0] * spec.plane_shape[1] * dtype.itemsize
    sizes = [*spec.voxel_um, *([spec.time_step_s] if spec.time_step_s else [])]
    wrong = {
        "has no plane to record": not planned,
        "plans a plane twice": len(set(planned)) != len(planned),
        "plans a plane with a negative index": any(min(index) < 0 for index in planned),
        f"plans a field beyond its {len(spec.fields)}": any(
            index[1] >= len(spec.fields) for index in planned
        ),
        f"plans a channel beyond its {len(spec.channels)}": any(
            index[2] >= len(spec.channels) for index in planned
        ),
        f"has {len(spec.due_s)} due times for {len(planned)} planes": len(spec.due_s)
        != len(planned),
        f"has planes of shape {spec.plane_shape}": min(spec.plane_shape) < 1,
        f"has pixels of type {dtype}; integers and floats up to 64 bit can be stored": dtype.kind
        not in "iuf"
        or dtype.itemsize > 8,
        f"has a voxel size or time step that is not above zero: {sizes}": not all(
            isfinite(size) and size > 0 for size in sizes
        ),
        f"asks for the codec {codec!r}; there are {', '.join(CODECS)}": codec not in CODECS,
        f"has a buffer budget of {budget_bytes} bytes, less than one plane of {plane_bytes}": (
            budget_bytes < plane_bytes
        ),
    }
    for problem, applies in wrong.items():
        if applies:
            raise StoreError(f"the recording {spec.name!r} {problem}")
    height, width = spec.plane_shape
    # an interval of zero means "as fast as it goes": there is no step to write down
    step = spec.time_step_s or None
    return replace(
        spec, dtype=dtype, planned=planned, plane_shape=(height, width), time_step_s=step
    )
