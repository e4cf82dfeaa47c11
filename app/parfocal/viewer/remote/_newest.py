"""Take the newest frames out of a run's ring and pack them, as many as are asked for."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._reader import RingReader
from parfocal.viewer._reading import LiveFrame
from parfocal.viewer.remote._wire import Header, pack_pixels

_POLL_S = 0.015
# The memory of a run that has ended is let go of within this time, also when nobody looks.
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class PackedFrame:
    """A live frame, ready for every viewer's net."""

    ring: str
    sequence: int
    stream: tuple[str, int]
    header: Header
    payload: bytes


class NewestFrames:
    """Reads the ring in a thread of its own, and only while somebody has room for a frame.

    So a slow net costs the rig nothing: what is not asked for is neither read nor packed.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._asked = threading.Event()
        self._address: RingAddress | None = None
        self._frames: list[PackedFrame] = []
        self._lock = threading.Lock()
        self._reader: RingReader | None = None
        self._attached: RingAddress | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._keep_reading, name="rig-frames", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def follow(self, address: RingAddress | None) -> None:
        """Go to this ring; None when no run goes on."""
        self._address = address

    def ask(self) -> None:
        """Somebody has room for a frame."""
        self._asked.set()

    def take(self) -> list[PackedFrame]:
        """The frames that came since the last time."""
        with self._lock:
            frames, self._frames = self._frames, []
        return frames

    def close(self) -> None:
        """Let go of the ring."""
        self._ended = True
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep_reading(self) -> None:
        while not self._ended:
            asked = self._asked.wait(_LOOK_S)
            reader = self._ring()
            if asked and reader is not None:
                try:
                    self._take_from(reader)
                except ViewerError:
                    self._let_go()
            if asked:
                time.sleep(_POLL_S)
        self._let_go()

    def _take_from(self, reader: RingReader) -> None:
        packed = [self._pack(frame) for frame in reader.fresh()]
        if packed:
            self._asked.clear()  # who has room for more asks again
            with self._lock:
                self._frames += packed
            self._wake()
        if reader.finished:
            self._let_go()

    def _ring(self) -> RingReader | None:
        """The reader of the ring that is followed; one that has ended is not opened again."""
        address = self._address
        if address != self._attached:
            self._let_go()
            self._attached = address
            if address is not None:
                try:
                    self._reader = RingReader.attach(address)
                except ViewerError:
                    self._reader = None  # the run has just ended
        return self._reader

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _pack(self, frame: LiveFrame) -> PackedFrame:
        assert self._attached is not None
        said, payload = pack_pixels(frame.pixels)
        header = {
            "op": "frame",
            "sequence": frame.sequence,
            "coordinates": dict(frame.coordinates),
            "layer": frame.layer,
            **said,
        }
        return PackedFrame(self._attached.token, frame.sequence, frame.stream, header, payload)
