"""Keep planes that came over the network, up to some size."""

from collections import OrderedDict
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from parfocal.store import Index

_KEPT_BYTES = 256 * 2**20

Place = tuple[Index, int]
"""A plane and its level."""


class PlaneCache:
    """The planes that were looked at last. Any thread may use it."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._lock = Lock()
        self._planes: OrderedDict[Place, NDArray[Any]] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._bytes = 0

    def get(self, place: Place) -> NDArray[Any] | None:
        """The plane, if it is kept."""
        with self._lock:
            if place in self._planes:
                self._planes.move_to_end(place)
            return self._planes.get(place)

    def put(self, place: Place, pixels: NDArray[Any]) -> None:
        """Keep a plane, and let those go that nobody looked at for longest."""
        with self._lock:
            before = self._planes.pop(place, None)
            self._bytes += pixels.nbytes - (0 if before is None else before.nbytes)
            self._planes[place] = pixels
            while self._bytes > self._kept_bytes and len(self._planes) > 1:
                _, oldest = self._planes.popitem(last=False)
                self._bytes -= oldest.nbytes
