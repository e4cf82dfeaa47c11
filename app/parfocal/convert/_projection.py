"""Make the projection of a volume while it is converted, so that nobody has to read it again."""

from collections import defaultdict
from math import prod
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._blocks import Region5
from parfocal.convert._plan import ConversionPlan

__all__ = ["Projection"]

MOST_BYTES = 256 * 2**20
"""Of all projections at once; a series of a thousand volumes is projected afterwards."""

Tile: TypeAlias = tuple[str, tuple[int, int, int, int]]
"""The path of an array, and where a tile of it begins along t, c, y, x."""


class Projection:
    """The largest of each pixel along z, of the full resolution of each image; an `Onlooker`."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._planes: dict[str, NDArray[Any]] = {}
        self._left: dict[str, int] = {}
        """Pixels that have not been seen yet."""
        # tiles of one place are compared one after the other, those of other places meanwhile
        self._locks: defaultdict[Tile, Lock] = defaultdict(Lock)
        self._seen: set[Tile] = set()
        self._lock = Lock()

    @property
    def planes(self) -> dict[str, NDArray[Any]]:
        """By the path of their array, as t, c, 1, y, x; those of which every pixel was seen."""
        return {path: made for path, made in self._planes.items() if not self._left[path]}

    def begin(self, plan: ConversionPlan) -> None:
        """Make room for them, unless they are too large to be held."""
        layouts = {
            place.array(0): image.levels[0]
            for place, image, found in zip(
                plan.layout.places(), plan.layout.images, plan.found.images, strict=True
            )
            if not found.absent  # a plane that was never taken is none with zeros
        }
        shapes = {
            path: (*layout.shape[:2], 1, *layout.shape[3:]) for path, layout in layouts.items()
        }
        need = sum(
            prod(shape) * np.dtype(layouts[path].dtype).itemsize for path, shape in shapes.items()
        )
        if need > self._most_bytes:
            return
        for path, shape in shapes.items():
            self._planes[path] = np.zeros(shape, layouts[path].dtype)
            self._left[path] = prod(layouts[path].shape)

    def follows(self, path: str) -> bool:
        """Whether this is the full resolution of an image."""
        return path in self._planes

    def see(self, path: str, place: Region5, pixels: NDArray[Any]) -> None:
        """Take the largest of what was seen there and of these."""
        t, c, _, y, x = place
        where = (t, c, slice(0, 1), y, x)
        most = pixels if pixels.shape[2] == 1 else pixels.max(axis=2, keepdims=True)
        key = path, (t.start, c.start, y.start, x.start)
        with self._lock:
            lock = self._locks[key]
        with lock:
            there = self._planes[path][where]
            if key in self._seen:
                np.maximum(there, most, out=there)
            else:  # zero is larger than what is below it
                there[...] = most
                self._seen.add(key)
        with self._lock:
            self._left[path] -= pixels.size
