"""Place planes in shards: which shard and slot a plane has, and how large a shard should be."""

from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.store._codec import inner_chunk
from parfocal.store._layout import array_path
from parfocal.store._spec import Index, RecordingSpec

SEAL_TIMEOUT_S = 10.0
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


class ShardKey(NamedTuple):
    """A shard by the index of its first plane."""

    t: int
    p: int
    c: int
    z: int


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the planes of a recording lie in shards.

    A shard holds `frames` timepoints × `depth` z planes of one field and channel. Every plane is
    kept as tiles of the inner chunk's shape, because TensorStore encodes a chunk that is
    contiguous in memory without copying it first (2.0 instead of 2.6 CPU seconds for 2 GB).
    """

    extent: tuple[int, int, int, int]
    plane_shape: tuple[int, int]
    dtype: "np.dtype[Any]"
    frames: int
    depth: int

    @property
    def inner(self) -> tuple[int, int]:
        """The y, x shape of an inner chunk."""
        return inner_chunk(self.plane_shape)

    @property
    def tiles(self) -> tuple[int, int]:
        """How many inner chunks cover a plane, along y and x."""
        (height, width), (chunk_y, chunk_x) = self.plane_shape, self.inner
        return ceil(height / chunk_y), ceil(width / chunk_x)

    @property
    def slots(self) -> int:
        """Planes in a shard."""
        return self.frames * self.depth

    @property
    def buffer_shape(self) -> tuple[int, int, int, int, int]:
        """A shard in memory: slot, tile row, tile column, y, x."""
        return (self.slots, *self.tiles, *self.inner)

    @property
    def buffer_bytes(self) -> int:
        """Memory of one shard's planes, padding included."""
        return int(np.prod(self.buffer_shape, dtype=np.int64)) * self.dtype.itemsize

    @property
    def plane_bytes(self) -> int:
        """Raw bytes of one plane."""
        return self.plane_shape[0] * self.plane_shape[1] * self.dtype.itemsize

    @property
    def array_shape(self) -> tuple[int, int, int, int, int]:
        """The TCZYX shape of a field."""
        t, _, c, z = self.extent
        return (t, c, z, *self.plane_shape)

    @property
    def shard_shape(self) -> tuple[int, int, int, int, int]:
        """The TCZYX shape of a shard, whole inner chunks along y and x."""
        (rows, columns), (chunk_y, chunk_x) = self.tiles, self.inner
        return (self.frames, 1, self.depth, rows * chunk_y, columns * chunk_x)

    @property
    def chunk_shape(self) -> tuple[int, int, int, int, int]:
        """The TCZYX shape of an inner chunk."""
        return (1, 1, 1, *self.inner)

    def shard_of(self, index: Index) -> ShardKey:
        """The shard that holds a plane."""
        t, p, c, z = index
        return ShardKey(t - t % self.frames, p, c, z - z % self.depth)

    def slot_of(self, index: Index) -> int:
        """Where in its shard a plane lies."""
        t, _, _, z = index
        return (t % self.frames) * self.depth + z % self.depth

    def block(self, key: ShardKey) -> tuple[slice, int, int, slice]:
        """The shard's planes as a selection of anything shaped like `extent`."""
        return (
            slice(key.t, min(key.t + self.frames, self.extent[0])),
            key.p,
            key.c,
            slice(key.z, min(key.z + self.depth, self.extent[3])),
        )

    def shard_file(self, key: ShardKey) -> str:
        """The shard's file, relative to the store."""
        t, z = key.t // self.frames, key.z // self.depth
        return f"{array_path(key.p)}/c/{t}/{key.c}/{z}/0/0"


def plan_geometry(
    spec: RecordingSpec, budget_bytes: int, seal_timeout_s: float = SEAL_TIMEOUT_S
) -> Geometry:
    """The largest shards that the plan fills soon enough and whose buffers fit the budget.

    A z-stack of one timepoint and channel is one shard, split in z when it is larger than 512 MB
    or when the shards that the plan keeps open at once would not fit. Without z, 16 to 64 frames
    share a shard. Either way all frames of a shard are due within the seal timeout, or else it is
    one frame a shard: so no frame waits for hours in memory in a night-long time lapse, and no
    shard is written again for each plane when z is the plan's outermost axis.
    """
    planned = np.asarray([tuple(index) for index in spec.planned], dtype=np.int64).reshape(-1, 4)
    last = planned.max(axis=0, initial=0)
    extent = (int(last[0]) + 1, len(spec.fields), len(spec.channels), int(last[3]) + 1)
    due = np.asarray(spec.due_s, dtype=np.float64)
    for frames, depth in _candidates(extent):
        geometry = Geometry(extent, spec.plane_shape, np.dtype(spec.dtype), frames, depth)
        if geometry.slots == 1:
            return geometry
        first, final, span = _lifetimes(planned, due, geometry)
        if span > seal_timeout_s:
            continue
        if frames > FRAMES_A_SHARD[-1] and geometry.buffer_bytes > LARGE_ALONG_TIME:
            continue
        # More than are open at once, so that the next shard fills while others are being written
        spare = 1 if frames == 1 else SPARE_ALONG_TIME
        needed = (_most_at_once(first, final) + spare) * geometry.buffer_bytes
        fits = needed <= buffer_limit(geometry, budget_bytes) * geometry.buffer_bytes
        if geometry.buffer_bytes <= LARGEST_SHARD and fits:
            return geometry
    raise AssertionError("the last candidate is always a single plane")


def buffer_limit(geometry: Geometry, budget_bytes: int) -> int:
    """How many shard buffers there may be, so that encoding one more stays within the grant."""
    encoding = ENCODING * geometry.buffer_bytes
    granted = min(budget_bytes, budget_bytes + ENCODING_ALLOWANCE - encoding)
    return max(1, int(granted // geometry.buffer_bytes))


def frames_a_shard(spec: RecordingSpec, budget_bytes: int) -> int:
    """How many timepoints of a field and channel will share a shard."""
    return plan_geometry(spec, budget_bytes).frames


def _candidates(extent: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    timepoints, depth = extent[0], extent[3]
    if depth > 1:
        parts = sorted({ceil(depth / number) for number in range(1, depth + 1)}, reverse=True)
        return [(1, part) for part in parts]
    frames = sorted({min(number, timepoints) for number in FRAMES_A_SHARD}, reverse=True)
    return [(number, 1) for number in frames if number > 1] + [(1, 1)]


def _lifetimes(
    planned: Planes, due: NDArray[np.float64], geometry: Geometry
) -> tuple[Planes, Planes, float]:
    """For every shard its first and last place in the plan; and the longest time it stays open."""
    t, p, c, z = planned.T
    _, fields, channels, _ = geometry.extent
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


def _most_at_once(starts: Planes, ends: Planes) -> int:
    """The largest number of shards that are open at the same place of the plan."""
    change = np.zeros(int(ends.max(initial=0)) + 2, dtype=np.int64)
    np.add.at(change, starts, 1)
    np.add.at(change, ends + 1, -1)
    return int(change.cumsum().max(initial=0))
