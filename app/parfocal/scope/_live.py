"""Look through the camera: start and stop live mode, and take its newest frame without waiting."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._hardware import Hardware

__all__ = ["LiveFrame", "LiveView"]

# The screen shows no more; each look costs a copy of the frame.
LOOKS_PER_S = 30
ENDS_WITHIN_S = 0.5
RATE_OVER_S = 0.5


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One look through the camera, the number that it has there, and the camera's frames/s."""

    pixels: NDArray[Any]
    number: int
    per_second: float | None


class LiveView:
    """Live mode of one microscope's camera. A thread of its own pulls the newest frame."""

    def __init__(self, core: CMMCorePlus, hardware: Hardware, patience_s: float) -> None:
        self._core = core
        self._hardware = hardware
        self._patience_s = patience_s
        self._lock = threading.Lock()
        # held while a frame is read, and by whoever changes the camera meanwhile
        self._reading = threading.Lock()
        self._newest: LiveFrame | None = None
        self.latest: LiveFrame | None = None
        """The last frame that was read, for whoever looks beside the one that takes `newest`."""
        self._reader: threading.Thread | None = None
        self._stop = threading.Event()
        self.problem = ""
        """Why live mode ended by itself; empty while all is well."""

    @property
    def running(self) -> bool:
        """Whether live mode is on."""
        return self._reader is not None and self._reader.is_alive()

    def start(self) -> None:
        """Start live mode; when it is on already nothing happens."""
        if self.running:
            return
        self.stop()
        self.problem = ""
        self._newest = self.latest = None
        self._hardware.call(self._begin, "start live mode", patience_s=self._patience_s)
        self._stop = threading.Event()
        self._reader = threading.Thread(
            target=self._read, args=(self._stop,), name="parfocal-live", daemon=True
        )
        self._reader.start()

    def stop(self) -> None:
        """End live mode; no frame is read any more when this returns."""
        reader, self._reader = self._reader, None
        if reader is None:
            return
        self._stop.set()
        reader.join(ENDS_WITHIN_S)
        self._hardware.call(self._end, "end live mode", patience_s=self._patience_s)

    def newest(self) -> LiveFrame | None:
        """The newest frame, once; None when there is no newer one. Never waits."""
        with self._lock:
            frame, self._newest = self._newest, None
        return frame

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Change the camera here, in the hardware thread; live mode goes on afterwards."""
        if not self.running:
            yield
            return
        with self._reading:
            self._end()
            try:
                yield
            finally:
                self._begin()

    # ------------------------------------------------------------------ parts

    def _begin(self) -> None:
        with commanding(f"Camera {self._core.getCameraDevice()!r}", "start live mode"):
            self._core.startContinuousSequenceAcquisition(0)

    def _end(self) -> None:
        core = self._core
        with commanding(f"Camera {core.getCameraDevice()!r}", "end live mode"):
            if core.isSequenceRunning():
                core.stopSequenceAcquisition()

    def _read(self, stop: threading.Event) -> None:
        try:
            with commanding("Live mode", "go on"):
                self._read_frames(stop)
        except MicroscopeError as error:
            if not stop.is_set():
                self.problem = str(error)

    def _read_frames(self, stop: threading.Event) -> None:
        core, pace = self._core, Pace()
        while not stop.wait(1 / LOOKS_PER_S):
            with self._reading:
                if stop.is_set():
                    return
                running = core.isSequenceRunning()
                if not core.getRemainingImageCount():
                    if not running:
                        raise MicroscopeError("The camera ended live mode by itself.")
                    continue
                # not popped: MMCore writes over the oldest, and only the newest is wanted
                image, tags = core.getLastImageAndMD()
                pixels = np.array(image)
            if pace.is_new(int(tags.get("ImageNumber", pace.number + 1))):
                with self._lock:
                    self._newest = LiveFrame(pixels, pace.number, pace.per_second)
                    self.latest = self._newest
            elif not running:
                raise MicroscopeError("The camera ended live mode by itself.")


class Pace:
    """The camera's frames a second, by its own numbers."""

    def __init__(self) -> None:
        self.number = -1
        self.per_second: float | None = None
        self._mark: tuple[int, float] | None = None

    def is_new(self, number: int) -> bool:
        if number == self.number:
            return False
        self.number = number
        now = time.monotonic()
        if self._mark is None or number < self._mark[0]:
            self._mark = (number, now)
        elif now - self._mark[1] > RATE_OVER_S:
            self.per_second = (number - self._mark[0]) / (now - self._mark[1])
            self._mark = (number, now)
        return True
