"""Say what a store holds: its state, planes, axes, voxel size and where that number is from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What `parfocal info` prints; lengths in µm, times in seconds."""

    path: Path
    state: str
    reason: str
    name: str
    planned: int
    acquired: int
    missing: int
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    fields: tuple[str, ...]
    channels: tuple[str, ...]
    voxel_size_um: tuple[float, float, float]
    voxel_size_source: str
    voxel_size_conflicts: tuple[str, ...]
    time_step_s: float | None
    levels: int
    dtype: str

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        raise NotImplementedError


def info(path: Path | str) -> StoreInfo:
    """Read what the store at `path` holds, without writing anything."""
    raise NotImplementedError
