"""Read one store as the planes that a viewer shows, whether or not they are recorded yet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import Index, StoreReader

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
    """Planes of a store; fields of the first one's shape are stacked along `p`."""

    def __init__(self, path: Path) -> None:
        self._reader = StoreReader(path)
        self.info = self._reader.info
        self._arrays: dict[int, Any] = {}
        t, c, z, y, x = self._reader.array(0).shape
        self.sizes = Sizes(t, len(self.info.fields), c, z, y, x)
        self.dtype = np.dtype(self.info.dtype)

    def plane(self, index: Index) -> NDArray[Any]:
        """One plane; zeros where nothing was recorded."""
        return np.asarray(self._handle(index).read().result())

    def stored(self, index: Index) -> bool:
        """Whether the plane was recorded; asks the shard's index and reads no pixels."""
        statistics = self._handle(index).storage_statistics(query_not_stored=True)
        return not statistics.result().not_stored

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """Display limits from a few sampled planes; None while nothing is recorded."""
        samples = [self._middle(index) for index in self._sampled(channel)]
        if not samples:
            return None
        return sampled_limits(np.stack(samples))

    def _handle(self, index: Index) -> Any:
        t, p, c, z = index
        if p not in self._arrays:
            self._arrays[p] = self._reader.array(p)
        return self._arrays[p][t, c, z]

    def _sampled(self, channel: int) -> list[Index]:
        sizes = self.sizes
        middle = sizes.z // 2
        wanted = {
            (round(part * (sizes.t - 1)), round(part * (sizes.p - 1)), channel, middle)
            for part in np.linspace(0, 1, _SAMPLED_PLANES)
        }
        return [index for index in sorted(wanted) if self.stored(index)]

    def _middle(self, index: Index) -> NDArray[Any]:
        top = max(0, (self.sizes.y - _SAMPLED_EDGE) // 2)
        left = max(0, (self.sizes.x - _SAMPLED_EDGE) // 2)
        window = slice(top, top + _SAMPLED_EDGE), slice(left, left + _SAMPLED_EDGE)
        return np.asarray(self._handle(index)[window].read().result())


def sampled_limits(sample: NDArray[Any]) -> tuple[float, float]:
    """Display limits that leave out a few dead and hot pixels."""
    low, high = np.percentile(sample, _PERCENTILES)
    return float(low), float(max(high, low + 1))
