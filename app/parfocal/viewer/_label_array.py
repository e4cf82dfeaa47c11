"""Be labels over all sliders as an array that napari slices; only what it asks for is read."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._result_ground import Ground
from parfocal.viewer._result_labels import LabelPlanes
from parfocal.viewer._slicing import every_axis


class LabelArray:
    """What napari asks of `layer.data`: shape, dtype and slicing, for one level of the labels.

    Labels without an axis hold for each of its values.
    """

    def __init__(self, planes: LabelPlanes, ground: Ground, level: int) -> None:
        self._planes = planes
        self._ground = ground
        self._level = level
        depth, height, width = planes.shape(level)
        own = {"time": planes.timepoints(), "z": depth if planes.has_z else None}
        lengths = zip(ground.sliders, ground.lengths, strict=True)
        sliders = (own.get(slider) or length for slider, length in lengths)
        self.shape: tuple[int, ...] = (*sliders, height, width)
        self.dtype = planes.dtype
        self.ndim = len(self.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))

    def __getitem__(self, key: Any) -> NDArray[Any]:
        keys = every_axis(key, self.ndim)
        ranges = [
            [k % n] if isinstance(k, int) else list(range(*k.indices(n)))
            for k, n in zip(keys, self.shape, strict=True)
        ]
        inside = ranges[-2][:], ranges[-1][:]
        pixels = np.zeros([len(numbers) for numbers in ranges], self.dtype)
        if pixels.size:
            for at in product(*(range(len(numbers)) for numbers in ranges[:-2])):
                numbers = tuple(ranges[axis][n] for axis, n in enumerate(at))
                if (plane := self._ground.plane(numbers)) is not None:
                    pixels[at] = self._planes.part(plane, self._level, *inside)
        return pixels[tuple(0 if isinstance(k, int) else slice(None) for k in keys)]

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        return np.asarray(self[()], dtype=dtype)
