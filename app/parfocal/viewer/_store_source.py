"""Read one store as the planes that a viewer shows, whether or not they are recorded yet."""

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import Index, StoreError, StoreReader
from parfocal.viewer._source import SourceFacts
from parfocal.viewer._store_facts import store_facts
from parfocal.viewer._store_stamp import Stamp, store_stamp
from parfocal.viewer._whereabouts import Whereabouts

# A document as young as this may have been written while it was read: it is looked at again.
_SETTLED_NS = 2 * 10**9
_SAMPLED_PLANES = 3
_SAMPLED_EDGE = 512  # pixels: contrast comes from the middle of a plane, never from a full read
_PERCENTILES = (1.0, 99.8)


@dataclass(frozen=True, slots=True)
class _Opened:
    """One look at the store; a refresh exchanges it as a whole."""

    reader: StoreReader
    facts: SourceFacts
    stamp: Stamp

    @classmethod
    def of(cls, path: Path) -> "_Opened":
        began = time.time_ns()
        reader = StoreReader(path)
        stamp = store_stamp(reader.info.path, reader.images)
        settled = all(date is None or date[0] < began - _SETTLED_NS for date in stamp)
        return cls(reader, store_facts(reader), stamp if settled else ())

    def is_current(self, path: Path) -> bool:
        """Whether the store is still as it was read."""
        return self.stamp == store_stamp(path, self.reader.images)


class StoreSource:
    """The planes of a store on this disk. Any thread may ask; it sees one state of the store."""

    def __init__(self, path: Path) -> None:
        self._opened = _Opened.of(path)
        self._whereabouts = Whereabouts(path.resolve())
        self._path = path
        self._refreshing = Lock()

    @property
    def facts(self) -> SourceFacts:
        """What there was to show at the last refresh."""
        return self._opened.facts

    @property
    def path(self) -> Path:
        """Where the store is now."""
        return self._path

    def refresh(self) -> bool:
        """Go on with the store as it is now; True when it moved, grew or ended. Cheap without."""
        with self._refreshing:
            moved_to = self._whereabouts.moved_to()
            self._path = moved_to or self._path
            if moved_to is None and self._opened.is_current(self._path):
                return False
            try:
                opened = _Opened.of(self._path)
            except (StoreError, OSError):
                return False  # half written or on its way elsewhere: the next look will tell
            # An array may have grown where no stamp looks, so the reader is exchanged anyway.
            before, self._opened = self._opened, opened
            return moved_to is not None or opened.facts != before.facts

    @property
    def note(self) -> str:
        """Nothing."""
        return ""

    def close(self) -> None:
        """Let go of the store's folder."""
        self._whereabouts.close()

    def plane(self, index: Index, level: int = 0) -> NDArray[Any]:
        """One plane in the shape of its channel's level; zeros where nothing was recorded."""
        opened = self._opened
        wanted = opened.facts.levels_of(index[2])[level].shape[1:]
        handle = _handle(opened, index, level)
        pixels = np.zeros(0) if handle is None else np.asarray(handle.read().result())
        if pixels.shape == wanted:
            return pixels
        fitted = np.zeros(wanted, opened.facts.dtype if handle is None else pixels.dtype)
        if pixels.ndim == 2:
            part = pixels[: wanted[0], : wanted[1]]
            fitted[: part.shape[0], : part.shape[1]] = part
        return fitted

    def stored(self, index: Index) -> bool:
        """Whether the plane was recorded; asks the shard's index and reads no pixels."""
        handle = _handle(self._opened, index)
        if handle is None:
            return False
        return not handle.storage_statistics(query_not_stored=True).result().not_stored

    def absence(self, index: Index) -> str:
        """Why the plane is not there, in a few words; empty for one that is stored."""
        opened = self._opened
        if self.stored(index):
            return ""
        if not opened.reader.absences.planned(index):
            return "not planned"
        if opened.facts.state == "recording":
            return "not acquired yet"
        reason = opened.reader.absences.reason(index)
        return f"not acquired ({reason})" if reason else "not acquired"

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """The limits that the store names, else sampled ones; None while nothing is recorded."""
        opened = self._opened
        if limits := opened.facts.channels[channel].limits:
            return limits
        samples = [_middle(opened, index) for index in self._sampled(channel)]
        return sampled_limits(np.concatenate(samples, axis=None)) if samples else None

    def _sampled(self, channel: int) -> list[Index]:
        sizes = self.facts.sizes
        middle = sizes.z // 2
        wanted = {
            (round(part * (sizes.t - 1)), round(part * (sizes.p - 1)), channel, middle)
            for part in np.linspace(0, 1, _SAMPLED_PLANES)
        }
        return [index for index in sorted(wanted) if self.stored(index)]


def sampled_limits(sample: NDArray[Any]) -> tuple[float, float]:
    """Display limits that leave out a few dead and hot pixels."""
    low, high = np.percentile(sample, _PERCENTILES)
    return float(low), float(high if high > low else low + 1)


def _handle(opened: _Opened, index: Index, level: int = 0) -> Any | None:
    """The plane as a view that reads nothing yet; None where the field has no such plane."""
    t, p, c, z = index
    reader = opened.reader
    if reader.images.find(p, c) is None:
        return None
    lengths = reader.lengths(p, c, level)
    if not lengths or t >= lengths.get("t", t + 1) or z >= lengths.get("z", z + 1):
        return None
    return reader.view(index, level)


def _middle(opened: _Opened, index: Index) -> NDArray[Any]:
    handle = _handle(opened, index)
    assert handle is not None
    inside = []
    for length in handle.shape:
        start = max(0, (length - _SAMPLED_EDGE) // 2)
        inside.append(slice(start, min(start + _SAMPLED_EDGE, length)))
    return np.asarray(handle[tuple(inside)].read().result())
