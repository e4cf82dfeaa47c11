"""Read TIFF files: OME-TIFF, ImageJ, and whatever tifffile makes series of."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from parfocal import counted
from parfocal.convert._damaged_tiff import DAMAGED
from parfocal.convert._description import Found, FoundImage
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._raw_pixels import RawPixels
from parfocal.convert._source import Encoded, Region, Wishes
from parfocal.convert._tiff_found import find_tiff

__all__ = ["TiffSource"]

SUFFIXES = (".tif", ".tiff", ".btf", ".tf8")
LARGEST_PAGE = 64 * 2**20
"""Above it a page is read by tiles or strips."""
ACCEPT_PARTIAL = "accept_partial"


class TiffSource:
    """One TIFF file, or a set of them that name one another."""

    def __init__(self, path: Path, wishes: Wishes) -> None:
        self.path = path
        self._wishes = wishes
        try:
            self._file = tifffile.TiffFile(path)
            self._series = list(self._file.series)
        except DAMAGED as problem:
            raise ConvertError(f"{path} is no TIFF that can be read: {problem}") from problem
        self._file.filehandle.set_lock(True)  # pages are read by several threads
        self._striles: dict[int, Any] = {}
        self._raw: dict[int, RawPixels] = {}
        self._lock = Lock()

    @classmethod
    def sniff(cls, path: Path) -> bool:
        """Whether it is a file that begins as a TIFF does."""
        if not path.is_file() or path.suffix.lower() not in SUFFIXES:
            return False
        with path.open("rb") as file:
            return file.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

    def describe(self) -> Found:
        """Its series; a set of which a file is missing is refused until a person accepts it."""
        try:
            return self._found()
        except DAMAGED as problem:
            raise ConvertError(f"{self.path} is no TIFF that can be read: {problem}") from problem

    def _found(self) -> Found:
        accepted = bool(self._wishes.options.get(ACCEPT_PARTIAL))
        found = find_tiff(self.path, self._file, self._wishes)
        missing = [
            n for n, series in enumerate(self._series) if any(p is None for p in series.pages)
        ]
        if missing and not accepted:
            raise ConvertError(
                f"{self.path} names planes of series {', '.join(map(str, missing))} that are not "
                "there: a file of the set is missing; put it back, or accept it as it is "
                "(--accept-partial)"
            )
        images = tuple(self._with_absent(image) for image in found.images)
        warnings = tuple(
            f"{image.name} lacks {counted(len(image.absent), 'plane')}"
            for image in images
            if image.absent
        )
        return replace(found, images=images, warnings=(*found.warnings, *warnings))

    def identity(self) -> str:
        """Names, sizes and times of all files of the set."""
        told = []
        for file in self._files():
            facts = file.stat()
            told.append(f"{file.name}\0{facts.st_size}\0{facts.st_mtime_ns}")
        return "\n".join(sorted(told))

    def encoded(self, _key: str) -> Encoded | str:
        """Pages are no chunks of Zarr."""
        return "pages of a TIFF are decoded"

    def chunk(self, key: str, _position: tuple[int, ...]) -> bytes | None:
        """There are none."""
        raise ConvertError(f"{self.path} has no chunks: {key}")

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """A page, or a tile or strip of a large one; of uncompressed ones anything."""
        series = self._series[int(key)]
        if series.dataoffset is not None:
            return tuple(1 for _ in series.shape)
        if series.keyframe.nbytes > LARGEST_PAGE:
            return tuple(self._in_striles(int(key)).chunks)
        page = len(series.keyframe.shape)
        return (*(1 for _ in series.shape[:-page]), *series.shape[-page:])

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels."""
        number = int(key)
        series = self._series[number]
        try:
            if series.dataoffset is not None:
                return self._uncompressed(number).read(region)
            if series.keyframe.nbytes > LARGEST_PAGE:
                return np.asarray(self._in_striles(number)[region])
            return self._pages(series, region)
        except DAMAGED as problem:
            raise SourceDamaged(
                f"series {number} of {self.path} cannot be read: {problem}"
            ) from problem

    def close(self) -> None:
        """Close its files."""
        self._raw.clear()
        self._striles.clear()
        self._file.close()

    def _with_absent(self, image: FoundImage) -> FoundImage:
        """With the planes whose pages are not there: they are missing, not black."""
        level = image.levels[0]
        series = self._series[int(level.key)]
        outer = len(level.axes) - len(series.keyframe.shape)
        lengths = dict(zip("tcz", level.canonical, strict=False))
        absent: list[tuple[int, ...]] = []
        for number, page in enumerate(series.pages):
            if page is not None:
                continue
            at = np.unravel_index(number, series.shape[:outer]) if outer else ()
            place = {axis: int(n) for axis, n in zip(level.axes, at, strict=False)}
            # a page may hold whole axes, as colours
            absent += product(
                *([place[axis]] if axis in place else range(lengths[axis]) for axis in "tcz")
            )
        return replace(image, absent=tuple((t, c, z) for t, c, z in absent)) if absent else image

    def _files(self) -> list[Path]:
        names = {self.path}
        for number, series in enumerate(self._series):
            try:
                pages = [page for page in series.pages if page is not None]
            except (IndexError, tifffile.TiffFileError) as problem:
                raise SourceDamaged(
                    f"{self.path} has fewer pages than series {number} has planes: it was cut short"
                ) from problem
            names |= {Path(page.parent.filehandle.path) for page in pages}
        return sorted(names)

    def _pages(self, series: Any, region: Region) -> NDArray[Any]:
        """Page by page: a page holds the last axes, the others number the pages."""
        inside = len(series.keyframe.shape)
        outer, within = region[:-inside], region[-inside:]
        lengths = series.shape[:-inside]
        result = np.zeros([part.stop - part.start for part in region], series.dtype)
        for place in product(*(range(part.start, part.stop) for part in outer)):
            number = int(np.ravel_multi_index(place, lengths)) if place else 0
            page = series.pages[number]
            if page is None:
                continue  # accepted as missing
            pixels = self._page(page).reshape(series.keyframe.shape)
            into = tuple(at - part.start for at, part in zip(place, outer, strict=True))
            result[into] = pixels[within]
        return result

    def _page(self, page: Any) -> NDArray[Any]:
        """A page of whichever file of the set; tifffile keeps only the first one open."""
        handle = page.parent.filehandle
        if handle is self._file.filehandle:
            return np.asarray(page.asarray(maxworkers=1))
        with self._lock:
            handle.open()
            try:
                return np.asarray(page.asarray(maxworkers=1))
            finally:
                handle.close()

    def _uncompressed(self, number: int) -> RawPixels:
        """Pixels that lie uncompressed in a row; those of a file that was cut short are refused."""
        with self._lock:
            if number not in self._raw:
                series = self._series[number]
                parent = series.keyframe.parent
                dtype = np.dtype(series.dtype).newbyteorder(parent.byteorder)
                start, file = int(series.dataoffset or 0), Path(parent.filehandle.path)
                self._raw[number] = RawPixels(file, dtype, start, series.shape)
            return self._raw[number]

    def _in_striles(self, number: int) -> Any:
        """A series by tiles or strips, which are decoded one by one."""
        import zarr

        with self._lock:
            if number not in self._striles:
                store = self._series[number].aszarr(level=0)
                self._striles[number] = zarr.open_array(store, mode="r")
            return self._striles[number]
