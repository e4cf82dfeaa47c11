"""Be one channel of a store as an array that napari slices: t, p, z, y, x, nothing read ahead."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import Index

Planes = Callable[[Index], NDArray[Any]]
_KEPT_BYTES = 192 * 2**20


class NewestPlanes:
    """The last live frames by plane, for as long as the store does not have them yet."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._planes: OrderedDict[Index, NDArray[Any]] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._bytes = 0

    def __contains__(self, index: Index) -> bool:
        return index in self._planes

    def get(self, index: Index) -> NDArray[Any] | None:
        """The frame of this plane, if it is one of the newest."""
        return self._planes.get(index)

    def put(self, index: Index, pixels: NDArray[Any]) -> None:
        """Keep a frame and let the oldest ones go."""
        before = self._planes.pop(index, None)
        self._bytes += pixels.nbytes - (0 if before is None else before.nbytes)
        self._planes[index] = pixels
        while self._bytes > self._kept_bytes and len(self._planes) > 2:
            _, oldest = self._planes.popitem(last=False)
            self._bytes -= oldest.nbytes


class ChannelData:
    """What napari asks of `layer.data`: shape, dtype and slicing. Missing planes are 0."""

    def __init__(
        self,
        channel: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        read: Planes,
    ) -> None:
        self.channel = channel
        self.shape = shape
        self.dtype = dtype
        self.ndim = len(shape)
        self.size = int(np.prod(shape))
        self._read = read

    def __getitem__(self, key: Any) -> NDArray[Any]:
        keys = self._every_axis(key)
        places, inside = keys[:3], keys[3:]
        numbers = [
            [k % n] if isinstance(k, int) else list(range(*k.indices(n)))
            for k, n in zip(places, self.shape, strict=False)
        ]
        planes = [
            self._read((t, p, self.channel, z))[inside]
            for t in numbers[0]
            for p in numbers[1]
            for z in numbers[2]
        ]
        sliced = [len(n) for n, k in zip(numbers, places, strict=True) if not isinstance(k, int)]
        if not planes:
            return np.zeros((*sliced, *self.shape[3:]), self.dtype)
        if not sliced:
            return planes[0]
        return np.stack(planes).reshape(*sliced, *planes[0].shape)

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        return np.asarray(self[()], dtype=dtype)

    def _every_axis(self, key: Any) -> tuple[int | slice, ...]:
        """Write out a key as one integer or slice for each axis."""
        given = list(key) if isinstance(key, tuple) else [key]
        if Ellipsis in given:
            place = given.index(Ellipsis)
            given[place : place + 1] = [slice(None)] * (self.ndim - len(given) + 1)
        given += [slice(None)] * (self.ndim - len(given))
        return tuple(k if isinstance(k, slice) else int(k) for k in given)
