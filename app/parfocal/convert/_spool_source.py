"""Read spool folders of Andor's Zyla and Neo cameras: raw frames, many to a file."""

import configparser
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._axes import axes_of
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    canonical_shape,
)
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.store import ChannelInfo

__all__ = ["PLANES", "SpoolFacts", "SpoolSource", "spool_facts"]

INI = "acquisitionmetadata.ini"
SPOOL = re.compile(r"(\d{10})spool\.dat", re.IGNORECASE)
PLANES = "planes"
"""How many frames make a volume; nothing in the folder says it."""
TYPES = {"mono16": "<u2", "mono12": "<u2", "mono32": "<u4", "mono8": "|u1"}
PACKED = "mono12packed"


@dataclass(frozen=True, slots=True)
class Frames:
    """How the frames of a folder lie in its files."""

    height: int
    width: int
    stride: int
    nbytes: int
    per_file: int
    encoding: str

    @property
    def dtype(self) -> str:
        """Of the pixels."""
        return TYPES.get(self.encoding, "<u2")

    def pixels(self, raw: bytes) -> NDArray[Any]:
        """A frame without the padding at the end of its rows and behind it."""
        rows = np.frombuffer(raw, "u1", self.height * self.stride)
        rows = rows.reshape(self.height, self.stride)
        if self.encoding != PACKED:
            size = self.width * np.dtype(self.dtype).itemsize
            return np.ascontiguousarray(rows[:, :size]).view(self.dtype)
        pairs = -(-self.width // 2)
        high, both, low = (rows[:, k : 3 * pairs : 3].astype("<u2") for k in range(3))
        first, second = high << 4 | both & 0xF, low << 4 | both >> 4
        return np.stack([first, second], axis=2).reshape(self.height, -1)[:, : self.width]


@dataclass(frozen=True, slots=True)
class SpoolFacts:
    """What a whole spool folder holds."""

    frames: int
    files: int
    height: int
    width: int
    dtype: str


def spool_facts(folder: Path) -> SpoolFacts | None:
    """What a spool folder holds, its pixels unread; None for another folder.

    Raises ConvertError when it is not whole: an index is skipped, or a file has another size than
    its frames, as while a camera still writes.
    """
    if not SpoolSource.sniff(folder):
        return None
    frames, files = _frames(folder / INI, _read_ini(folder / INI)), _files(folder)
    wanted = frames.per_file * frames.nbytes
    for path in files:
        if (size := path.stat().st_size) != wanted:
            raise ConvertError(f"{path} has {size} bytes, and its frames are {wanted}")
    return SpoolFacts(
        len(files) * frames.per_file, len(files), frames.height, frames.width, frames.dtype
    )


class SpoolSource:
    """Frames in the order of the files' numbers, whose digits stand the wrong way round."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._folder = path if path.is_dir() else path.parent
        self._told = _read_ini(self._folder / INI)
        self._frames = _frames(self._folder / INI, self._told)
        self._files = _files(self._folder)
        self._refuse_short_files()
        count = len(self._files) * self._frames.per_file
        planes = wishes.options.get(PLANES)
        self._shape: tuple[int, ...] = (count, self._frames.height, self._frames.width)
        if planes is not None:
            if count % int(planes):
                raise ConvertError(
                    f"{self._folder} has {counted(count, 'frame')}, which are no whole volumes of "
                    f"{planes}: the last one has only {count % int(planes)}"
                )
            self._shape = (count // int(planes), int(planes), *self._shape[1:])

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """The folder, or the file that says how its frames lie."""
        folder = path if path.is_dir() else path.parent
        named = path.is_dir() or path.name.lower() == INI
        return named and (folder / INI).is_file() and any(folder.glob("*spool.dat"))

    def describe(self) -> Found:
        """One image; what its frames are nobody says."""
        wished = self._wishes.axes
        if wished is None and len(self._shape) == 4:
            wished = "tzyx"
        axes, how = axes_of(self._shape, wished, str(self._folder))
        guessed = [how] if how else []
        voxel, source = self._wishes.voxel_um, "asked for"
        if voxel is None:
            voxel, source = (1.0, 1.0, 1.0), "default"
            guessed.append(UNKNOWN_SIZE)
        count = canonical_shape(axes, self._shape)[1]
        image = FoundImage(
            path="spool",
            name=self._folder.name,
            levels=(FoundArray("", axes, self._shape, self._frames.dtype, voxel),),
            channels=tuple(ChannelInfo(f"channel {number}") for number in range(count)),
            voxel_um=voxel,
            voxel_source=source,
            guessed_axes=("z", "y", "x") if source == "default" else (),
        )
        legacy = {INI: {name: dict(self._told[name]) for name in self._told.sections()}}
        return Found(
            "Andor spool", self._folder.name, (image,), legacy=legacy, guessed=tuple(guessed)
        )

    def identity(self) -> str:
        """Of the metadata and of all frames."""
        told = []
        for path in (self._folder / INI, *self._files):
            facts = path.stat()
            told.append(f"{path.name}\0{facts.st_size}\0{facts.st_mtime_ns}")
        return "\n".join(told)

    def encoded(self, _key: str) -> Encoded | str:
        """Frames are no chunks of Zarr."""
        return "raw frames have no chunks"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks")

    def preferred_chunk(self, _key: str) -> tuple[int, ...]:
        """A frame."""
        return (*(1 for _ in self._shape[:-2]), *self._shape[-2:])

    def read(self, _key: str, region: Region) -> NDArray[Any]:
        """Frames, their padding cut off."""
        result = np.zeros([part.stop - part.start for part in region], self._frames.dtype)
        flat = result.reshape(-1, *result.shape[-2:])
        outer = [range(part.start, part.stop) for part in region[:-2]]
        numbers = np.arange(np.prod(self._shape[:-2])).reshape(self._shape[:-2])[np.ix_(*outer)]
        for place, number in enumerate(numbers.ravel().tolist()):
            flat[place] = self._frame(number)[region[-2], region[-1]]
        return result

    def close(self) -> None:
        """Nothing stays open."""

    def _frame(self, number: int) -> NDArray[Any]:
        file, inside = divmod(number, self._frames.per_file)
        path = self._files[file]
        try:
            with path.open("rb") as opened:
                opened.seek(inside * self._frames.nbytes)
                raw = opened.read(self._frames.nbytes)
        except OSError as problem:
            raise SourceDamaged(f"{path} cannot be read: {problem.strerror}") from problem
        if len(raw) < self._frames.height * self._frames.stride:
            raise SourceDamaged(f"{path} ends within its frame {inside}")
        return self._frames.pixels(raw)

    def _refuse_short_files(self) -> None:
        need = self._frames.per_file * self._frames.nbytes
        for path in self._files:
            size = path.stat().st_size
            if size < need:
                whole = size // self._frames.nbytes
                raise ConvertError(
                    f"{path} is cut short: it has {counted(whole, 'whole frame')} of "
                    f"{self._frames.per_file}"
                )


def _files(folder: Path) -> list[Path]:
    """In their order; a number that is skipped is a file that is missing."""
    found = {
        int(match[1][::-1]): path
        for path in folder.iterdir()
        if (match := SPOOL.fullmatch(path.name))
    }
    missing = [number for number in range(max(found, default=-1) + 1) if number not in found]
    if missing or not found:
        first = f"{str(missing[0]).zfill(10)[::-1]}spool.dat" if missing else "any spool file"
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ConvertError(f"{folder} lacks {first}{more}; put back what is missing")
    return [found[number] for number in sorted(found)]


def _read_ini(file: Path) -> configparser.ConfigParser:
    told = configparser.ConfigParser(interpolation=None)
    try:
        told.read_string(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, configparser.Error) as problem:
        first = str(problem).splitlines()[0]
        raise ConvertError(f"{file} cannot be read: {first}") from problem
    return told


def _frames(file: Path, told: configparser.ConfigParser) -> Frames:
    try:
        data = told["data"]
        found = Frames(
            int(data["AOIHeight"]),
            int(data["AOIWidth"]),
            int(data["AOIStride"]),
            int(data["ImageSizeBytes"]),
            int(told["multiimage"]["ImagesPerFile"]),
            data["PixelEncoding"].strip().lower(),
        )
    except (KeyError, ValueError) as problem:
        raise ConvertError(f"{file} does not say how its frames lie: {problem}") from problem
    if found.encoding not in (*TYPES, PACKED):
        raise ConvertError(f"{file} names pixels of {data['PixelEncoding']}, which are not known")
    bits = 12 if found.encoding == PACKED else 8 * np.dtype(found.dtype).itemsize
    row = -(-found.width * bits // 8)
    sizes = found.height, found.width, found.per_file
    if min(sizes) < 1 or found.stride < row or found.nbytes < found.height * found.stride:
        raise ConvertError(f"{file} contradicts itself: {found}")
    return found
