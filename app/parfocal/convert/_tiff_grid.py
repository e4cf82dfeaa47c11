"""See many TIFF files, each a plane or a stack, as the fields that they make up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._damaged_tiff import DAMAGED
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._source import Encoded, Region

__all__ = ["GridField", "GridSource", "Plane", "TiffGrid"]

Plane = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Pages:
    """What a file holds: pages of one size."""

    count: int
    shape: tuple[int, int]
    samples: int
    dtype: str

    @property
    def kind(self) -> tuple[Any, ...]:
        """What all files of a field have in common."""
        return self.shape, self.samples, self.dtype


@dataclass(frozen=True, slots=True)
class GridField:
    """One field: its files by t, c, z; a file of several pages holds all z."""

    name: str
    files: Mapping[Plane, Path]


class TiffGrid:
    """Files are opened for as long as they are read; any number of threads may read.

    `depth` is how many planes a stack should have; a file that has fewer lacks its last ones.
    """

    def __init__(
        self, fields: Sequence[GridField], sizes: tuple[int, int], depth: int | None = None
    ) -> None:
        self.fields = fields
        self._pages = {
            path: _pages(path) for field in fields for path in dict.fromkeys(field.files.values())
        }
        self.times, self._channels = sizes
        kinds = {pages.kind: path for path, pages in self._pages.items()}
        if len(kinds) > 1:
            one, other = list(kinds.values())[:2]
            raise ConvertError(f"the pages of {one} and {other} differ in size or type")
        ((self.plane, self.samples, self.dtype),) = kinds
        planes = 1 + max(z for field in fields for _, _, z in field.files)
        pages = max(one.count for one in self._pages.values())
        self.are_stacks = planes == 1 and (pages > 1 or (depth or 1) > 1)
        if planes > 1 and pages > 1:
            many = next(path for path, one in self._pages.items() if one.count > 1)
            raise ConvertError(f"{many} has {pages} pages, but its name says that it is one plane")
        self.depth = max(depth or 1, pages) if self.are_stacks else max(planes, depth or 1)

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Of every field: t, c, z, y, x; the colours of a page are channels."""
        return self.times, self._channels * self.samples, self.depth, *self.plane

    @property
    def folders(self) -> set[Path]:
        """Where its files lie."""
        return {path.parent for path in self._pages}

    def absent(self, number: int) -> Iterator[Plane]:
        """The planes of a field that no file holds."""
        files = self.fields[number].files
        for t in range(self.times):
            for c in range(self._channels * self.samples):
                for z in range(self.depth):
                    if self._where(files, t, c // self.samples, z) is None:
                        yield t, c, z

    def missing(self, number: int) -> str:
        """How much of a field is not there, in words; nothing where all is."""
        lost = sum(1 for _ in self.absent(number))
        whole = self.times * self._channels * self.samples * self.depth
        name = self.fields[number].name
        return f"{name} lacks {lost} of {counted(whole, 'plane')}" if lost else ""

    def read(self, number: int, region: Region) -> NDArray[Any]:
        """t, c, z, y, x; zeros where there is no file."""
        files = self.fields[number].files
        result = np.zeros([part.stop - part.start for part in region], self.dtype)
        t0, c0, z0 = (part.start for part in region[:3])
        for t in range(t0, region[0].stop):
            for c in range(c0, region[1].stop):
                wanted: dict[Path, list[tuple[int, int]]] = {}
                for z in range(z0, region[2].stop):
                    where = self._where(files, t, c // self.samples, z)
                    if where is not None:
                        wanted.setdefault(where[0], []).append((where[1], z))
                for path, pages in wanted.items():
                    for z, pixels in self._decoded(path, pages):
                        colour = pixels[..., c % self.samples]
                        result[t - t0, c - c0, z - z0] = colour[region[3], region[4]]
        return result

    def identity(self) -> str:
        """Names, sizes and times of all files."""
        told = []
        for path in self._pages:
            facts = path.stat()
            told.append(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}")
        return "\n".join(sorted(told))

    def _where(
        self, files: Mapping[Plane, Path], t: int, c: int, z: int
    ) -> tuple[Path, int] | None:
        if not self.are_stacks:
            path = files.get((t, c, z))
            return None if path is None else (path, 0)
        path = files.get((t, c, 0))
        return None if path is None or z >= self._pages[path].count else (path, z)

    def _decoded(
        self, path: Path, pages: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        try:
            with tifffile.TiffFile(path) as file:
                for page, z in pages:
                    pixels = np.asarray(file.pages[page].asarray(maxworkers=1))
                    yield z, pixels.reshape(*self.plane, self.samples)
        except DAMAGED as problem:
            raise SourceDamaged(f"{path} cannot be read: {problem}") from problem


class GridSource:
    """What every source of such files has in common; the keys of its arrays number the fields."""

    path: Path
    _grid: TiffGrid

    def identity(self) -> str:
        """Of all files that are read."""
        return self._grid.identity()

    def encoded(self, _key: str) -> Encoded | str:
        """Pages are no chunks of Zarr."""
        return "pages of a TIFF are decoded"

    def chunk(self, key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks: {key}")

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels."""
        return self._grid.read(int(key), region)

    def preferred_chunk(self, _key: str) -> tuple[int, ...]:
        """A page."""
        return 1, 1, 1, *self._grid.plane

    def close(self) -> None:
        """Nothing stays open."""


def _pages(path: Path) -> Pages:
    """Only whole pages count: a run that was stopped leaves a file whose last ones are cut off."""
    try:
        with tifffile.TiffFile(path) as file:
            first = file.pages[0]
            size = file.filehandle.size
            count = len(file.pages)
            while count and not _is_whole(file.pages[count - 1], size):
                count -= 1
            shape = tuple(first.shape)
            dtype = first.dtype
    except DAMAGED as problem:
        raise ConvertError(f"{path} is no TIFF that can be read: {problem}") from problem
    if len(shape) not in (2, 3) or dtype is None or (len(shape) == 3 and shape[2] > 4):
        raise ConvertError(f"{path} has pages of shape {shape}; only planes of pixels can be read")
    samples = shape[2] if len(shape) == 3 else 1
    return Pages(count, (shape[0], shape[1]), samples, np.dtype(dtype).str)


def _is_whole(page: Any, size: int) -> bool:
    ends = zip(page.dataoffsets, page.databytecounts, strict=False)
    return all(start + length <= size for start, length in ends)
