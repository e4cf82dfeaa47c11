"""Read Micro-Manager's MMStack files: each position a field, also of a run that was stopped."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._damaged_tiff import DAMAGED
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage, Zyx
from parfocal.convert._downwards import TURNED, goes_down
from parfocal.convert._errors import ConvertError
from parfocal.convert._mmstack_files import (
    METADATA,
    MmFrame,
    Place,
    files_of_set,
    missing_files,
    read_file,
)
from parfocal.convert._ndtiff_source import height_of, number_of, origin_of, tells_stage
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._tiff_source import ACCEPT_PARTIAL
from parfocal.store import ChannelInfo

__all__ = ["MmStackSource"]

MOST = 2**20
"""Planes of a position; an index that names more is damaged."""
COLOURS = ("red", "green", "blue", "alpha")


class MmStackSource:
    """The frames that its files' indices name; a frame that a file lost is missing.

    The last positions of a run that was stopped were never reached; that is said. A file of which
    nothing is there, and a position without a frame before others, are refused until a person
    accepts it: nobody can say what was in them.
    """

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._paths = files_of_set(path)
        files = [read_file(one) for one in self._paths]
        self._summary = files[0].summary
        self._named = frozenset[str]().union(*(file.named for file in files))
        self._lost = {file.path: file.lost for file in files if file.lost}
        self._frames: dict[Place, MmFrame] = {}
        for file in files:
            self._frames |= file.frames
        if not self._frames:
            raise ConvertError(f"{path} holds no whole frame")
        kinds = {(frame.shape, frame.dtype): frame.file for frame in self._frames.values()}
        if len(kinds) > 1:
            raise ConvertError(f"the frames of {path} differ in size or type: {list(kinds)[:2]}")
        self._sample = next(iter(self._frames.values()))
        self._positions = sorted({place[0] for place in self._frames})
        self._sizes = self._lengths()
        self._turned = goes_down(self._heights(), wishes.stage_axes)
        if self._turned:
            top = self._sizes[2] - 1
            self._frames = {
                (p, t, c, top - z): frame for (p, t, c, z), frame in self._frames.items()
            }

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """A file with Micro-Manager's metadata, or a folder of such files."""
        first = path if path.is_file() else next(iter(_files(path)), None)
        if first is None or "mmstack" not in first.name.lower():
            return False
        try:
            with tifffile.TiffFile(first) as file:
                return METADATA in file.pages.first.tags
        except DAMAGED:
            return False

    def describe(self) -> Found:
        """Every position of which there is a frame."""
        there = {path.name for path in self._paths}
        gone = sorted({*missing_files(self._paths), *(self._named - there)})
        lacking = [f"{name} is not there" for name in gone]
        begun = 1 + self._positions[-1]
        never = sorted(set(range(begun)) - set(self._positions))
        lacking += [f"there is no frame of position {number}" for number in never]
        if lacking and not self._wishes.options.get(ACCEPT_PARTIAL):
            raise ConvertError(
                f"{self.path} is not complete: {lacking[0]}; put the file back, or accept it as it "
                "is (--accept-partial)"
            )
        warnings = list(lacking)
        planned = _count(self._summary, "Positions")
        if planned > begun:
            warnings.append(f"{counted(begun, 'position')} of {planned} planned ones were begun")
        for path, lost in self._lost.items():
            warnings.append(f"{path} was cut short: {counted(lost, 'frame')} of it are missing")
        planned = _count(self._summary, "Frames")
        if planned > self._sizes[0]:
            began = counted(self._sizes[0], "timepoint")
            warnings.append(f"{began} of {planned} planned ones were begun")
        images = tuple(self._image(number, warnings) for number in self._positions)
        warnings += [TURNED] if self._turned else []
        return Found(
            kind="MMStack",
            name=self._paths[0].name.partition("MMStack")[0].rstrip("_") or self.path.stem,
            images=images,
            legacy={"summary": self._summary},
            calibration=self._wishes.stage_axes if tells_stage(self._told()) else None,
            guessed=tuple(self._guessed(images[0].guessed_axes)),
            warnings=tuple(warnings),
        )

    def identity(self) -> str:
        """Names, sizes and times of all files of the set."""
        told = []
        for path in self._paths:
            facts = path.stat()
            told.append(f"{path.name}\0{facts.st_size}\0{facts.st_mtime_ns}")
        return "\n".join(told)

    def encoded(self, _key: str) -> Encoded | str:
        """Frames are no chunks of Zarr."""
        return "frames of an MMStack are read one by one"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks")

    def preferred_chunk(self, _key: str) -> tuple[int, ...]:
        """A frame."""
        return 1, 1, 1, *self._sample.shape[:2]

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """t, c, z, y, x; zeros where no frame is."""
        samples = self._sample.samples
        result = np.zeros([part.stop - part.start for part in region], self._sample.dtype)
        for place in np.ndindex(*result.shape[:3]):
            t, c, z = (at + part.start for at, part in zip(place, region[:3], strict=True))
            frame = self._frames.get((int(key), t, c // samples, z))
            if frame is not None:
                result[place] = frame.pixels()[region[3], region[4], c % samples]
        return result

    def close(self) -> None:
        """Nothing stays open."""

    def _lengths(self) -> tuple[int, int, int]:
        """t, c, z; a timepoint that no position began is none."""
        t, c, z = (1 + max(place[axis] for place in self._frames) for axis in (1, 2, 3))
        c, z = max(c, _count(self._summary, "Channels")), max(z, _count(self._summary, "Slices"))
        if t * c * z > MOST or self._positions[-1] > MOST:
            held = counted(len(self._frames), "frame")
            raise ConvertError(
                f"{self.path} is damaged: its index names {t} timepoints, {c} channels, {z} planes "
                f"and position {self._positions[-1]}, and holds {held}"
            )
        return t, c, z

    def _image(self, number: int, warnings: list[str]) -> FoundImage:
        t, c, z = self._sizes
        samples = self._sample.samples
        height, width = self._sample.shape[:2]
        absent = tuple(
            (i, k, j)
            for i in range(t)
            for k in range(c * samples)
            for j in range(z)
            if (number, i, k // samples, j) not in self._frames
        )
        mine = [place for place in self._frames if place[0] == number]
        first = min(mine, key=lambda place: (place[3], place))  # as low as there is one
        told = self._frames[first].metadata()
        name = str(told.get("PositionName") or f"position {number}")
        if absent:
            whole = counted(t * c * samples * z, "plane")
            warnings.append(f"{name} lacks {len(absent)} of {whole}")
        voxel, unknown = self._voxel(told)
        shape = t, c * samples, z, height, width
        lowest, y0, x0 = origin_of(told, (height, width), voxel, self._wishes.stage_axes)
        return FoundImage(
            path=str(number),
            name=name,
            levels=(FoundArray(str(number), "tczyx", shape, self._sample.dtype, voxel),),
            channels=tuple(ChannelInfo(one) for one in self._channels(c, samples)),
            voxel_um=voxel,
            voxel_source=self._source(unknown),
            guessed_axes=unknown,
            origin_um=(lowest - first[3] * voxel[0], y0, x0),
            time_step_s=number_of(self._summary, "Interval_ms", "WaitInterval") / 1000 or None,
            absent=absent,
        )

    def _heights(self) -> list[float]:
        """Of the planes of the first stack, in the order of their numbers."""
        first = min(self._frames)
        return [
            height_of(frame.metadata())
            for place, frame in sorted(self._frames.items())
            if place[:3] == first[:3]
        ]

    def _told(self) -> dict[str, Any]:
        """What was written down with the first frame."""
        return self._frames[min(self._frames)].metadata()

    def _guessed(self, unknown: tuple[str, ...]) -> Iterator[str]:
        if unknown == ("z", "y", "x"):
            yield UNKNOWN_SIZE
        elif "y" in unknown:
            yield "nobody says how large a pixel is: 1 × 1 µm was taken"
        elif "z" in unknown and self._sizes[2] > 1:
            yield "nobody says how far the planes are apart: 1 µm was taken"

    def _source(self, unknown: tuple[str, ...]) -> str:
        if self._wishes.voxel_um is not None:
            return "asked for"
        return "default" if unknown == ("z", "y", "x") else "micromanager"

    def _voxel(self, told: dict[str, Any]) -> tuple[Zyx, tuple[str, ...]]:
        if self._wishes.voxel_um is not None:
            return self._wishes.voxel_um, ()
        names = "PixelSizeUm", "PixelSize_um"
        pixel = number_of(told, *names) or number_of(self._summary, *names)
        step = abs(number_of(self._summary, "z-step_um"))
        unknown = (() if step > 0 else ("z",)) + (() if pixel > 0 else ("y", "x"))
        return (step or 1.0, pixel or 1.0, pixel or 1.0), unknown

    def _channels(self, count: int, samples: int) -> list[str]:
        told = self._summary.get("ChNames")
        names = [str(one) for one in told] if isinstance(told, list) else []
        names = [*names[:count], *(f"channel {n}" for n in range(len(names), count))]
        if samples == 1:
            return names
        return [f"{name} {colour}" for name in names for colour in COLOURS[:samples]]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*MMStack*.tif")) if folder.is_dir() else []


def _count(summary: Mapping[str, Any], name: str) -> int:
    told = summary.get(name)
    if isinstance(told, bool) or not isinstance(told, int):
        return 1
    return told if 0 < told < MOST else 1
