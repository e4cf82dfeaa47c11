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
    """A channel as a viewer shows it: its name, its colour (RRGGBB) and its contrast window.

    A channel of another camera says that camera's plane shape, pixel type and voxel size (z, y, x);
    None is the recording's. Channels whose planes are alike share one image, others have images of
    their own in the same wells.
    """

    name: str
    color: str | None = None
    window: tuple[float, float] | None = None
    plane_shape: tuple[int, int] | None = None
    dtype: DTypeLike | None = None
    voxel_um: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A stage position: its name and where the middle of its first voxel lies (z, y, x in µm).

    `well` is its place on a well plate, row and column (`B/3`); without plate there is none.
    """

    name: str
    origin_um: tuple[float, float, float] = (0.0, 0.0, 0.0)
    well: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingSpec:
    """Everything that is known about a recording before its first frame.

    `planned` lists every plane in acquisition order; `due_s` says when each one is due, in seconds
    from the start (the shard geometry follows from it: a shard is not kept open for a frame that
    comes back too late). The voxel size and every origin are in µm, ordered z, y, x; an origin is
    that of the first voxel of a plane of `plane_shape`, and a camera of another size sees the same
    middle. `plate` is the number of rows and columns of a well plate, `hardware` the state of the
    microscope at the start.

    An `unbounded` recording ends when it ends: `planned` is its first timepoint or timepoints,
    which repeat themselves (each `time_step_s`, if `planned` has a single one), and a timepoint
    that never begins is not missing.
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
    unbounded: bool = False
    plate: tuple[int, int] | None = None
    hardware: Mapping[str, Any] = field(default_factory=dict)
    guessed: Sequence[str] = ()
    """The axes of `voxel_um` ("z", "y", "x") that nobody measured."""


def validated(spec: RecordingSpec, codec: str, budget_bytes: int) -> RecordingSpec:
    """The same with plain values, or the sentence that says what is wrong with it."""
    dtype = np.dtype(spec.dtype).newbyteorder("=")
    planned: list[Index] = [(int(t), int(p), int(c), int(z)) for t, p, c, z in spec.planned]
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
        **_wrong_planes("", spec.plane_shape, dtype),
        f"has a voxel size or time step that is not above zero: {sizes}": _not_above_zero(sizes),
        f"asks for the codec {codec!r}; there are {', '.join(CODECS)}": codec not in CODECS,
    }
    _refuse(spec, wrong)
    height, width = spec.plane_shape
    spec = replace(
        spec,
        dtype=dtype,
        planned=planned,
        fields=list(spec.fields),
        plane_shape=(int(height), int(width)),
        # an interval of zero means "as fast as it goes": there is no step to write down
        time_step_s=spec.time_step_s or None,
    )
    spec = replace(spec, channels=[_completed(channel, spec) for channel in spec.channels])
    largest = max(_plane_bytes(channel) for channel in spec.channels)
    short = f"has a buffer budget of {budget_bytes} bytes, less than one plane of {largest}"
    _refuse(spec, {short: budget_bytes < largest})
    return spec


def _completed(channel: ChannelInfo, spec: RecordingSpec) -> ChannelInfo:
    """The channel with the recording's planes where it says nothing of its own."""
    height, width = channel.plane_shape or spec.plane_shape
    dtype = np.dtype(spec.dtype if channel.dtype is None else channel.dtype).newbyteorder("=")
    z, y, x = voxel = channel.voxel_um or spec.voxel_um
    which = f" in channel {channel.name!r}"
    wrong = {
        **_wrong_planes(which, (height, width), dtype),
        f"has a voxel size that is not above zero{which}: {voxel}": _not_above_zero(voxel),
        f"has planes {z} µm apart{which}, but the stage moves by {spec.voxel_um[0]}": z
        != spec.voxel_um[0],
    }
    _refuse(spec, wrong)
    size = (float(z), float(y), float(x))
    return replace(channel, plane_shape=(int(height), int(width)), dtype=dtype, voxel_um=size)


def _refuse(spec: RecordingSpec, wrong: Mapping[str, bool]) -> None:
    for problem, applies in wrong.items():
        if applies:
            raise StoreError(f"the recording {spec.name!r} {problem}")


def _plane_bytes(channel: ChannelInfo) -> int:
    height, width = channel.plane_shape or (0, 0)
    return height * width * np.dtype(channel.dtype).itemsize


def _wrong_planes(which: str, shape: tuple[int, int], dtype: "np.dtype[Any]") -> dict[str, bool]:
    return {
        f"has planes of shape {shape}{which}": min(shape) < 1,
        f"has pixels of type {dtype}{which}; integers and floats up to 64 bit can be stored": (
            dtype.kind not in "iuf" or dtype.itemsize > 8
        ),
    }


def _not_above_zero(sizes: Sequence[float]) -> bool:
    return not all(isfinite(size) and size > 0 for size in sizes)
