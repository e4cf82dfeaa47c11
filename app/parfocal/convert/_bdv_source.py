"""Read BigDataViewer experiments: an XML beside an HDF5 file or an N5 folder."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._bdv_data import BdvData, Hdf5Views, N5Views
from parfocal.convert._bdv_files import has_bdv_layout, is_bdv_xml, xml_of
from parfocal.convert._bdv_xml import BdvExperiment, BdvSetup, read_bdv_xml
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage, Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import ChannelInfo

__all__ = ["BdvSource"]

AXES = "tczyx"
Place = tuple[int, int, int]
"""Tile, angle, illumination: what makes a field."""


class BdvSource:
    """Setups of the same tile, angle and illumination are the channels of one field.

    A view that was never written (a placeholder, or a run that was stopped) is missing and not
    black; positions keep their numbers.
    """

    def __init__(
        self,
        path: Path,
        wishes: Wishes,
        told: BdvExperiment | None = None,
        *,
        fresh: bool = False,
    ) -> None:
        """With `told` instead of an XML, where another record says what its setups are.

        Pixels that are `fresh` from a microscope have no empty planes: one without a block was
        never taken. Of others it may be black, since some programs leave out such blocks.
        """
        self.path = path
        self._wishes = wishes
        self._fresh = fresh
        self._xml = path if told is not None else xml_of(path)
        self._told = read_bdv_xml(self._xml) if told is None else told
        self.has_xml = told is None
        where = path if path.suffix.lower() != ".xml" else self._told.data
        if where is None or not where.exists():
            raise ConvertError(f"{self._xml} names the pixels {where}, which are not there")
        self._where = where
        self._data: BdvData = N5Views(where) if where.is_dir() else Hdf5Views(where)
        self._fields = _fields(self._told)
        self._times = self._told.timepoints

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """An XML of BigDataViewer, or pixels in its layout."""
        return is_bdv_xml(path) or has_bdv_layout(path)

    def describe(self) -> Found:
        """Every field of which anything was written."""
        images: list[FoundImage] = []
        warnings: list[str] = []
        for number, (place, setups) in enumerate(self._fields.items()):
            image = self._image(number, place, setups, warnings)
            if image is not None:
                images.append(image)
        unknown = [UNKNOWN_SIZE] if any(one.guessed_axes for one in images) else []
        return Found(
            kind="BDV N5" if self._where.is_dir() else "BDV HDF5",
            name=self._xml.stem,
            images=tuple(images),
            folders=(self._where,) if self._where.is_dir() else (),
            legacy={"bdv_xml": self._told.text} if self.has_xml else {},
            guessed=tuple(unknown),
            warnings=tuple(warnings),
        )

    def identity(self) -> str:
        """Of the XML and of all pixels."""
        if self._where.is_dir():
            pixels = tree_identity(self._where)
        else:
            facts = self._where.stat()
            pixels = f"{facts.st_size}\0{facts.st_mtime_ns}"
        return f"{pixels}\0{hash_of(self._told.text)}"

    def encoded(self, _key: str) -> Encoded | str:
        """Its blocks are no chunks of Zarr."""
        return "blocks of BigDataViewer are decoded"

    def chunk(self, _key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks")

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """A block of the first view that is there."""
        setups, level = self._of(key)
        for setup in setups:
            for timepoint in self._times:
                if self._data.facts(setup.number, timepoint, level) is not None:
                    return (1, 1, *self._data.chunk(setup.number, timepoint, level))
        return (1, 1, 1, 1, 1)

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """t, c, z, y, x of a field, put together from its views; zeros where there is none."""
        setups, level = self._of(key)
        result: NDArray[Any] | None = None
        sizes = [part.stop - part.start for part in region]
        for t in range(region[0].start, region[0].stop):
            for c in range(region[1].start, region[1].stop):
                facts = self._data.facts(setups[c].number, self._times[t], level)
                if facts is None:
                    continue
                pixels = self._data.read(setups[c].number, self._times[t], level, region[2:])
                if result is None:
                    result = np.zeros(sizes, pixels.dtype)
                result[t - region[0].start, c - region[1].start] = pixels
        return np.zeros(sizes, "u2") if result is None else result

    def close(self) -> None:
        """Close its files."""
        self._data.close()

    def tile_of(self, image: str) -> int:
        """The number of the position that an image is."""
        return list(self._fields)[int(image)][0]

    def _image(
        self, number: int, place: Place, setups: tuple[BdvSetup, ...], warnings: list[str]
    ) -> FoundImage | None:
        """The field; None when nothing of it was ever written."""
        views = {
            (t, c): self._data.facts(setup.number, timepoint, 0)
            for t, timepoint in enumerate(self._times)
            for c, setup in enumerate(setups)
        }
        known = {facts for facts in views.values() if facts is not None}
        if not known:
            warnings.append(f"position {self._named(place)} was never taken; it is left out")
            return None
        if len(known) > 1:
            raise ConvertError(
                f"the views of position {self._named(place)} differ: {sorted(known)}"
            )
        ((shape, dtype),) = known
        absent = tuple(self._absent(setups, views, shape[0]))
        lost = sum(facts is None for facts in views.values())
        if lost:
            warnings.append(f"position {self._named(place)} lacks {lost} of {len(views)} stacks")
        if planes := len(absent) - lost * shape[0]:
            what = counted(planes, "plane")
            warnings.append(f"position {self._named(place)} lacks {what} of its other stacks")
        voxel, source = self._voxel(setups)
        levels = tuple(self._levels(number, setups, shape, dtype, voxel, views))
        return FoundImage(
            path=str(number),
            name=self._named(place),
            levels=levels,
            channels=tuple(self._channel(setup, n) for n, setup in enumerate(setups)),
            voxel_um=voxel,
            voxel_source=source,
            guessed_axes=("z", "y", "x") if source == "default" else (),
            origin_um=self._origin(setups, voxel),
            absent=absent,
            attributes={"bdv": self._affines(setups)},
        )

    def _absent(
        self, setups: tuple[BdvSetup, ...], views: Mapping[tuple[int, int], Any], depth: int
    ) -> Iterator[tuple[int, int, int]]:
        """The planes that were never taken."""
        for (t, c), facts in views.items():
            if facts is None:
                lost: Iterable[int] = range(depth)
            elif self._fresh:
                lost = self._data.unwritten(setups[c].number, self._times[t])
            else:
                continue
            yield from ((t, c, z) for z in lost)

    def _levels(
        self,
        number: int,
        setups: tuple[BdvSetup, ...],
        shape: tuple[int, int, int],
        dtype: str,
        voxel: Zyx,
        views: dict[tuple[int, int], Any],
    ) -> list[FoundArray]:
        """The levels that every view has."""
        whole = (len(self._times), len(setups))
        first = FoundArray(f"{number}/0", AXES, (*whole, *shape), dtype, voxel)
        found = [first]
        origin = self._origin(setups, voxel)
        for level, factor in enumerate(self._data.levels(setups[0].number)[1:], 1):
            shapes = {
                self._data.facts(setups[c].number, self._times[t], level)
                for (t, c), facts in views.items()
                if facts is not None
            }
            facts = shapes.pop() if len(shapes) == 1 else None
            if facts is None:
                break
            z, y, x = (size * by for size, by in zip(voxel, factor, strict=True))
            # BDV's levels are means: their first voxel lies between the finer ones
            start = [
                o + (by - 1) / 2 * size for o, by, size in zip(origin, factor, voxel, strict=True)
            ]
            coarse = FoundArray(f"{number}/{level}", AXES, (*whole, *facts[0]), dtype, (z, y, x))
            found.append(replace(coarse, origin=(start[0], start[1], start[2])))
        return found

    def _of(self, key: str) -> tuple[tuple[BdvSetup, ...], int]:
        number, level = key.split("/")
        return list(self._fields.values())[int(number)], int(level)

    def _named(self, place: Place) -> str:
        tile, angle, illumination = place
        words = [self._told.name("tile", tile) or f"{tile}"]
        if len({one[1] for one in self._fields}) > 1:
            words.append(f"angle {self._told.name('angle', angle) or angle}")
        if len({one[2] for one in self._fields}) > 1:
            words.append(
                f"illumination {self._told.name('illumination', illumination) or illumination}"
            )
        return " · ".join(words)

    def _channel(self, setup: BdvSetup, number: int) -> ChannelInfo:
        name = self._told.name("channel", setup.attributes["channel"])
        return ChannelInfo(name if name and not name.isdecimal() else f"channel {name or number}")

    def _voxel(self, setups: tuple[BdvSetup, ...]) -> tuple[Zyx, str]:
        if self._wishes.voxel_um is not None:
            return self._wishes.voxel_um, "asked for"
        told = next((setup.voxel_um for setup in setups if setup.voxel_um is not None), None)
        return ((1.0, 1.0, 1.0), "default") if told is None else (told, "bdv")

    def _origin(self, setups: tuple[BdvSetup, ...], voxel: Zyx) -> Zyx:
        """The translation of the first view. The world's unit is told by the voxels' size in it."""
        affine = self._told.affines.get((self._times[0], setups[0].number))
        if affine is None:
            return 0.0, 0.0, 0.0
        found = []
        for row, size in zip((2, 1, 0), voxel, strict=True):
            own = float(np.linalg.norm(affine[:3, row])) or 1.0
            found.append(float(affine[row, 3]) * size / own)
        return found[0], found[1], found[2]

    def _affines(self, setups: tuple[BdvSetup, ...]) -> dict[str, Any]:
        """Every view's whole transform (x, y, z): NGFF 0.5 knows scale and translation only."""
        told = {
            f"t{timepoint} setup {setup.number}": self._told.affines[timepoint, setup.number]
            .round(9)
            .tolist()
            for timepoint in self._times
            for setup in setups
            if (timepoint, setup.number) in self._told.affines
        }
        return {"affines_xyz": told}


def hash_of(text: str) -> str:
    """Of a text, for an identity."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _fields(told: BdvExperiment) -> dict[Place, tuple[BdvSetup, ...]]:
    """Setups by place, their channels in order."""
    fields: dict[Place, list[BdvSetup]] = {}
    for setup in told.setups:
        where = setup.attributes
        place = where["tile"], where["angle"], where["illumination"]
        fields.setdefault(place, []).append(setup)
    return {
        place: tuple(sorted(setups, key=lambda one: one.attributes["channel"]))
        for place, setups in sorted(fields.items())
    }
