"""Say, before a run, how its planes will lie in shards, and what that takes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parfocal.store._cameras import cameras_of
from parfocal.store._geometry import SEAL_TIMEOUT_S
from parfocal.store._shard_planning import Planes, as_it_goes_on, lifetimes, plan_geometries
from parfocal.store._spec import RecordingSpec, validated


@dataclass(frozen=True, slots=True)
class ShardForecast:
    """The shards of one camera. Bytes are those of planes in memory, not of files on the disk.

    `open_shards` are filled side by side, at the moment when they are most; `memory` is theirs.
    `open_s` is how long a shard waits at most for its last plane.
    """

    channels: tuple[int, ...]
    plane_shape: tuple[int, int]
    dtype: str
    frames: int
    depth: int
    shard_bytes: int
    open_shards: int
    open_s: float

    @property
    def memory_bytes(self) -> int:
        """The buffers of all shards that are open side by side."""
        return self.open_shards * self.shard_bytes

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "channels": list(self.channels),
            "plane_shape": list(self.plane_shape),
            "dtype": self.dtype,
            "frames_a_shard": self.frames,
            "planes_a_stack": self.depth,
            "shard_bytes": self.shard_bytes,
            "open_shards": self.open_shards,
            "memory_bytes": self.memory_bytes,
            "longest_open_s": self.open_s,
        }


def forecast_shards(
    spec: RecordingSpec, budget_bytes: int = 2**30, seal_timeout_s: float = SEAL_TIMEOUT_S
) -> tuple[ShardForecast, ...]:
    """What `Recording.create` would choose for each camera, with the same arguments."""
    spec = validated(spec, "lz4", budget_bytes)
    geometries = plan_geometries(spec, budget_bytes, seal_timeout_s)
    planned, due = as_it_goes_on(spec)
    forecasts = []
    for camera, geometry in zip(cameras_of(spec), geometries, strict=True):
        mine = np.flatnonzero(np.isin(planned[:, 2], camera.channels))
        starts, ends, open_s = lifetimes(planned[mine], due[mine], geometry)
        forecasts.append(
            ShardForecast(
                camera.channels,
                camera.plane_shape,
                camera.dtype.name,
                geometry.frames,
                geometry.depth,
                geometry.buffer_bytes,
                _most_at_once(mine[starts], mine[ends]),
                open_s,
            )
        )
    return tuple(forecasts)


def _most_at_once(starts: Planes, ends: Planes) -> int:
    change = np.zeros(int(ends.max(initial=0)) + 2, dtype=np.int64)
    np.add.at(change, starts, 1)
    np.add.at(change, ends + 1, -1)
    return int(change.cumsum().max(initial=0))
