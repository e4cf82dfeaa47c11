"""Read planes of a store lazily, without writing anything."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._absence import Absences
from parfocal.store._errors import StoreError
from parfocal.store._images import ImageMap, ImagePlace, image_map
from parfocal.store._info import StoreInfo, info
from parfocal.store._layout import whole_path
from parfocal.store._level_place import LevelPlace, level_places
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._planes import name_frame
from parfocal.store._spec import Index


class StoreReader:
    """A store opened for reading. What it grows by later is seen by a reader opened later."""

    def __init__(self, path: Path | str) -> None:
        self._root = whole_path(path)
        images = find_images(self._root)
        self._images = {image.path: image for image in images}
        self._places = image_map(read_record(self._root), images)
        self._info = info(self._root)
        self._absences = Absences(self._root)
        self._arrays: dict[tuple[str, int], Any] = {}

    @property
    def info(self) -> StoreInfo:
        """What the store held when it was opened."""
        return self._info

    @property
    def images(self) -> ImageMap:
        """Where each field and channel lies."""
        return self._places

    @property
    def absences(self) -> Absences:
        """Why planes are not there."""
        return self._absences

    def plane(self, index: Index, level: int = 0) -> NDArray[np.generic]:
        """One plane (t, p, c, z), whatever the order of the store's axes."""
        try:
            plane: NDArray[np.generic] = self.view(index, level).read().result()
        except ValueError as problem:
            raise StoreError(f"{name_frame(index)} of {self._root}: {problem}") from problem
        return plane

    def view(self, index: Index, level: int = 0) -> Any:
        """The TensorStore view of one plane (t, p, c, z), of which nothing is read yet."""
        t, p, c, z = index
        place = self._place(p, c)
        wanted = {"t": t, "c": place.channel(c), "z": z}
        axes = self._images[place.path].axes if place.path in self._images else ()
        array = self._array(place, level)
        try:
            return array[tuple(wanted.get(axis.name, slice(None)) for axis in axes)]
        except (IndexError, ValueError) as problem:
            raise StoreError(f"{name_frame(index)} of {self._root}: {problem}") from problem

    def array(self, field: int = 0, level: int = 0, *, channel: int | None = None) -> Any:
        """The TensorStore handle of a field's array at a pyramid level.

        Of a field that more than one camera saw, the one with this channel, or the first.
        """
        if channel is not None:
            return self._array(self._place(field, channel), level)
        places = self._places.of_field(field)
        if not places:
            raise StoreError(f"{self._root} has no field {field}; it has {self._places.fields}")
        return self._array(places[0], level)

    def levels(self, field: int = 0, channel: int = 0) -> tuple[LevelPlace, ...]:
        """The levels of a field's image with this channel: their lengths, voxels and origins."""
        image = self._images.get(self._place(field, channel).path)
        return () if image is None else level_places(self._root, image)

    def lengths(self, field: int, channel: int, level: int = 0) -> dict[str, int]:
        """How long a level of a field's image is along each axis; empty where there is none."""
        image = self._images.get(self._place(field, channel).path)
        if image is None or level >= len(image.levels):
            return {}
        names = (axis.name for axis in image.axes)
        return dict(zip(names, image.levels[level].shape or (), strict=False))

    def _place(self, field: int, channel: int) -> ImagePlace:
        if not self._places.of_field(field):
            raise StoreError(f"{self._root} has no field {field}; it has {self._places.fields}")
        try:
            return self._places.at(field, channel)
        except StoreError as problem:
            raise StoreError(f"{self._root}: {problem}") from problem

    def _array(self, place: ImagePlace, level: int) -> Any:
        if (place.path, level) not in self._arrays:
            self._arrays[place.path, level] = self._opened(place, level)
        return self._arrays[place.path, level]

    def _opened(self, place: ImagePlace, level: int) -> Any:
        image = self._images.get(place.path)
        if image is None:
            raise StoreError(f"{self._root} has lost the image {place.path}")
        if not 0 <= level < len(image.levels):
            raise StoreError(f"{self._root} has no level {level}; it has {len(image.levels)}")
        path = self._root / image.path / image.levels[level].path
        driver = "zarr3" if (path / "zarr.json").is_file() else "zarr"
        kvstore = {"driver": "file", "path": f"{path.as_posix()}/"}
        try:
            return ts.open({"driver": driver, "kvstore": kvstore}, open=True, read=True).result()
        except ValueError as problem:
            raise StoreError(f"{path} cannot be opened: {problem}") from problem
