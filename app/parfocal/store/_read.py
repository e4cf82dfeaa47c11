"""Read planes of a store lazily, without writing anything."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._info import StoreInfo, info
from parfocal.store._layout import whole_path
from parfocal.store._ngff import find_images
from parfocal.store._planes import name_frame
from parfocal.store._spec import Index


class StoreReader:
    """A store opened for reading."""

    def __init__(self, path: Path | str) -> None:
        self._root = whole_path(path)
        self._images = find_images(self._root)
        self._info = info(self._root)
        self._arrays: dict[tuple[int, int], Any] = {}

    @property
    def info(self) -> StoreInfo:
        """What the store held when it was opened."""
        return self._info

    def plane(self, index: Index, level: int = 0) -> NDArray[np.generic]:
        """One plane (t, p, c, z), whatever the order of the store's axes."""
        t, p, c, z = index
        array = self.array(p, level)
        wanted = {"t": t, "c": c, "z": z}
        place = tuple(wanted.get(axis.name, slice(None)) for axis in self._images[p].axes)
        try:
            plane: NDArray[np.generic] = array[place].read().result()
        except (IndexError, ValueError) as problem:
            raise StoreError(f"{name_frame(index)} of {self._root}: {problem}") from problem
        return plane

    def array(self, field: int = 0, level: int = 0) -> Any:
        """The TensorStore handle of a field's array at a pyramid level."""
        if (field, level) not in self._arrays:
            self._arrays[field, level] = self._opened(field, level)
        return self._arrays[field, level]

    def _opened(self, field: int, level: int) -> Any:
        if not 0 <= field < len(self._images):
            raise StoreError(f"{self._root} has no field {field}; it has {len(self._images)}")
        image = self._images[field]
        if not 0 <= level < len(image.levels):
            raise StoreError(f"{self._root} has no level {level}; it has {len(image.levels)}")
        path = self._root / image.path / image.levels[level].path
        driver = "zarr3" if (path / "zarr.json").is_file() else "zarr"
        kvstore = {"driver": "file", "path": f"{path.as_posix()}/"}
        try:
            return ts.open({"driver": driver, "kvstore": kvstore}, open=True, read=True).result()
        except ValueError as problem:
            raise StoreError(f"{path} cannot be opened: {problem}") from problem
