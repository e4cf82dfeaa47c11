"""Keep the newest live frames, for as long as the store does not have them yet."""

from collections import OrderedDict
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from parfocal.store import Index

_KEPT_BYTES = 192 * 2**20


class NewestPlanes:
    """The last live frames by plane. The window puts them in, its reading threads take them."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._planes: OrderedDict[Index, NDArray[Any]] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._lock = Lock()

    def __contains__(self, index: Index) -> bool:
        return index in self._planes

    def get(self, index: Index) -> NDArray[Any] | None:
        """The frame of this plane, if it is one of the newest."""
        return self._planes.get(index)

    def put(self, index: Index, pixels: NDArray[Any]) -> None:
        """Keep a frame and let the oldest ones go."""
        with self._lock:
            before = self._planes.pop(index, None)
            self._bytes += pixels.nbytes - (0 if before is None else before.nbytes)
            self._planes[index] = pixels
            while self._bytes > self._kept_bytes and len(self._planes) > 2:
                _, oldest = self._planes.popitem(last=False)
                self._bytes -= oldest.nbytes
