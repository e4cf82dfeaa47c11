"""Count the live frames that were really seen, and how old they were then."""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable

from parfocal.store import Index

# Frames that were accepted and not drawn are remembered this far back.
_MOST_UNSEEN = 512
_KEPT_AGES = 4096


class SeenFrames:
    """Accepted frames by plane, until the canvas draws that plane or forgets it."""

    def __init__(self) -> None:
        self.displayed = 0
        self._unseen: OrderedDict[Index, int] = OrderedDict()
        self._ages_ms: deque[float] = deque(maxlen=_KEPT_AGES)

    def accept(self, index: Index, stamp_ns: int) -> None:
        """A frame of this plane is there to be drawn."""
        self._unseen.pop(index, None)
        self._unseen[index] = stamp_ns
        if len(self._unseen) > _MOST_UNSEEN:
            self._unseen.popitem(last=False)

    def draw(self, indices: Iterable[Index]) -> None:
        """The canvas has drawn these planes."""
        now = time.monotonic_ns()
        for index in indices:
            stamp_ns = self._unseen.pop(index, None)
            if stamp_ns is not None:
                self.displayed += 1
                self._ages_ms.append((now - stamp_ns) / 1e6)

    def waiting(self, indices: Iterable[Index]) -> int:
        """How many of these planes have a frame that was not drawn yet."""
        return sum(index in self._unseen for index in indices)

    def take_ages_ms(self) -> list[float]:
        """How old each frame was when it was drawn, since this was asked last."""
        ages = list(self._ages_ms)
        self._ages_ms.clear()
        return ages
