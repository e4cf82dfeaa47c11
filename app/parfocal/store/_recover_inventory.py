"""Take stock of a recording's planes: which are whole on the disk, and which were said to be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._images import ImageMap, ImagePlace
from parfocal.store._journal import read_entries
from parfocal.store._layout import journal_path
from parfocal.store._plane_book import is_told, tiled
from parfocal.store._planes import PlaneState, States, read_planes
from parfocal.store._progress import Course
from parfocal.store._recover_shards import ShardedArray, ShardState
from parfocal.store._spec import Index

Marks: TypeAlias = NDArray[np.bool_]
"""One truth a plane, shaped t, p, c, z."""


@dataclass(slots=True)
class Inventory:
    """What a store has, against what its states and its journal say; all shaped t, p, c, z.

    `whole` planes are there and sound, `held` ones are in a shard in whatever state; `claimed` are
    those that the states or the journal say are stored.
    """

    states: States
    whole: Marks
    held: Marks
    claimed: Marks
    reasons: dict[Index, str]
    arrays: dict[ImagePlace, ShardedArray]
    published: bool  # whether the store says of its planes which are planned
    broken: list[tuple[ShardedArray, ShardState]] = field(default_factory=list)
    fresh: list[Path] = field(default_factory=list)  # shards that nobody has flushed yet
    spoiled: dict[str, list[Path]] = field(default_factory=dict)  # coarser levels, their shards

    @property
    def sound(self) -> bool:
        """Whether everything that is claimed is there."""
        lost = bool((self.claimed & ~self.whole).any())
        return not (lost or self.broken or self.spoiled)


def take_inventory(
    root: Path,
    images: ImageMap,
    levels: Sequence[str],
    course: Course,
    *,
    closed: bool,
    deep: bool,
    unbounded: bool,
    timepoints: int,
) -> Inventory:
    """Look at every shard; at the checksums of a flushed one only when it shall be `deep`.

    There are at least so many `timepoints`, since the spool has frames of them.
    """
    arrays = {place: _opened(root / place.array()) for place in images}
    journal = _Journal(root)
    published = _published(root)
    reach = _reach(arrays, images, journal, timepoints)
    if published is not None:
        # an extension tells the record last: before that no frame of a field that joins can be
        published = published[:, : images.fields]
        if unbounded and not is_told(published):
            published = tiled(published, reach[0])
        reach = [max(pair) for pair in zip(reach, published.shape, strict=True)]
    states = _states(published, reach, journal)
    nothing = np.zeros(states.shape, dtype=np.bool_)
    claimed = states == PlaneState.STORED
    _mark(claimed, journal.committed)
    found = Inventory(
        states, nothing, nothing.copy(), claimed, journal.skipped, arrays, published is not None
    )
    course.total = len(arrays)
    for place, array in arrays.items():
        course.say(f"looking at the shards of {place.path}")
        files = array.shards()
        for file in files:
            size = journal.flushed.get(file.relative_to(root).as_posix())
            trusted = closed or size == file.stat().st_size
            shard = array.examine(file, checksums=deep or not trusted)
            if shard is not None:
                _enter(found, place, array, shard)
                if not trusted:
                    found.fresh.append(file)
            course.advance(1 / len(files))
    found.spoiled.update(_spoiled(root, levels, checksums=deep))
    return found


def _spoiled(
    root: Path, levels: Sequence[str], *, checksums: bool
) -> Iterator[tuple[str, list[Path]]]:
    """The coarser levels that are damaged, and which of their shards: they are not repaired, but
    made anew by the next pyramid."""
    for level in levels:
        if not (root / level / "zarr.json").is_file():
            yield level, []
            continue
        array = _opened(root / level)
        states = [array.examine(file, checksums=checksums) for file in array.shards()]
        damaged = [shard.file for shard in states if shard is not None and shard.problem]
        if damaged:
            yield level, damaged


class _Journal:
    """What the journal tells, if there is one: planes, shards that a checkpoint flushed, skips."""

    def __init__(self, root: Path) -> None:
        self.committed: list[Index] = []
        self.flushed: dict[str, int] = {}
        self.skipped: dict[Index, str] = {}
        path = journal_path(root)
        acknowledged: list[tuple[str, int]] = []
        durable = 0
        for entry in read_entries(path) if path.is_file() else ():
            if "shard" in entry:
                acknowledged.append((entry["shard"], entry["size"]))
                self.committed += [(f["t"], f["p"], f["c"], f["z"]) for f in entry["frames"]]
            elif "skip" in entry:
                t, p, c, z = entry["skip"]
                self.skipped[t, p, c, z] = str(entry["reason"])
            elif "checkpoint" in entry:
                durable = entry["checkpoint"]
        # in the order of the journal, so that the latest size of a shard counts
        self.flushed.update(acknowledged[:durable])


def _opened(path: Path) -> ShardedArray:
    try:
        return ShardedArray(path)
    except (KeyError, TypeError, ValueError, IndexError) as problem:
        raise StoreError(
            f"{path} cannot be read, so it cannot be repaired: {problem}; restore its zarr.json "
            "from a copy"
        ) from problem


def _reach(
    arrays: Mapping[ImagePlace, ShardedArray], images: ImageMap, journal: _Journal, timepoints: int
) -> list[int]:
    """How far shards, journal and spool reach along t, p, c, z.

    An array says its length after its pixels are there: a kill may leave a shard beyond it.
    """
    lengths = [array.reach() for array in arrays.values()]
    depths = [array.sharding.shape[2] for array in arrays.values()]
    times = [index[0] + 1 for index in journal.committed]
    return [
        max([timepoints, *lengths, *times]),
        images.fields,
        images.channels,
        max(depths),
    ]


def _states(published: States | None, reach: list[int], journal: _Journal) -> States:
    """The published states, made as large as everything reaches."""
    states = np.full(reach, PlaneState.UNPLANNED, dtype=np.uint8)
    if published is not None:
        states[tuple(map(slice, published.shape))] = published
    for index in journal.skipped:
        if all(n < size for n, size in zip(index, reach, strict=True)):
            states[index] = PlaneState.SKIPPED
    return states


def _published(root: Path) -> States | None:
    """None when they are gone or cannot be read: then what is found is what is known."""
    try:
        return read_planes(root)
    except StoreError:
        return None


def _mark(marks: Marks, indices: list[Index]) -> None:
    if indices:
        marks[tuple(np.asarray(indices, dtype=np.int64).T)] = True


def _enter(found: Inventory, place: ImagePlace, array: ShardedArray, shard: ShardState) -> None:
    if shard.problem:
        found.broken.append((array, shard))
    for marks, planes in ((found.whole, shard.planes), (found.held, shard.held)):
        _enter_planes(marks, place, shard.start, planes)


def _enter_planes(
    marks: Marks, place: ImagePlace, start: tuple[int, int, int], planes: "NDArray[np.bool_]"
) -> None:
    t, local, z = start
    if local >= len(place.channels):
        return
    block = marks[t : t + planes.shape[0], place.field, place.channels[local], z:]
    target = block[:, : planes.shape[2]]
    target |= planes[: target.shape[0], 0, : target.shape[1]]
