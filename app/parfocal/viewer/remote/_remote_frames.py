"""Be the newest frames of a run at a rig: what a ring's reader is for a run on this computer."""

import threading
import time
from typing import Any

from numpy.typing import NDArray

from parfocal.viewer._reading import LiveFrame
from parfocal.viewer.remote._wire import Header, WireError

_MOST_STREAMS = 64
_LONGEST_NAME = 1024


class RemoteFrames:
    """The newest frame of each layer and channel, until the window takes it."""

    def __init__(self) -> None:
        self.accepted = 0
        self.damaged = 0
        self.finished = False
        self._replaced = 0
        self._dropped_at_rig = 0
        self._came = threading.Condition()
        self._frames: dict[tuple[str, int], LiveFrame] = {}

    @property
    def dropped(self) -> int:
        """Frames that never came, because the net or the window was slower than the camera."""
        return self._dropped_at_rig + self._replaced

    def put(self, header: Header, pixels: NDArray[Any]) -> None:
        """Keep a frame that came; one of the same channel that nobody took is let go."""
        sequence, layer = header.get("sequence"), header.get("layer")
        coordinates = header.get("coordinates")
        if (
            type(sequence) is not int
            or not isinstance(layer, str)
            or len(layer) > _LONGEST_NAME
            or not isinstance(coordinates, dict)
            or not all(type(number) is int for number in coordinates.values())
        ):
            raise WireError("a frame of the rig's does not say which it is")
        frame = LiveFrame(pixels, sequence, coordinates, layer, time.monotonic_ns())
        with self._came:
            self._replaced += frame.stream in self._frames
            if frame.stream in self._frames or len(self._frames) < _MOST_STREAMS:
                self._frames[frame.stream] = frame
            self._came.notify_all()

    def note_beat(self, header: Header) -> None:
        """Note how many the rig could not send, and that the run has ended."""
        if header.get("known") is True and header.get("running") is False:
            with self._came:
                self.finished = True
                self._came.notify_all()
        dropped = header.get("dropped")
        if type(dropped) is int and dropped >= 0:
            self._dropped_at_rig = dropped

    def fresh(self) -> list[LiveFrame]:
        """Take what came since the last time, oldest first; never waits."""
        with self._came:
            frames, self._frames = list(self._frames.values()), {}
        self.accepted += len(frames)
        return sorted(frames, key=lambda frame: frame.sequence)

    def wait(self, timeout: float) -> None:
        """Sleep until there is something new; at most for this many seconds."""
        with self._came:
            if not self._frames and not self.finished:
                self._came.wait(timeout)

    def close(self) -> None:
        """Keep nothing."""
        with self._came:
            self._frames.clear()
