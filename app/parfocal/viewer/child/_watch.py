"""Look after a source beside the window: does it grow, what contrast do its channels have."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterable

from parfocal import ParfocalError
from parfocal.viewer._source import PlaneSource

_PAUSE_S = 1.0
# A plate of 384 wells takes a third of a second to read anew: never more than a tenth of the time.
_SHARE = 10


class SourceWatch:
    """One thread that asks a source what may take long."""

    def __init__(self, source: PlaneSource, without_contrast: Iterable[int]) -> None:
        self._source = source
        self._wanted = set(without_contrast)
        self._limits: queue.SimpleQueue[tuple[int, tuple[float, float]]] = queue.SimpleQueue()
        self._changed = threading.Event()
        self._looked = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source-watch", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Give it a moment for its first look, so that a window opens with its contrast."""
        self._looked.wait(seconds)

    def changed(self) -> bool:
        """Whether the source has other facts since the last call."""
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    def limits(self) -> dict[int, tuple[float, float]]:
        """The contrast of channels that was found since the last call."""
        return dict(self._limits.get() for _ in range(self._limits.qsize()))

    def close(self) -> None:
        """End soon; a disk that hangs is not waited for."""
        self._stopped.set()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopped.wait(pause):
            began = time.monotonic()
            # Gone for a moment, or being replaced: the next look will tell.
            with contextlib.suppress(ParfocalError, OSError, ValueError):
                self._look()
            self._looked.set()
            pause = max(_PAUSE_S, _SHARE * (time.monotonic() - began))

    def _look(self) -> None:
        for channel in sorted(self._wanted):
            if limits := self._source.contrast(channel):
                self._wanted.discard(channel)
                self._limits.put((channel, limits))
        if self._source.refresh():
            self._changed.set()
