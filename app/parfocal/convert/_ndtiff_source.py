"""Read NDTiff folders of Micro-Manager and Pycro-Manager, with negative and named indices."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage, Zyx
from parfocal.convert._downwards import TURNED, goes_down
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._ndtiff_index import NdFrame, is_cut_short, read_frames
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._stage_rows import stage_origin
from parfocal.convert._tiff_source import ACCEPT_PARTIAL
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import ChannelInfo, StageAxisMap

__all__ = ["NdTiffSource", "height_of", "number_of", "origin_of", "tells_stage"]

FULL = "Full resolution"
OURS = {"time": "t", "channel": "c", "z": "z"}
PLACES = ("position", "row", "column")
Plane = tuple[int, int, int]


class NdTiffSource:
    """Frames by time, channel and z; position, row and column make fields.

    Indices may be negative or names: what counts is their order.
    """

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        self._folder = folder_of(path)
        frames = read_frames(self._folder)
        self._orders = {
            axis: _ordered(frame.axes[axis] for frame in frames if axis in frame.axes)
            for axis in OURS
        }
        others = {axis for frame in frames for axis in frame.axes} - set(OURS)
        unknown = sorted(
            axis
            for axis in others - set(PLACES)
            if len({frame.axes.get(axis) for frame in frames}) > 1
        )
        if unknown:
            raise ConvertError(f"{path} has the axes {', '.join(unknown)}, which are not known")
        self._fields: dict[tuple[Any, ...], dict[Plane, NdFrame]] = {}
        for frame in frames:
            place = tuple(frame.axes.get(axis, 0) for axis in PLACES)
            self._fields.setdefault(place, {})[self._plane(frame)] = frame
        self._places = sorted(self._fields, key=lambda place: [_key(one) for one in place])
        # judged once for all: fields that differ in it would not be one plan's
        self._turned = goes_down(
            self._heights(self._fields[self._places[0]]), self._wishes.stage_axes
        )
        if self._turned:
            top = len(self._orders["z"]) - 1
            self._fields = {
                place: {(t, c, top - z): frame for (t, c, z), frame in planes.items()}
                for place, planes in self._fields.items()
            }

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """A folder with an index of NDTiff, or the index itself."""
        if path.is_file():
            return path.name == "NDTiff.index"
        return (path / "NDTiff.index").is_file() or (path / FULL / "NDTiff.index").is_file()

    def describe(self) -> Found:
        """Every field; a frame that the last file lost is missing."""
        warnings: list[str] = []
        if is_cut_short(self._folder):
            warnings.append(f"{self._folder / 'NDTiff.index'} was cut short: its end is left out")
        files = {frame.file for frames in self._fields.values() for frame in frames.values()}
        gone = sorted(file for file in files if not file.is_file())
        if gone and not self._wishes.options.get(ACCEPT_PARTIAL):
            raise ConvertError(
                f"{self.path} is not complete: {gone[0]} is not there; put it back, or accept it "
                "as it is (--accept-partial)"
            )
        warnings += [f"{file} is not there" for file in gone]
        images = [self._image(number, warnings) for number in range(len(self._places))]
        warnings += [TURNED] if self._turned else []
        first = next(iter(self._fields[self._places[0]].values()))
        guessed = [UNKNOWN_SIZE] if images[0].guessed_axes == ("z", "y", "x") else []
        return Found(
            kind="NDTiff",
            name=self.path.name if self.path.is_dir() else self.path.parent.name,
            images=tuple(images),
            folders=(self._folder,),
            legacy={"first_frame": first.metadata()},
            calibration=self._wishes.stage_axes if tells_stage(first.metadata()) else None,
            guessed=tuple(guessed),
            warnings=tuple(warnings),
        )

    def identity(self) -> str:
        """Names, sizes and times of all its files."""
        return tree_identity(self._folder)

    def encoded(self, _key: str) -> Encoded | str:
        """Frames are no chunks of Zarr."""
        return "frames of NDTiff are read one by one"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks")

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """A frame."""
        sample = next(iter(self._fields[self._places[int(key)]].values()))
        return 1, 1, 1, *sample.shape[:2]

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """t, c, z, y, x; zeros where no frame is."""
        frames = self._fields[self._places[int(key)]]
        sample = next(iter(frames.values()))
        result = np.zeros([part.stop - part.start for part in region], sample.dtype)
        for t in range(region[0].start, region[0].stop):
            for c in range(region[1].start, region[1].stop):
                for z in range(region[2].start, region[2].stop):
                    frame = frames.get((t, c // sample.samples, z))
                    if frame is None or not frame.is_whole():
                        continue
                    into = t - region[0].start, c - region[1].start, z - region[2].start
                    result[into] = _pixels(frame)[region[3], region[4], c % sample.samples]
        return result

    def close(self) -> None:
        """Nothing stays open."""

    def _image(self, number: int, warnings: list[str]) -> FoundImage:
        place = self._places[number]
        frames = self._fields[place]
        kinds = {(one.shape, one.dtype, one.samples) for one in frames.values()}
        if len(kinds) > 1:
            raise ConvertError(f"the frames of position {place[0]} of {self.path} differ in size")
        ((shape, dtype, samples),) = kinds
        whole = {plane for plane, frame in frames.items() if frame.is_whole()}
        if lost := len(frames) - len(whole):
            warnings.append(
                f"missing of position {place[0]}: {counted(lost, 'frame')}, cut off a file's end"
            )
        sizes = [max(1, len(self._orders[axis])) for axis in ("time", "channel", "z")]
        t, c, z = sizes
        absent = tuple(
            (i, channel, k)
            for i in range(t)
            for channel in range(c * samples)
            for k in range(z)
            if (i, channel // samples, k) not in whole
        )
        first = min(frames, key=lambda plane: (plane[2], plane))  # as low as there is one
        told = frames[first].metadata()
        voxel, unknown = self._voxel(frames, told)
        level = FoundArray(
            str(number), "tczyx", (t, c * samples, z, *shape), np.dtype(dtype).str, voxel
        )
        lowest, y0, x0 = origin_of(told, shape, voxel, self._wishes.stage_axes)
        return FoundImage(
            path=str(number),
            name=str(told.get("PositionName") or f"position {place[0]}"),
            levels=(level,),
            channels=tuple(ChannelInfo(name) for name in self._channels(c, samples)),
            voxel_um=voxel,
            voxel_source="default" if unknown == ("z", "y", "x") else "ndtiff",
            guessed_axes=unknown,
            origin_um=(lowest - first[2] * voxel[0], y0, x0),
            absent=absent,
        )

    def _voxel(
        self, frames: dict[Plane, NdFrame], told: dict[str, Any]
    ) -> tuple[Zyx, tuple[str, ...]]:
        if self._wishes.voxel_um is not None:
            return self._wishes.voxel_um, ()
        pixel = number_of(told, "PixelSizeUm", "PixelSize_um")
        step = self._step(frames)
        unknown = (() if step > 0 else ("z",)) + (() if pixel else ("y", "x"))
        return (step or 1.0, pixel or 1.0, pixel or 1.0), unknown

    def _step(self, frames: dict[Plane, NdFrame]) -> float:
        """Between the planes of the first stack; 0 where the frames do not say."""
        steps = [abs(later - earlier) for earlier, later in pairwise(self._heights(frames))]
        return float(np.median(steps)) if steps else 0.0

    def _heights(self, frames: dict[Plane, NdFrame]) -> list[float]:
        """Of the planes of the first stack."""
        first = min(frames)
        return [
            height_of(frame.metadata())
            for plane, frame in sorted(frames.items())
            if plane[:2] == first[:2]
        ]

    def _channels(self, count: int, samples: int) -> list[str]:
        order = self._orders["channel"] or [0]
        names = [one if isinstance(one, str) else f"channel {one}" for one in order[:count]]
        if samples == 1:
            return names
        return [f"{name} {color}" for name in names for color in ("red", "green", "blue")]

    def _plane(self, frame: NdFrame) -> Plane:
        t, c, z = (
            self._orders[axis].index(frame.axes[axis]) if axis in frame.axes else 0
            for axis in ("time", "channel", "z")
        )
        return t, c, z


def folder_of(path: Path) -> Path:
    """Where the index is."""
    if path.is_file():
        return path.parent
    return path if (path / "NDTiff.index").is_file() else path / FULL


def _ordered(values: Iterable[int | str]) -> list[int | str]:
    """Numbers by size; names as they came."""
    found = list(dict.fromkeys(values))
    return sorted(found, key=_key) if all(isinstance(one, int) for one in found) else found


def _key(value: int | str) -> tuple[int, int, str]:
    return (0, value, "") if isinstance(value, int) else (1, 0, value)


def _pixels(frame: NdFrame) -> NDArray[Any]:
    try:
        with frame.file.open("rb") as file:
            file.seek(frame.offset)
            raw = file.read(frame.nbytes)
    except OSError as problem:
        raise SourceDamaged(f"{frame.file} cannot be read: {problem.strerror}") from problem
    return np.frombuffer(raw, frame.dtype).reshape(*frame.shape, frame.samples)


def number_of(told: dict[str, Any], *names: str) -> float:
    """The first of some entries that is a number; 0 when none is."""
    for name in names:
        value = told.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return 0.0


def origin_of(
    told: dict[str, Any],
    shape: tuple[int, int],
    voxel: Zyx,
    calibration: StageAxisMap | None = None,
) -> Zyx:
    """Where a field lies, of what Micro-Manager wrote down with its first frame."""
    row = {axis: number_of(told, *_names(axis)) for axis in "xyz"}
    return stage_origin({**row, "theta": 0.0, "f": 0.0}, shape, voxel, calibration)


def height_of(told: dict[str, Any]) -> float:
    """Where the focus stood for a frame; 0 where nobody says."""
    return number_of(told, *_names("z"))


def tells_stage(told: dict[str, Any]) -> bool:
    """Whether it says where the stage stood."""
    return any(name in told for axis in "xyz" for name in _names(axis))


def _names(axis: str) -> tuple[str, str]:
    return f"{axis.upper()}Position_um_Intended", f"{axis.upper()}PositionUm"
