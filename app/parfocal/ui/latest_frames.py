"""Hold the newest frame of each channel, by reference, for a panel that looks when it has time."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parfocal.scope import Frame

__all__ = ["LatestFrames"]


class LatestFrames:
    """A sink of the run: `offer` replaces what was there, so it never grows and never blocks."""

    name = "latest frames"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: dict[int, Frame] = {}
        self._offered = 0

    def offer(self, frame: "Frame") -> None:
        """Keep `frame` as its channel's newest; called in the engine thread."""
        channel = frame.index[2]
        with self._lock:
            self._frames[channel] = frame
            self._offered += 1

    def newest(self, channel: int) -> "Frame | None":
        """The newest frame of one channel, or None before its first."""
        with self._lock:
            return self._frames.get(channel)

    @property
    def offered(self) -> int:
        """How many frames came by; unchanged means that there is nothing new to draw."""
        with self._lock:
            return self._offered

    def clear(self) -> None:
        """Let the pixels go."""
        with self._lock:
            self._frames.clear()
