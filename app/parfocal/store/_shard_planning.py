"""Choose how large shards are: as large as plan and memory allow, and no longer open than that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.store._cameras import Camera, cameras_of
from parfocal.store._geometry import SEAL_TIMEOUT_S, Geometry
from parfocal.store._spec import RecordingSpec, validated

LARGEST_SHARD = 512 * 2**20
FRAMES_A_SHARD = (64, 48, 32, 24, 16)
# Beyond this a shard along time has the fewest frames: with 256 MB shards at 2048² a run of 200
# frames never used a buffer twice, and copying a frame cost the camera's thread 6.6 ms, not 2.3
LARGE_ALONG_TIME = 64 * 2**20
SPARE_ALONG_TIME = 3
# TensorStore holds a whole encoded shard: 1.45 × its raw bytes were measured with pure noise, which
# nothing compresses. That comes on top of the buffers, and 400 MB are granted for it
ENCODING = 1.5
ENCODING_ALLOWANCE = 400_000_000

Planes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A camera's shards of one size: where in the plan each begins and ends, and their bytes."""

    geometry: Geometry
    starts: Planes
    ends: Planes

    @property
    def spare_bytes(self) -> int:
        """More than are open at once, so that the next shard fills while others are written."""
        return (1 if self.geometry.frames == 1 else SPARE_ALONG_TIME) * self.geometry.buffer_bytes


def plan_geometries(
    spec: RecordingSpec, budget_bytes: int, seal_timeout_s: float = SEAL_TIMEOUT_S
) -> tuple[Geometry, ...]:
    """For each camera the largest shards that fill soon enough, all of which fit the budget.

    A z-stack of one timepoint and channel is one shard, split in z when it is larger than 512 MB
    or when the shards that the plan keeps open at once would not fit. Without z, 16 to 64 frames
    share a shard. Either way all frames of a shard are due within the seal timeout, or else it is
    one frame a shard: so no frame waits for hours in memory in a night-long time lapse, and no
    shard is written again for each plane when z is the plan's outermost axis.
    """
    planned, due = as_it_goes_on(spec)
    choices = [_choices(camera, spec, planned, due, seal_timeout_s) for camera in cameras_of(spec)]
    chosen = [next(each) for each in choices]
    while True:
        geometries = tuple(choice.geometry for choice in chosen)
        if _most_bytes(chosen) <= pool_bytes(geometries, budget_bytes):
            return geometries
        # the camera whose buffers are the largest makes do with less
        numbers = range(len(chosen))
        for number in sorted(numbers, key=lambda n: -geometries[n].buffer_bytes):
            smaller = next(choices[number], None)
            if smaller is not None:
                chosen[number] = smaller
                break
        else:
            return geometries


def plan_geometry(
    spec: RecordingSpec, budget_bytes: int, seal_timeout_s: float = SEAL_TIMEOUT_S
) -> Geometry:
    """The same of the first camera."""
    complete = validated(spec, "lz4", budget_bytes)
    return plan_geometries(complete, budget_bytes, seal_timeout_s)[0]


def pool_bytes(geometries: Sequence[Geometry], budget_bytes: int) -> int:
    """What all buffers may take, so that encoding one more of them stays within the grant."""
    largest = max(geometry.buffer_bytes for geometry in geometries)
    granted = min(budget_bytes, int(budget_bytes + ENCODING_ALLOWANCE - ENCODING * largest))
    if len(geometries) == 1:
        granted -= granted % largest
    return max(granted, largest)


def frames_a_shard(spec: RecordingSpec, budget_bytes: int) -> int:
    """How many timepoints of a field and channel will share a shard."""
    return plan_geometry(spec, budget_bytes).frames


def as_it_goes_on(spec: RecordingSpec) -> tuple[Planes, NDArray[np.float64]]:
    """What is planned and when; an unbounded plan as many times as the largest shard has frames."""
    planned = np.asarray(spec.planned, dtype=np.int64).reshape(-1, 4)
    due = np.asarray(spec.due_s, dtype=np.float64)
    if not spec.unbounded:
        return planned, due
    timepoints = int(planned[:, 0].max()) + 1
    if timepoints > 1:
        last = planned[:, 0] == timepoints - 1
        period = (due[last].min() - due.min()) / (timepoints - 1) * timepoints
    elif spec.time_step_s is not None:
        period = spec.time_step_s
    else:
        return planned, due  # nobody knows when a frame comes back: one frame a shard
    times = ceil(FRAMES_A_SHARD[0] / timepoints)
    offsets = np.repeat(np.arange(times), len(planned))
    repeated = np.tile(planned, (times, 1))
    repeated[:, 0] += offsets * timepoints
    return repeated, np.tile(due, times) + offsets * period


def _choices(
    camera: Camera,
    spec: RecordingSpec,
    planned: Planes,
    due: NDArray[np.float64],
    seal_timeout_s: float,
) -> Iterator[_Choice]:
    """What is possible for a camera, the largest shards first and single planes last."""
    mine = np.flatnonzero(np.isin(planned[:, 2], camera.channels))
    last = planned.max(axis=0)
    extent = (int(last[0]) + 1, len(spec.fields), len(camera.channels), int(last[3]) + 1)
    for frames, depth in _sizes(extent):
        geometry = Geometry(extent, camera.plane_shape, camera.dtype, frames, depth)
        if geometry.slots > 1:
            if geometry.buffer_bytes > LARGEST_SHARD:
                continue
            if frames > FRAMES_A_SHARD[-1] and geometry.buffer_bytes > LARGE_ALONG_TIME:
                continue
        first, final, span = lifetimes(planned[mine], due[mine], geometry)
        if geometry.slots == 1 or span <= seal_timeout_s:
            yield _Choice(geometry, mine[first], mine[final])


def _sizes(extent: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    timepoints, depth = extent[0], extent[3]
    if depth > 1:
        parts = sorted({ceil(depth / number) for number in range(1, depth + 1)}, reverse=True)
        return [(1, part) for part in parts]
    frames = sorted({min(number, timepoints) for number in FRAMES_A_SHARD}, reverse=True)
    return [(number, 1) for number in frames if number > 1] + [(1, 1)]


def lifetimes(
    planned: Planes, due: NDArray[np.float64], geometry: Geometry
) -> tuple[Planes, Planes, float]:
    """For every shard its first and last place in the plan; and the longest time it stays open."""
    t, p, c, z = planned.T
    fields, channels = int(p.max(initial=0)) + 1, int(c.max(initial=0)) + 1
    layers = ceil(geometry.extent[3] / geometry.depth)
    number = ((t // geometry.frames * fields + p) * channels + c) * layers + z // geometry.depth
    _, first, shard = np.unique(number, return_index=True, return_inverse=True)
    final = np.zeros(first.size, dtype=np.int64)
    np.maximum.at(final, shard, np.arange(number.size))
    earliest = np.full(first.size, np.inf)
    latest = np.full(first.size, -np.inf)
    np.minimum.at(earliest, shard, due)
    np.maximum.at(latest, shard, due)
    return first, final, float((latest - earliest).max(initial=0.0))


def _most_bytes(choices: Sequence[_Choice]) -> int:
    """The most memory that open shards take at the same place of the plan, and what is spare."""
    length = 2 + max(int(choice.ends.max(initial=0)) for choice in choices)
    change = np.zeros(length, dtype=np.int64)
    for choice in choices:
        np.add.at(change, choice.starts, choice.geometry.buffer_bytes)
        np.add.at(change, choice.ends + 1, -choice.geometry.buffer_bytes)
    return int(change.cumsum().max(initial=0)) + sum(choice.spare_bytes for choice in choices)
