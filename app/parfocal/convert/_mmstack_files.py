"""Find the frames in a set of Micro-Manager's MMStack files by the index at each file's start."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import TiffPage

from parfocal.convert._damaged_tiff import DAMAGED
from parfocal.convert._errors import ConvertError, SourceDamaged

__all__ = ["MmFile", "MmFrame", "Place", "files_of_set", "missing_files", "read_file"]

NAME = re.compile(r"(?P<prefix>.*?)MMStack.*\.tiff?", re.IGNORECASE)
CONTINUED = re.compile(
    r"(?P<start>.*)_(?P<number>[1-9]\d*)(?P<end>(?:\.ome)?\.tiff?)", re.IGNORECASE
)
METADATA = 51123
FILE_NAME = re.compile(r'FileName="([^"]+)"')
Place = tuple[int, int, int, int]
"""Position, t, c, z."""


@dataclass(frozen=True, slots=True)
class MmFrame:
    """One frame: uncompressed pixels in a row."""

    file: Path
    offset: int
    shape: tuple[int, ...]
    dtype: str
    told_at: int

    @property
    def samples(self) -> int:
        """Colours of a pixel."""
        return self.shape[2] if len(self.shape) == 3 else 1

    def pixels(self) -> NDArray[Any]:
        """y, x, colour."""
        size = int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize
        try:
            with self.file.open("rb") as file:
                file.seek(self.offset)
                raw = file.read(size)
        except OSError as problem:
            raise SourceDamaged(f"{self.file} cannot be read: {problem.strerror}") from problem
        if len(raw) < size:
            raise SourceDamaged(f"{self.file} ends within the frame at {self.offset}")
        return np.frombuffer(raw, self.dtype).reshape(*self.shape[:2], self.samples)

    def metadata(self) -> dict[str, Any]:
        """What was written down with the frame; nothing where that is damaged."""
        try:
            with tifffile.TiffFile(self.file) as file:
                told = _page(file, self.told_at).tags.valueof(METADATA)
        except DAMAGED:
            return {}
        return told if isinstance(told, dict) else {}


@dataclass(frozen=True, slots=True)
class MmFile:
    """A file of the set: what it says of the whole set, its frames, and how many it lost."""

    path: Path
    summary: dict[str, Any]
    frames: dict[Place, MmFrame]
    lost: int
    named: frozenset[str]
    """The files of the set, as far as its OME-XML tells: it is written when a run ends."""


def files_of_set(path: Path) -> list[Path]:
    """All files of the set that a file, or a folder, holds; a ConvertError if they are several."""
    folder = path if path.is_dir() else path.parent
    sets: dict[str, list[Path]] = {}
    for one in sorted(folder.iterdir()):
        match = NAME.fullmatch(one.name)
        if match and one.is_file():
            sets.setdefault(match["prefix"], []).append(one)
    if path.is_file():
        match = NAME.fullmatch(path.name)
        return sets.get(match["prefix"], []) if match else []
    if len(sets) > 1:
        names = ", ".join(files[0].name for files in sets.values())
        raise ConvertError(f"{path} holds {len(sets)} sets of MMStack files; name one of: {names}")
    return next(iter(sets.values()), [])


def missing_files(files: list[Path]) -> Iterator[str]:
    """Names of files that must have been there: `…_2` is not begun before `…_1`."""
    names = {file.name for file in files}
    for name in sorted(names):
        match = CONTINUED.fullmatch(name)
        if match is None:
            continue
        number = int(match["number"]) - 1
        before = f"{match['start']}_{number}" if number else match["start"]
        if f"{before}{match['end']}" not in names:
            yield f"{before}{match['end']}"


def read_file(path: Path) -> MmFile:
    """The frames that are whole; of two with the same place the later one."""
    try:
        with tifffile.TiffFile(path) as file:
            told = tifffile.read_micromanager_metadata(file.filehandle, {"Summary", "IndexMap"})
            if "Summary" not in told or "IndexMap" not in told:
                raise ConvertError(f"{path} has lost its index: it was cut short at its beginning")
            frames, lost = _frames(path, file, told["IndexMap"])
            named = _named(file)
    except DAMAGED as problem:
        raise ConvertError(f"{path} is no TIFF that can be read: {problem}") from problem
    return MmFile(path, told["Summary"], frames, lost, named)


def _named(file: tifffile.TiffFile) -> frozenset[str]:
    try:
        xml = file.pages.first.description
    except DAMAGED:
        return frozenset()
    return frozenset(FILE_NAME.findall(xml)) if xml.lstrip().startswith("<?xml") else frozenset()


def _frames(
    path: Path, file: tifffile.TiffFile, index: NDArray[Any]
) -> tuple[dict[Place, MmFrame], int]:
    found: dict[Place, MmFrame] = {}
    lost: set[Place] = set()
    size = file.filehandle.size
    for c, z, t, p, offset in index.tolist():
        if offset == 0:
            continue  # room that was not used
        place = p, t, c, z
        frame = _frame(path, file, offset) if offset < size else None
        if frame is None:
            lost.add(place)
            continue
        lost.discard(place)
        found[place] = frame
    return found, len(lost - set(found))


def _frame(path: Path, file: tifffile.TiffFile, offset: int) -> MmFrame | None:
    """The frame whose directory lies here; None if not all of it is there."""
    try:
        page = _page(file, offset)
    except DAMAGED:
        return None
    if len(page.dataoffsets) != 1 or page.dtype is None or page.compression != 1:
        return None
    if page.dataoffsets[0] + page.databytecounts[0] > file.filehandle.size:
        return None
    dtype = np.dtype(page.dtype).newbyteorder(file.byteorder).str
    return MmFrame(path, page.dataoffsets[0], tuple(page.shape), dtype, offset)


def _page(file: tifffile.TiffFile, offset: int) -> TiffPage:
    file.filehandle.seek(offset)
    return TiffPage(file, 0)
