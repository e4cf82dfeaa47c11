"""Make one level of an image from the level before it, whole shard by whole shard."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._downsample import downsample
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json
from parfocal.store._held import Held
from parfocal.store._present import sharding_of
from parfocal.store._progress import Course
from parfocal.store._pyramid_plan import LevelPlan
from parfocal.store._shard_index import read_index

# one plane is read ahead while another is made coarser; a run has the disk and the cores first
CONTEXT = {
    "cache_pool": {"total_bytes_limit": 0},
    "data_copy_concurrency": {"limit": 1},
    "file_io_concurrency": {"limit": 2},
    "file_io_sync": False,
}

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One shard of a level: its file, its planes that can be made, and of which planes."""

    file: str
    sources: dict[Place, list[Place]]
    nbytes: int


class LevelWriter:
    """Writes the level's array at `target`, which has its metadata already."""

    def __init__(self, plan: LevelPlan, source: Path, target: Path, held: Held) -> None:
        self._plan = plan
        self._target = target
        self._held = held
        context = ts.Context(CONTEXT)
        self._read_from = source
        self._source = open_level(source, context, read=True)
        self._array = open_level(target, context, read=False)
        grid = read_json(target / "zarr.json")["chunk_grid"]["configuration"]["chunk_shape"]
        self._frames, self._depth = int(grid[0]), int(grid[2])

    def parts(self) -> Iterator[Part]:
        """Every shard that has a plane."""
        frames, channels, depth, height, width = self._plan.shape
        plane = height * width * self._array.dtype.numpy_dtype.itemsize
        steps = product(
            range(0, frames, self._frames), range(channels), range(0, depth, self._depth)
        )
        for t, c, z in steps:
            sources = {}
            for frame in range(t, min(t + self._frames, frames)):
                for layer in range(z, min(z + self._depth, depth)):
                    finer = self._finer(frame, c, layer)
                    if finer:
                        sources[frame, c, layer] = finer
            if sources:
                yield Part(
                    f"c/{t // self._frames}/{c}/{z // self._depth}/0/0",
                    sources,
                    plane * len(sources),
                )

    def holds(self, part: Part) -> bool:
        """Whether the part's file is whole and holds exactly the planes that it should."""
        file, sharding = self._target / part.file, sharding_of(self._target)
        if sharding is None or not file.is_file():
            return False
        present, _ = read_index(file, sharding)
        if present is None:
            return False
        wanted = np.zeros(present.shape[:3], dtype=np.bool_)
        for t, _c, z in part.sources:
            wanted[t % self._frames, 0, z % self._depth] = True
        return bool((present == wanted[..., None, None]).all())

    def write(self, part: Part, course: Course) -> None:
        """Make and commit one shard; nothing of it is there when that fails or is cancelled."""
        planes = ((place, self._told(plane, course)) for place, plane in self._made(part))
        write_at_once(self._array, planes, self._target)

    @staticmethod
    def _told(plane: NDArray[Any], course: Course) -> NDArray[Any]:
        course.advance(plane.nbytes)
        return plane

    def _finer(self, t: int, c: int, z: int) -> list[Place]:
        """The planes of the finer level of which this one is made: those that are there."""
        step = self._plan.step[0]
        last = z * step + 1 if self._plan.method == "stride" else (z + 1) * step
        layers = range(z * step, min(last, self._held.shape[2]))
        return [(t, c, layer) for layer in layers if self._held[t, c, layer]]

    def _made(self, part: Part) -> Iterator[tuple[Place, NDArray[Any]]]:
        """Each coarse plane, the next one's pixels being read meanwhile."""
        waiting: list[tuple[Place, list[Any]]] = []
        for place, finer in part.sources.items():
            waiting.append((place, [self._source[one].read() for one in finer]))
            if len(waiting) > 1:
                yield self._coarse(*waiting.pop(0))
        yield self._coarse(*waiting.pop(0))

    def _coarse(self, place: Place, reads: list[Any]) -> tuple[Place, NDArray[Any]]:
        try:
            planes = [np.asarray(read.result()) for read in reads]
        except ValueError as problem:
            raise StoreError(
                f"{self._read_from} cannot be read: {problem}; parfocal check --deep names "
                "every file that is damaged"
            ) from problem
        return place, downsample(planes, self._plan.step[1:], self._plan.method)


def write_at_once(array: Any, planes: Iterable[tuple[Place, NDArray[Any]]], where: Path) -> None:
    """Commit planes of one shard, so that its file is written once; or none of them."""
    transaction: Any = ts.Transaction()
    open_array = array.with_transaction(transaction)
    try:
        for place, plane in planes:
            open_array[place].write(plane).copy.result()
        transaction.commit_async().result()
    except (ValueError, OSError) as problem:
        raise StoreError(f"{where} cannot be written: {cause(problem)}") from problem
    finally:
        if not transaction.future.done():
            transaction.abort()


def open_level(array: Path, context: Any, *, read: bool) -> Any:
    """The array of a level, to be read or to be written."""
    spec = {
        "driver": "zarr3",
        "kvstore": {"driver": "file", "path": f"{array.as_posix()}/"},
        "store_data_equal_to_fill_value": True,
    }
    try:
        return ts.open(spec, open=True, read=read, write=not read, context=context).result()
    except ValueError as problem:
        raise StoreError(f"{array} cannot be opened: {problem}") from problem
