"""Take pictures with the open microscope: snap one, or watch live. Nothing here blocks the window.

Commands go through the controller's engine thread, so that they come in order and a run that is
queued behind them finds the camera idle. Live frames are read by a thread of their own: the engine
thread stays free for moving the stage meanwhile.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from pymmcore_plus import CMMCorePlus

    from parfocal.ui.controller import AcquisitionController

# The screen shows no more; each look costs a copy of the frame.
LOOKS_PER_S = 30
READER_ENDS_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, and how many a second come in while live."""

    pixels: NDArray[Any]
    per_second: float | None = None


class Camera(QObject):
    """The camera of whatever microscope is open."""

    shot_ready = pyqtSignal()
    """There is a new picture: `take` it. Several of them may be announced by one signal."""
    live_changed = pyqtSignal(bool)
    failed = pyqtSignal(str)
    exposure_read = pyqtSignal(float)

    def __init__(self, controller: "AcquisitionController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._lock = threading.Lock()
        self._newest: Shot | None = None
        self._reader: _Reader | None = None
        controller.camera_wanted.connect(self.stop_live)

    @property
    def live(self) -> bool:
        """Whether live view is on."""
        return self._reader is not None

    def take(self) -> Shot | None:
        """The newest picture, once."""
        with self._lock:
            shot, self._newest = self._newest, None
        return shot

    def snap(self) -> None:
        """Take one picture; live view ends."""
        self.stop_live()

        def snap(core: "CMMCorePlus") -> Shot:
            core.snapImage()
            return Shot(np.asarray(core.getImage()))

        self._command(snap, self._offer, tr("The camera could not take a picture"))

    def start_live(self) -> None:
        """Show what the camera sees until `stop_live`."""
        core = self._core()
        if core is None or self.live:
            return
        self._reader = _Reader(core, self._offer, self._reader_ended)
        self.live_changed.emit(True)
        self._command(
            lambda core: core.startContinuousSequenceAcquisition(0),
            self._read_if_live,
            tr("Live view could not be started"),
            self.stop_live,
        )

    def stop_live(self) -> None:
        """End live view; the camera stops before anything that is asked for later."""
        reader, self._reader = self._reader, None
        if reader is None:
            return
        reader.stop()

        def stop(core: "CMMCorePlus") -> None:
            # no frame is read any more when what is queued behind this takes the camera or closes
            # the microscope: reading frames of an unloaded camera is undefined
            reader.join(READER_ENDS_WITHIN_S)
            if core.isSequenceRunning():
                core.stopSequenceAcquisition()

        self._command(stop, None, tr("Live view could not be stopped"))
        self.live_changed.emit(False)

    def set_exposure(self, milliseconds: float) -> None:
        """Expose so long from now on; live view goes on."""

        def change(core: "CMMCorePlus") -> None:
            with _Paused(core, self._reader):
                core.setExposure(milliseconds)

        self._command(change, None, tr("The exposure could not be set"))

    def set_preset(self, group: str, preset: str, done: Callable[[], None]) -> None:
        """Switch a preset; live view goes on."""

        def change(core: "CMMCorePlus") -> None:
            with _Paused(core, self._reader):
                core.setConfig(group, preset)
                core.waitForConfig(group, preset)

        self._command(
            change,
            lambda _nothing: done(),
            tr("{group} could not be set to {preset}").format(group=group, preset=preset),
            done,
        )

    def read_exposure(self) -> None:
        """Ask for the exposure; the answer is `exposure_read`."""
        self._command(
            lambda core: float(core.getExposure()),
            self.exposure_read.emit,
            tr("The exposure could not be read"),
        )

    # -- parts; the callbacks run in the engine thread

    def _core(self) -> "CMMCorePlus | None":
        microscope = self._controller.microscope
        return None if microscope is None else microscope.core

    def _command(
        self,
        call: Callable[["CMMCorePlus"], Any],
        then: Callable[[Any], object] | None,
        trouble: str,
        otherwise: Callable[[], object] | None = None,
    ) -> None:
        core = self._core()
        if core is None:
            return

        def ended(future: "Future[Any]") -> None:
            try:
                error = future.exception()
            except CancelledError:
                return
            if error is None:
                if then is not None:
                    then(future.result())
                return
            sentence = str(error) if isinstance(error, ParfocalError) else f"{trouble}: {error}"
            self.failed.emit(sentence)
            if otherwise is not None:
                otherwise()

        self._controller.in_engine(lambda: call(core)).add_done_callback(ended)

    def _read_if_live(self, _nothing: object) -> None:
        reader = self._reader
        if reader is not None:
            reader.start()

    def _offer(self, shot: Shot) -> None:
        with self._lock:
            unseen, self._newest = self._newest is not None, shot
        if not unseen:
            self.shot_ready.emit()

    def _reader_ended(self, reader: "_Reader", trouble: str) -> None:
        """Called in the reader's thread; unless it was told to, the camera stopped by itself."""
        if self._reader is not reader:
            return
        self._reader = None
        self.live_changed.emit(False)
        if trouble:
            self.failed.emit(tr("Live view ended: {trouble}").format(trouble=trouble))


class _Reader:
    """A thread that looks at the newest live frame, at screen rate."""

    def __init__(
        self,
        core: "CMMCorePlus",
        offer: Callable[[Shot], None],
        ended: Callable[["_Reader", str], None],
    ) -> None:
        self.paused = threading.Lock()
        self._core = core
        self._offer = offer
        self._ended = ended
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="parfocal-live", daemon=True)

    def start(self) -> None:
        if not self._stop.is_set():
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, timeout: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _read(self) -> None:
        pace, trouble = _Pace(), ""
        try:
            while not self._stop.wait(1 / LOOKS_PER_S):
                with self.paused:
                    if self._stop.is_set() or not self._core.isSequenceRunning():
                        break
                    waiting = self._core.getRemainingImageCount()
                    if not waiting:
                        continue
                    pixels, metadata = self._core.getLastImageAndMD()
                number = metadata.get("ImageNumber")
                if number is not None and not pace.is_new(int(number)):
                    continue
                self._offer(Shot(np.array(pixels), pace.per_second))
        except (RuntimeError, IndexError) as error:
            trouble = str(error)
        self._ended(self, trouble)


class _Pace:
    """Frames a second, by the camera's own frame numbers."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._mark: tuple[int, float] | None = None
        self.per_second: float | None = None

    def is_new(self, number: int) -> bool:
        if number == self._last:
            return False
        self._last = number
        now = time.monotonic()
        if self._mark is None or number < self._mark[0]:
            self._mark = (number, now)
        elif now - self._mark[1] > 0.5:
            self.per_second = (number - self._mark[0]) / (now - self._mark[1])
            self._mark = (number, now)
        return True


class _Paused:
    """Holds live view still while something is set that a camera takes only at rest."""

    def __init__(self, core: "CMMCorePlus", reader: _Reader | None) -> None:
        self._core = core
        self._reader = reader

    def __enter__(self) -> None:
        if self._reader is not None:
            self._reader.paused.acquire()
        self._running = self._core.isSequenceRunning()
        if self._running:
            self._core.stopSequenceAcquisition()

    def __exit__(self, *_error: object) -> None:
        try:
            if self._running:
                self._core.startContinuousSequenceAcquisition(0)
        finally:
            if self._reader is not None:
                self._reader.paused.release()
