"""Read labels over all fields plane by plane, placed as their image is; nothing is read ahead."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import LevelPlace, StoreError, StoreReader
from parfocal.viewer._errors import ViewerError

_SAME = 1e-6
_MOST_ABSENT = 4096

Three = tuple[float, float, float]
Plane = tuple[int, int, int]
"""t, p, z."""


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Labels of a field's image, and that image; both are folders."""

    labels: Path
    image: Path


@dataclass(frozen=True, slots=True)
class Lie:
    """How labels lie on their image: the size of a voxel and the middle of the first one, in
    voxels of the image along z, y, x."""

    voxel: Three
    origin: Three

    def is_like(self, other: "Lie") -> bool:
        """Whether both lie alike, to a millionth of a voxel."""
        mine, theirs = (*self.voxel, *self.origin), (*other.voxel, *other.origin)
        return all(
            abs(a - b) <= _SAME * max(1.0, abs(a)) for a, b in zip(mine, theirs, strict=True)
        )


class LabelPlanes:
    """One kind of labels, of whichever fields have it. May be read from any thread.

    Fields are opened when they are shown. What cannot be read is told once, and is no object.
    """

    def __init__(self, places: Mapping[int, LabelPlace], say: Callable[[str], None]) -> None:
        self._places = dict(places)
        self._say = say
        self._said: set[str] = set()
        self._lock = threading.Lock()
        self._readers: dict[int, StoreReader | None] = {}
        self._absent: set[Plane] = set()
        first = min(self._places)
        reader, self.levels, self.lie = _open(self._places[first])
        self._readers[first] = reader
        kind = reader.array().dtype.numpy_dtype
        if kind.kind not in "iub":
            raise ViewerError(
                f"{self._places[first].labels} holds {kind}; labels are whole numbers"
            )
        self.dtype = np.dtype(np.uint8) if kind.kind == "b" else kind

    def shape(self, level: int) -> tuple[int, int, int]:
        """z, y, x of a level."""
        z, y, x = (self.levels[level].lengths.get(axis, 1) for axis in "zyx")
        return z, y, x

    def timepoints(self) -> int | None:
        """How many there are; None when the labels hold for every timepoint."""
        return self.levels[0].lengths.get("t")

    @property
    def has_z(self) -> bool:
        """Whether there are planes; else the labels hold for all of them."""
        return "z" in self.levels[0].lengths

    def part(self, plane: Plane, level: int, rows: list[int], columns: list[int]) -> NDArray[Any]:
        """Some rows and columns of a plane (t, p, z) of a level; zeros where there is none."""
        found = np.zeros((len(rows), len(columns)), self.dtype)
        view = self._view(plane, level)
        self._note(plane, level)
        if view is None:
            return found
        height, width = view.shape
        inside = np.array(rows) < height, np.array(columns) < width
        if not (inside[0].any() and inside[1].any()):
            return found
        # one block of the disk, of which every row and column is taken in its order
        top, left = min(rows), min(columns)
        bottom, right = min(max(rows) + 1, height), min(max(columns) + 1, width)
        try:
            block = np.asarray(view[top:bottom, left:right].read().result())
        except ValueError as problem:
            self.complain(f"{self._places[plane[1]].labels}: {problem}")
            return found
        picked = np.ix_(np.array(rows)[inside[0]] - top, np.array(columns)[inside[1]] - left)
        found[np.ix_(inside[0], inside[1])] = block[picked]
        return found

    def arrived(self, plane: Plane) -> bool:
        """Whether a plane that was shown while it was absent is there now."""
        if plane not in self._absent or not self._stored(plane):
            return False
        self._absent.discard(plane)
        return True

    def complain(self, sentence: str) -> None:
        """Say what is wrong, once."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)

    def _note(self, plane: Plane, level: int) -> None:
        """Remember a plane that was looked at before it came, as one of full resolution."""
        t, p, z = plane
        whole = t, p, z * max(1, round(self.shape(0)[0] / self.shape(level)[0]))
        if p in self._places and not self._stored(whole):
            if len(self._absent) > _MOST_ABSENT:
                self._absent.clear()
            self._absent.add(whole)

    def _stored(self, plane: Plane) -> bool:
        view = self._view(plane, 0)
        if view is None:
            return False
        try:
            told = view.storage_statistics(query_not_stored=True).result()
        except ValueError as problem:
            self.complain(f"{self._places[plane[1]].labels}: {problem}")
            return False
        return not told.not_stored

    def _view(self, plane: Plane, level: int) -> Any | None:
        t, p, z = plane
        reader = self._reader(p)
        if reader is None:
            return None
        try:
            lengths = reader.lengths(0, 0, level)
            if not lengths or t >= lengths.get("t", t + 1) or z >= lengths.get("z", z + 1):
                return None
            return reader.view((t, 0, 0, z), level)
        except (StoreError, IndexError) as problem:
            self.complain(str(problem))
            return None

    def _reader(self, p: int) -> StoreReader | None:
        with self._lock:
            if p in self._places and p not in self._readers:
                self._readers[p] = self._opened(p)
            return self._readers.get(p)

    def _opened(self, p: int) -> StoreReader | None:
        place = self._places[p]
        try:
            reader, _, lie = _open(place)
        except (StoreError, ViewerError) as problem:
            self.complain(str(problem))
            return None
        if lie.is_like(self.lie):
            return reader
        first = self._places[min(self._places)].labels
        self.complain(f"{place.labels} lies otherwise on its image than {first}; it is not shown")
        return None


def _open(place: LabelPlace) -> tuple[StoreReader, tuple[LevelPlace, ...], Lie]:
    reader = StoreReader(place.labels)
    levels, image = reader.levels(), StoreReader(place.image).levels()
    if not levels or not image:
        raise ViewerError(f"{place.labels} has no array with labels")
    ours, theirs = levels[0], image[0]
    voxel = [a / b for a, b in zip(ours.voxel_um, theirs.voxel_um, strict=True)]
    offset = [
        (a - b) / size
        for a, b, size in zip(ours.origin_um, theirs.origin_um, theirs.voxel_um, strict=True)
    ]
    return reader, levels, Lie((voxel[0], voxel[1], voxel[2]), (offset[0], offset[1], offset[2]))
