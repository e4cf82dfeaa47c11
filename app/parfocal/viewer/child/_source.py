"""Read one store as the planes that a viewer shows, whether or not they are recorded yet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import ImagePlace, Index, StoreReader
from parfocal.viewer.child._channel_look import ChannelLook, channel_looks
from parfocal.viewer.child._whereabouts import Whereabouts

_SAMPLED_PLANES = 3
_SAMPLED_EDGE = 512  # pixels: contrast comes from the middle of a plane, never from a full read
_PERCENTILES = (1.0, 99.8)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each there are."""

    t: int
    p: int
    c: int
    z: int
    y: int
    x: int


class StoreSource:
    """Planes of a store; its fields are stacked along `p`, all in the first one's shape.

    Of cameras of different size the larger one gives shape and type: nothing is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._reader = StoreReader(path)
        self._whereabouts = Whereabouts(path.resolve())
        self.info = info = self._reader.info
        lengths = dict(zip(info.axes, info.shape, strict=True))
        t, c, z = (lengths.get(axis, 1) for axis in "tcz")
        cameras = [self._reader.array(0, channel=place.channels[0]) for place in self._first()]
        y, x = (max(each.shape[info.axes.index(axis)] for each in cameras) for axis in "yx")
        self.sizes = Sizes(t, len(info.fields), c, z, y, x)
        self.dtype = np.result_type(*(each.dtype.numpy_dtype for each in cameras))
        names = info.channels[:c]
        self.channel_names = (*names, *(f"channel {number}" for number in range(len(names), c)))
        self.looks = self._looks(c)

    def follow_move(self) -> bool:
        """Go on at the store's new path; True when it was moved."""
        moved_to = self._whereabouts.moved_to()
        if moved_to is not None:
            self._reader = StoreReader(moved_to)
        return moved_to is not None

    def close(self) -> None:
        """Let go of the store's folder."""
        self._whereabouts.close()

    def plane(self, index: Index) -> NDArray[Any]:
        """One plane; zeros where nothing was recorded."""
        handle = self._handle(index)
        pixels = np.zeros(0) if handle is None else np.asarray(handle.read().result())
        if pixels.shape == (self.sizes.y, self.sizes.x):
            return pixels
        fitted = np.zeros((self.sizes.y, self.sizes.x), self.dtype)
        if pixels.ndim == 2:
            part = pixels[: self.sizes.y, : self.sizes.x]
            fitted[: part.shape[0], : part.shape[1]] = part
        return fitted

    def stored(self, index: Index) -> bool:
        """Whether the plane was recorded; asks the shard's index and reads no pixels."""
        handle = self._handle(index)
        if handle is None:
            return False
        return not handle.storage_statistics(query_not_stored=True).result().not_stored

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """The limits that the store names, else sampled ones; None while nothing is recorded."""
        if limits := self.looks[channel].limits:
            return limits
        samples = [self._middle(index) for index in self._sampled(channel)]
        return sampled_limits(np.concatenate(samples, axis=None)) if samples else None

    def _handle(self, index: Index) -> Any | None:
        """The plane as a view that reads nothing yet; None beyond a smaller field's edge."""
        t, p, c, z = index
        if self._reader.images.find(p, c) is None:
            return None
        array = self._reader.array(p, channel=c)
        lengths = dict(zip(self.info.axes, array.shape, strict=True))
        if t >= lengths.get("t", t + 1) or z >= lengths.get("z", z + 1):
            return None
        return self._reader.view(index)

    def _looks(self, count: int) -> list[ChannelLook]:
        first, *others = self._first()
        looks = channel_looks(self.info.path / first.path, count)
        if others:
            for place in (first, *others):
                own = channel_looks(self.info.path / place.path, len(place.channels))
                for channel, look in zip(place.channels, own, strict=True):
                    looks[channel] = look
        return looks

    def _first(self) -> tuple[ImagePlace, ...]:
        """The images of the first field, one a camera."""
        return self._reader.images.of_field(0)

    def _sampled(self, channel: int) -> list[Index]:
        sizes = self.sizes
        middle = sizes.z // 2
        wanted = {
            (round(part * (sizes.t - 1)), round(part * (sizes.p - 1)), channel, middle)
            for part in np.linspace(0, 1, _SAMPLED_PLANES)
        }
        return [index for index in sorted(wanted) if self.stored(index)]

    def _middle(self, index: Index) -> NDArray[Any]:
        handle = self._handle(index)
        assert handle is not None
        inside = []
        for length in handle.shape:
            start = max(0, (length - _SAMPLED_EDGE) // 2)
            inside.append(slice(start, min(start + _SAMPLED_EDGE, length)))
        return np.asarray(handle[tuple(inside)].read().result())


def sampled_limits(sample: NDArray[Any]) -> tuple[float, float]:
    """Display limits that leave out a few dead and hot pixels."""
    low, high = np.percentile(sample, _PERCENTILES)
    return float(low), float(high if high > low else low + 1)
