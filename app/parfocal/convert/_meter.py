"""Tell how far a conversion is: bytes, rate, and the time that is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np

from parfocal.convert._plan import Planned

__all__ = ["Meter", "Tell", "Way"]


@dataclass(frozen=True, slots=True)
class Way:
    """One moment of a conversion; bytes are those of decoded pixels."""

    done_bytes: int
    total_bytes: int
    bytes_per_s: float
    left_s: float | None
    what: str

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.done_bytes / max(1, self.total_bytes)


Tell: TypeAlias = Callable[[Way], object]


class Meter:
    """Counts what is done; what a former call had done does not count for the rate."""

    def __init__(self, total_bytes: int, tell: Tell | None) -> None:
        self._total = total_bytes
        self._tell = tell
        self._done = 0
        self._began = time.monotonic()
        self._before = 0
        self._what = ""

    def advance(self, array: Planned, shard: tuple[int, ...]) -> None:
        """A shard is done."""
        itemsize = np.dtype(array.layout.dtype).itemsize
        self._done += itemsize * prod(part.stop - part.start for part in array.block(shard))
        self.say(array.path)

    def begin(self) -> None:
        """From now on the rate is measured."""
        self._began, self._before = time.monotonic(), self._done

    def say(self, what: str) -> None:
        """What is being done."""
        self._what = what
        if self._tell is None:
            return
        seconds = time.monotonic() - self._began
        rate = (self._done - self._before) / seconds if seconds > 0 else 0.0
        left = (self._total - self._done) / rate if rate > 0 else None
        self._tell(Way(self._done, self._total, rate, left, what))
