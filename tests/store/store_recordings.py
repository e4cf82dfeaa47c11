"""Make small recordings that the tests of the store share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import ChannelInfo, FieldInfo, Index, Recording, RecordingSpec

SHAPE = (24, 20)


def grid(t: int = 1, p: int = 1, c: int = 1, z: int = 1) -> list[Index]:
    """Every plane of a full grid, in acquisition order."""
    return [(i, j, k, m) for i in range(t) for j in range(p) for k in range(c) for m in range(z)]


def spec_of(
    planned: Sequence[Index],
    *,
    shape: tuple[int, int] = SHAPE,
    dtype: str = "uint16",
    due: Sequence[float] | None = None,
    **others: Any,
) -> RecordingSpec:
    """A recording of these planes, with as many fields and channels as they need."""
    fields = max(index[1] for index in planned) + 1
    channels = max(index[2] for index in planned) + 1
    values: dict[str, Any] = {
        "name": "test",
        "fields": [FieldInfo(f"field {n}", (1.0, 10.0 * n, 20.0 * n)) for n in range(fields)],
        "channels": [ChannelInfo(f"channel {n}") for n in range(channels)],
        "planned": planned,
        "due_s": [0.0] * len(planned) if due is None else due,
        "plane_shape": shape,
        "dtype": dtype,
        "voxel_um": (2.0, 0.5, 0.25),
        "time_step_s": 3.0,
    }
    return RecordingSpec(**{**values, **others})


def plane_of(
    index: Index, shape: tuple[int, int] = SHAPE, dtype: str = "uint16"
) -> NDArray[np.generic]:
    """Pixels that no other index has."""
    t, p, c, z = index
    random = np.random.default_rng([t, p, c, z])
    return random.integers(0, 200, shape).astype(dtype)


def put_all(recording: Recording, indices: Sequence[Index], shape: tuple[int, int] = SHAPE) -> None:
    """Record these planes."""
    for index in indices:
        recording.put(index, plane_of(index, shape), {"exposure_ms": 5.0})


def bytes_written() -> int:
    """What this process has given to write calls so far."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    raise AssertionError("no wchar in /proc/self/io")
