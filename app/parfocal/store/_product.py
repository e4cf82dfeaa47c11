"""Make the planes of an export from those of an image: as they are, or the largest along an axis.

A plane is made band by band, so that a picture of any size fits the memory.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.store._export_source import Pending, SourceImage, Zyx
from parfocal.store._progress import Course
from parfocal.store._resample import depth_length, resample_depth
from parfocal.store._spec import ChannelInfo

# rows of a band are a multiple of this, so that a band is whole tiles of a TIFF
TILE = 512
AHEAD = 2
PROJECTED = ("t", "c", "z", "y", "x")

Place = tuple[int, int, int]


@dataclass(slots=True)
class Product:
    """What becomes of one image: `axis` is the projected one, None for the whole volume.

    A projection along y shows z down and x across, one along x shows z down and y across; z has
    been resampled to the lateral spacing.
    """

    source: SourceImage
    axis: str | None
    budget_bytes: int
    made: NDArray[Any] | None = None
    """All its planes, where somebody has made them already."""

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """t, c, z, y, x."""
        t, c, z, y, x = self.source.shape
        if self.axis in ("y", "x"):
            return t, c, 1, depth_length(z, *self._spacings()), x if self.axis == "y" else y
        t, c, z = (1 if name == self.axis else n for name, n in zip("tcz", (t, c, z), strict=True))
        return t, c, z, y, x

    @property
    def voxel_um(self) -> Zyx:
        """z, y, x; an axis that is only one voxel long keeps the spacing of its voxels."""
        z, y, x = self.source.voxel_um
        if self.axis == "y":
            return y, x, x
        return (x, y, y) if self.axis == "x" else (z, y, x)

    @property
    def origin_um(self) -> Zyx:
        """Where the middle of its first voxel lies: along an axis that is gone, where it began."""
        z, y, x = self.source.origin_um
        if self.axis == "y":
            return y, z, x
        return (x, z, y) if self.axis == "x" else (z, y, x)

    @property
    def channels(self) -> tuple[ChannelInfo, ...]:
        """What is left of the channels; their largest pixels are of none of them."""
        own = self.source.channels
        if self.axis != "c" or len(own) == 1:
            return own
        return (ChannelInfo("max of " + ", ".join(channel.name for channel in own)),)

    @property
    def description(self) -> str:
        """In a sentence, for those who find the file years later."""
        said = "All planes" if self.axis is None else f"Maximum along {self.axis}"
        if self.axis in ("y", "x"):
            said += f", z resampled to {self.voxel_um[1]:g} µm by linear interpolation"
        if self.left_out:
            missing = counted(self.left_out, "missing plane")
            said += f"; zero: {missing}" if self.axis is None else f"; left out: {missing}"
        return f"{said}. Voxel size from {self.source.voxel.source}."

    @property
    def source_bytes(self) -> int:
        """What has to be read."""
        if self.made is not None:
            return 0
        _, _, _, y, x = self.source.shape
        return int(self.source.held.sum()) * y * x * self.source.itemsize

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which of its planes (t, c, z) there are: those with at least one plane to be made of."""
        return self._gathered(self.source.held)

    @property
    def planned(self) -> NDArray[np.bool_]:
        """Which of its planes there should be."""
        return self._gathered(self.source.planned)

    @property
    def left_out(self) -> int:
        """How many planes of the image are missing, and so were left out."""
        return int((self.source.planned & ~self.source.held).sum())

    @property
    def band_rows(self) -> int:
        """As many rows at once as the budget allows; all of them, unless planes are very large."""
        rows, width = self.shape[-2:]
        if self.axis in ("y", "x"):
            return rows
        row_bytes = width * self.source.itemsize * self._layers() * (AHEAD + 2)
        fit = self.budget_bytes // 2 // row_bytes
        return rows if fit >= rows else max(TILE, fit // TILE * TILE)

    def bands(self, place: Place, course: Course) -> Iterator[NDArray[Any]]:
        """The plane's rows, from the top; zeros where there is none."""
        rows = self.shape[-2]
        for top in range(0, rows, self.band_rows):
            band = slice(top, min(top + self.band_rows, rows))
            if not self.held[place]:
                course.advance(0)
                yield np.zeros((band.stop - band.start, self.shape[-1]), self.source.dtype)
            elif self.made is not None:
                course.advance(0)
                yield self.made[place][band]
            elif self.axis in ("y", "x"):
                yield self._from_the_side(place, course)
            else:
                yield self._largest(place, band, course)

    def plane(self, place: Place, course: Course) -> NDArray[Any]:
        """The whole plane."""
        bands = list(self.bands(place, course))
        return bands[0] if len(bands) == 1 else np.concatenate(bands)

    def _largest(self, place: Place, rows: slice, course: Course) -> NDArray[Any]:
        result: NDArray[Any] | None = None
        for _, pixels in _read_ahead(self.source, self._runs(place), rows, course):
            most = pixels[0] if len(pixels) == 1 else pixels.max(axis=0)
            if result is None:
                result = most if most.flags.writeable else most.copy()
            else:
                np.maximum(result, most, out=result)
        assert result is not None
        return result

    def _from_the_side(self, place: Place, course: Course) -> NDArray[Any]:
        """The largest of each row or column of every z plane, then z at the lateral spacing."""
        t, c, _ = place
        depth, height, width = self.source.shape[2:]
        across = width if self.axis == "y" else height
        lines = np.zeros((depth, across), self.source.dtype)
        row_bytes = width * self.source.itemsize * self._layers() * (AHEAD + 2)
        step = max(1, self.budget_bytes // 2 // row_bytes)
        empty = np.ones(depth, np.bool_)
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            for (_, _, layers), pixels in _read_ahead(
                self.source, self._of_depth(t, c), rows, course
            ):
                if self.axis == "x":
                    lines[layers, rows] = pixels.max(axis=2)
                    continue
                most = pixels.max(axis=1)
                lines[layers] = most if empty[layers.start] else np.maximum(lines[layers], most)
                empty[layers] = False
        there = self.source.held[t, c]
        return resample_depth(lines, there, *self._spacings())

    def _runs(self, place: Place) -> list[tuple[int, int, slice]]:
        """The planes of which this one is the largest, as runs along z that are there."""
        t, c, z = place
        times = range(self.source.shape[0]) if self.axis == "t" else [t]
        channels = range(self.source.shape[1]) if self.axis == "c" else [c]
        if self.axis == "z":
            return self._of_depth(t, c)
        return [
            (time, channel, slice(z, z + 1))
            for time in times
            for channel in channels
            if self.source.held[time, channel, z]
        ]

    def _of_depth(self, t: int, c: int) -> list[tuple[int, int, slice]]:
        """All z planes that are there, as runs within a chunk: a chunk is decoded once."""
        runs: list[tuple[int, int, slice]] = []
        there, most = self.source.held[t, c], self._layers()
        for z in np.flatnonzero(there).tolist():
            joins = runs and runs[-1][2].stop == z and z % most
            if joins:
                runs[-1] = (t, c, slice(runs[-1][2].start, z + 1))
            else:
                runs.append((t, c, slice(z, z + 1)))
        return runs

    def _layers(self) -> int:
        """How many z planes are read at once."""
        return self.source.depth_chunk if self.axis in ("z", "y", "x") else 1

    def _gathered(self, planes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        axis = "z" if self.axis in ("y", "x") else self.axis
        if axis is None:
            return planes
        return np.logical_or.reduce(planes, axis="tcz".index(axis), keepdims=True)

    def _spacings(self) -> tuple[float, float]:
        """Between planes, and between pixels across."""
        z, y, x = self.source.voxel_um
        return z, x if self.axis == "y" else y


def _read_ahead(
    source: SourceImage, runs: list[tuple[int, int, slice]], rows: slice, course: Course
) -> Iterator[tuple[tuple[int, int, slice], NDArray[Any]]]:
    """Read these blocks, the next ones while this one is worked on."""
    waiting: deque[tuple[tuple[int, int, slice], Pending]] = deque()
    for run in runs:
        waiting.append((run, source.block(*run, rows)))
        if len(waiting) > AHEAD:
            yield _arrived(*waiting.popleft(), course)
    while waiting:
        yield _arrived(*waiting.popleft(), course)


def _arrived(
    run: tuple[int, int, slice], pending: Pending, course: Course
) -> tuple[tuple[int, int, slice], NDArray[Any]]:
    pixels = pending.result()
    course.advance(pixels.nbytes)
    return run, pixels
