"""Read the TIFF files of Navigate: `Position3/CH00_000012.tif`, one a channel and timepoint."""

import re
from collections.abc import Mapping
from pathlib import Path

from parfocal import counted
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage
from parfocal.convert._navigate_experiment import NavigateExperiment
from parfocal.convert._tiff_grid import GridField, GridSource, Plane, TiffGrid
from parfocal.store import ChannelInfo

__all__ = ["NavigateTiff"]

FILE = re.compile(r"CH(\d+)_(\d+)(?:\.ome)?\.tiff?", re.IGNORECASE)
POSITION = re.compile(r"Position(\d+)", re.IGNORECASE)


class NavigateTiff(GridSource):
    """Positions in folders of their own, or one beside the experiment.

    A timepoint that no position began is left out and said; what a begun one lacks is missing.
    """

    def __init__(self, folder: Path, told: NavigateExperiment, positions: int) -> None:
        self.path = folder
        self._told = told
        self._warnings: list[str] = []
        multiple = told.is_multiposition
        found = _positions(folder, multiple=multiple) or _positions(folder, multiple=not multiple)
        self._numbers = sorted(found)
        for number in sorted(set(range(positions)) - set(found)):
            self._warnings.append(f"position {number} was never taken; it is left out")
        fields = [GridField(f"position {number}", found[number]) for number in self._numbers]
        times = 1 + max(t for files in found.values() for t, _, _ in files)
        if times < told.timepoints:
            began = counted(times, "timepoint")
            self._warnings.append(f"{began} of {told.timepoints} planned ones were begun")
        channels = 1 + max(c for files in found.values() for _, c, _ in files)
        channels = max(channels, len(told.channels))
        self._grid = TiffGrid(fields, (times, channels), told.planes or None)

    @classmethod
    def has_any(cls, folder: Path) -> bool:
        """Whether there are such files in a folder, or in folders of positions."""
        return bool(_positions(folder, multiple=True) or _positions(folder, multiple=False))

    def describe(self) -> Found:
        """Every position of which anything was written."""
        shape = self._grid.shape
        names = [f"channel {n}" for n in range(shape[1])]
        if len(self._told.channels) == shape[1]:
            names = list(self._told.channels)
        images = tuple(
            FoundImage(
                path=f"position {number}",
                name=f"position {number}",
                levels=(FoundArray(str(index), "tczyx", shape, self._grid.dtype),),
                channels=tuple(ChannelInfo(name) for name in names),
                guessed_axes=("z", "y", "x"),
                absent=tuple(self._grid.absent(index)),
            )
            for index, number in enumerate(self._numbers)
        )
        lacking = [self._grid.missing(index) for index in range(len(images))]
        warnings = (*self._warnings, *(one for one in lacking if one))
        folders = self._grid.folders - {self.path}
        return Found(
            "TIFF",
            self.path.name,
            images,
            guessed=(UNKNOWN_SIZE,),
            warnings=warnings,
            folders=tuple(sorted(folders)),
        )


def _positions(folder: Path, *, multiple: bool) -> dict[int, Mapping[Plane, Path]]:
    """The files of each position by its number."""
    if multiple:
        folders = {
            int(match[1]): one
            for one in folder.iterdir()
            if one.is_dir() and (match := POSITION.fullmatch(one.name))
        }
        found = {number: _files(one) for number, one in folders.items()}
        found = {number: files for number, files in found.items() if files}
        if found:
            return found
    beside = _files(folder)
    return {0: beside} if beside else {}


def _files(folder: Path) -> Mapping[Plane, Path]:
    return {
        (int(match[2]), int(match[1]), 0): one
        for one in sorted(folder.iterdir())
        if one.is_file() and (match := FILE.fullmatch(one.name))
    }
