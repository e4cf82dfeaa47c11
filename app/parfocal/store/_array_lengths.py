"""Keep what each array says of its own length: it grows along t once the pixels are there."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from parfocal.store._files import read_json, write_json


class ArrayLengths:
    """How many timepoints the arrays of a recording say they have. Any thread may ask it.

    An array is written beyond its length first and says so afterwards, by a rename: a reader
    that opens it meanwhile sees the old length or the new one, and pixels behind either.
    """

    def __init__(self, root: Path, arrays: Iterable[str], length: int) -> None:
        self._root = root
        self._lock = Lock()
        self._lengths = dict.fromkeys(arrays, length)

    def add(self, arrays: Iterable[str], length: int) -> None:
        """New arrays, which are this long already."""
        with self._lock:
            self._lengths.update(dict.fromkeys(arrays, length))

    def reach(self, array: str, length: int) -> None:
        """The array is at least this long from now on."""
        with self._lock:
            if self._lengths[array] < length:
                self._set(array, length)

    def reach_all(self, length: int) -> None:
        """All arrays are at least this long from now on."""
        for array in list(self._lengths):
            self.reach(array, length)

    def settle(self, length: int) -> None:
        """All arrays have this length: how long the recording has become."""
        with self._lock:
            for array, now in self._lengths.items():
                if now != length:
                    self._set(array, length)

    def _set(self, array: str, length: int) -> None:
        set_length(self._root / array, length)
        self._lengths[array] = length


def set_length(array: Path, length: int) -> None:
    """Change an array's length along t, its first axis; its pixels stay as they are."""
    file = array / "zarr.json"
    metadata = read_json(file)
    if metadata["shape"][0] != length:
        metadata["shape"][0] = length
        write_json(file, metadata)
