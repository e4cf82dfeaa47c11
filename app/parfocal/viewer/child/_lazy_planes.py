"""Be one layer's pixels as an array that napari slices: sliders first, then y, x; nothing is read
before a slice becomes a real array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._slicing import every_axis
from parfocal.viewer.child._arrangement import Numbers

ReadPlanes = Callable[[Sequence[Numbers]], list[NDArray[Any]]]
"""Whole planes, each for the numbers of the sliders; any shape, blank ones too."""


@dataclass(frozen=True)
class LazyPlanes:
    """What napari asks of `layer.data`. A slice of it is as lazy as the whole.

    A key is an integer or a range for each axis of the whole array.
    """

    whole: tuple[int, ...]
    dtype: np.dtype[Any]
    read: ReadPlanes
    keys: tuple[int | range, ...] = ()

    def __post_init__(self) -> None:
        if not self.keys:
            object.__setattr__(self, "keys", tuple(range(length) for length in self.whole))

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes that are left."""
        return tuple(len(key) for key in self.keys if isinstance(key, range))

    @property
    def ndim(self) -> int:
        """How many axes are left."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many pixels there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __getitem__(self, key: Any) -> "LazyPlanes":
        asked = iter(every_axis(key, self.ndim))
        keys = tuple(old[next(asked)] if isinstance(old, range) else old for old in self.keys)
        return LazyPlanes(self.whole, self.dtype, self.read, keys)

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        sliders, inside = self.keys[:-2], self.keys[-2:]
        numbers = list(product(*([key] if isinstance(key, int) else key for key in sliders)))
        planes = [self._part(plane, inside) for plane in self.read(numbers)] if numbers else []
        if len(planes) == 1:
            pixels = planes[0].reshape(self.shape)  # a copy of 2048² costs 1.6 ms
        elif planes:
            pixels = np.stack(planes).reshape(self.shape)
        else:
            pixels = np.zeros(self.shape, self.dtype)
        return np.asarray(pixels, dtype=dtype)

    def _part(self, plane: NDArray[Any], inside: tuple[int | range, ...]) -> NDArray[Any]:
        """The asked part of a plane, which may be smaller or larger than the layer."""
        height, width = self.whole[-2:]
        if plane.shape != (height, width):
            fitted = np.zeros((height, width), plane.dtype)
            common = plane[:height, :width]
            fitted[: common.shape[0], : common.shape[1]] = common
            plane = fitted
        return plane[tuple(_index(key) for key in inside)]


def _index(key: int | range) -> int | slice:
    if isinstance(key, int):
        return key
    stop = key.stop if key.stop >= 0 else None  # a range that goes down to 0
    return slice(key.start, stop, key.step)
