"""Fill the first coarser level while a store is recorded, from shards that are still in memory.

It is not listed before the pyramid after the run has looked at it and filled its holes: shards
that came in parts, and those for which the buffers were needed elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._downsample import downsample
from parfocal.store._files import read_json, write_json
from parfocal.store._level_writer import CONTEXT, Place, open_level, write_at_once
from parfocal.store._ngff import read_image
from parfocal.store._pyramid_plan import LevelPlan, plan_levels
from parfocal.store._sealed import SealedShard
from parfocal.store._spec import Index

METHOD = "mean"


@dataclass(frozen=True, slots=True)
class _Level:
    """The level of one image, and how many timepoints and planes share a shard of the first."""

    plan: LevelPlan
    array: Any
    target: Path
    shape: tuple[int, ...]
    frames: int
    depth: int


class LiveLevel:
    """Called with every shard that is committed; it reads nothing back from the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._levels: dict[str, _Level | None] = {}
        self._seen: set[tuple[str, Place]] = set()

    def __call__(self, shard: SealedShard) -> None:
        """Write the shard's part of the level, when the shard is whole."""
        path = shard.image.path
        if path not in self._levels:
            self._levels[path] = self._begun(path)
        level = self._levels[path]
        if level is None:
            return
        t, _, c, z = shard.indices[0]
        channel = shard.image.channel(c)
        first = (t - t % level.frames, channel, z - z % level.depth)
        again = (path, first) in self._seen
        self._seen.add((path, first))
        if again or not _is_whole(level, first, shard.indices):
            # what comes in parts would be averaged in parts: its place is left for later
            self._file(level, first).unlink(missing_ok=True)
            return
        write_at_once(level.array, _coarse(level, shard, channel), level.target)

    def _begun(self, path: str) -> _Level | None:
        """Make the level's array; None where an image has no level or its shards divide pairs."""
        image = read_image(self._root, path)
        plan = None if image is None else next(plan_levels(image, METHOD), None)
        if image is None or plan is None:
            return None
        document = read_json(self._root / path / image.levels[0].path / "zarr.json")
        grid = document["chunk_grid"]["configuration"]["chunk_shape"]
        frames, depth, step = int(grid[0]), int(grid[2]), plan.step[0]
        shape = tuple(document["shape"])
        if depth % step and depth < shape[2]:
            return None
        made = plan.array(document)
        shards = made["chunk_grid"]["configuration"]["chunk_shape"]
        shards[0], shards[2] = frames, -(-depth // step)
        target = self._root / path / plan.path
        write_json(target / "zarr.json", made)
        array = open_level(target, ts.Context(CONTEXT), read=False)
        return _Level(plan, array, target, shape, frames, depth)

    @staticmethod
    def _file(level: _Level, first: Place) -> Path:
        t, c, z = first
        return level.target / f"c/{t // level.frames}/{c}/{z // level.depth}/0/0"


def _is_whole(level: _Level, first: Place, planes: Sequence[Index]) -> bool:
    """Whether every plane of the shard's place came, and the level is long enough for them."""
    t, _, z = first
    frames = min(level.frames, level.shape[0] - t)
    reached = max(index[0] for index in planes) < level.shape[0]  # it may have grown since
    return reached and len(planes) == frames * min(level.depth, level.shape[2] - z)


def _coarse(
    level: _Level, shard: SealedShard, channel: int
) -> Iterator[tuple[Place, NDArray[Any]]]:
    """The planes of the level, each from its neighbours along z."""
    step = level.plan.step
    pairs: dict[Place, list[Index]] = {}
    for index in shard.indices:
        t, _, _, z = index
        pairs.setdefault((t, channel, z // step[0]), []).append(index)
    for place, indices in pairs.items():
        planes = [shard.plane(index) for index in indices]
        yield place, downsample(planes, step[1:], METHOD)
