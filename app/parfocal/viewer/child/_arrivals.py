"""Accept live frames while the window paints: take here what a thread of its own has copied."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._live_frames import LiveFrames
from parfocal.viewer._reading import LiveFrame

# The writer rings; this is how soon a killed one is noticed, and how long closing waits.
_LOOK_S = 0.1
# Twice what is ever shown: copying all of a faster stream would take the time to paint any of it.
_MOST_PER_SECOND = 120
# Looks that may wait for the window: a starved one shall have the time to paint, and one that
# hangs keep little. Of one channel the last is all that will be painted; of several the newest of
# each may be of two planes, and the look after it has what is missing of the first.
_MOST_WAITING = 2
_KEPT_AGES = 4096


class Arrivals:
    """Frames read in a thread, since a paint takes as long as two frames of a fast camera."""

    def __init__(self, reader: LiveFrames) -> None:
        self.on_news: Callable[[], None] = _nobody
        self.finished = False
        self._reader = reader
        self._lock = threading.Lock()
        self._waiting: list[LiveFrame] = []
        self._looks = 0
        self._streams: set[tuple[str, int]] = set()
        self._taken = threading.Event()
        self._ages_ms: deque[float] = deque(maxlen=_KEPT_AGES)
        self._accepted = self._missed = 0
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="live-frames", daemon=True)
        self._thread.start()

    def counts(self) -> tuple[int, int, int]:
        """Frames accepted, missed because newer ones came, and accepted but not taken yet."""
        with self._lock:
            return self._accepted, self._missed, len(self._waiting)

    def take(self) -> list[LiveFrame]:
        """The frames that came since the last time, oldest first."""
        with self._lock:
            taken, self._waiting, self._looks = self._waiting, [], 0
        self._taken.set()
        return taken

    def take_ages_ms(self) -> list[float]:
        """How old each frame was when it had been copied, since this was asked last."""
        ages = list(self._ages_ms)
        self._ages_ms.clear()
        return ages

    def close(self) -> None:
        """Let go of the ring; what was accepted can still be taken."""
        self._closing = True
        self._thread.join()

    def _accept(self) -> None:
        try:
            while not (self._closing or self.finished):
                self._reader.wait(_LOOK_S)
                self._taken.clear()
                if self._enough_waits() and not self._taken.wait(_LOOK_S):
                    continue
                began = time.monotonic()
                self._add(self._reader.fresh())
                time.sleep(max(0.0, began + 1 / _MOST_PER_SECOND - time.monotonic()))
        except ViewerError as error:
            sys.stderr.write(f"parfocal: live frames are shown no more: {error}\n")
        finally:
            self.finished = True
            self._reader.close()
            self.on_news()

    def _enough_waits(self) -> bool:
        return self._looks >= min(_MOST_WAITING, max(1, len(self._streams)))

    def _add(self, frames: list[LiveFrame]) -> None:
        with self._lock:
            nobody_knows = not self._waiting
            self._waiting += frames
            self._looks += bool(frames)
            self._streams |= {frame.stream for frame in frames}
            self._ages_ms += (1e3 * frame.age_s for frame in frames)
            self._accepted, self._missed = self._reader.accepted, self._reader.dropped
            self.finished = self._reader.finished
        if frames and nobody_knows:
            self.on_news()


def _nobody() -> None:
    """Wake nobody: the window looks by itself."""
