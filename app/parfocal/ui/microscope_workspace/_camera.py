"""Take pictures with the open microscope and set its camera. Nothing here blocks the window.

Commands go through `Hands`. Live frames are pulled by the microscope's own thread; the window looks
at the newest one at screen rate, so that those in between are never copied to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PyQt6.QtCore import QElapsedTimer, QObject, QTimer, pyqtSignal

from parfocal.ui.microscope_workspace._hands import Hands
from parfocal.ui.text import figure, tr

if TYPE_CHECKING:
    from parfocal.scope import CameraFacts, Limits, Microscope, Region
    from parfocal.ui.controller import AcquisitionController

__all__ = ["Camera", "CameraNow", "Shot"]

LOOK_MS = 33
SLOW_MS = 80  # between two looks: without a graphics card drawing takes that long


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, where on the chip it lies, and how many a second come in while live."""

    pixels: NDArray[Any]
    pixel_um: float
    per_second: float | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class CameraNow:
    """How the camera is set."""

    facts: "CameraFacts"
    exposure_ms: float
    region: "Region"
    binning: int
    binnings: tuple[int, ...]
    limits: "Limits"


class Camera(QObject):
    """The camera of whatever microscope is open."""

    shot_taken = pyqtSignal(object)  # a Shot
    live_changed = pyqtSignal(bool)
    read = pyqtSignal(object)  # a CameraNow, or None while there is no camera
    failed = pyqtSignal(str)

    def __init__(self, controller: "AcquisitionController", hands: Hands) -> None:
        super().__init__(hands)
        self._controller = controller
        self._hands = hands
        self._live_of: Microscope | None = None
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._looked = QElapsedTimer()
        self._looked.start()
        self._rested = False
        self.now: CameraNow | None = None
        controller.camera_wanted.connect(self.stop_live)

    @property
    def live(self) -> bool:
        """Whether live view is on."""
        return self._live_of is not None

    def snap(self) -> None:
        """Take one picture; live view ends."""
        self.stop_live()
        self._hands.ask(
            lambda microscope: microscope.snap(),
            lambda pixels: self.shot_taken.emit(Shot(pixels, self._pixel_um())),
            self.failed.emit,
        )

    def start_live(self) -> None:
        """Show what the camera sees until `stop_live`."""
        if self._hands.microscope is None or self.live:
            return
        self._live_of = self._hands.microscope
        self.live_changed.emit(True)
        self._hands.ask(
            lambda microscope: microscope.live.start(),
            lambda _nothing: self._looking.start() if self.live else None,
            self._live_failed,
        )

    def stop_live(self) -> None:
        """End live view; the camera stops before anything that is asked for later."""
        if self._forget_live():
            self._hands.ask(lambda microscope: microscope.live.stop(), None, self.failed.emit)

    def toggle_live(self) -> None:
        """Start live view, or end it."""
        if self.live:
            self.stop_live()
        else:
            self.start_live()

    def look(self) -> None:
        """Ask how the camera is set; the answer is `read`."""
        self._hands.ask(_now, self._show, self._no_camera)

    def show_none(self) -> None:
        """There is no camera, or nobody may ask it now."""
        self._show(None)

    def set_exposure(self, milliseconds: float, otherwise: Callable[[str], object]) -> None:
        """Expose so long from now on; live view goes on."""
        now = self.now
        if now is not None and (against := now.limits.against_exposure(milliseconds)):
            stays = tr("{why}. It stays at {now} ms.").format(
                why=against, now=figure(now.exposure_ms)
            )
            otherwise(stays[0].upper() + stays[1:])
            return
        self._change(lambda microscope: microscope.imaging.set_exposure(milliseconds), otherwise)

    def set_binning(self, binning: int, otherwise: Callable[[str], object]) -> None:
        """Read so many pixels as one; the region becomes the whole chip."""
        self._change(lambda microscope: microscope.imaging.set_binning(binning), otherwise)

    def set_region(self, region: "Region | None", otherwise: Callable[[str], object]) -> None:
        """Read only this part of the chip; None: all of it."""
        self._change(lambda microscope: microscope.imaging.set_region(region), otherwise)

    def set_centre(self, part: int, otherwise: Callable[[str], object]) -> None:
        """Read the middle of the chip, its sides 1/part of the whole ones."""
        self._change(lambda microscope: _set_centre(microscope, part), otherwise)

    # -- parts

    def _change(
        self, work: Callable[["Microscope"], object], otherwise: Callable[[str], object]
    ) -> None:
        def then(now: CameraNow) -> None:
            otherwise("")
            self._show(now)

        def refused(sentence: str) -> None:
            otherwise(sentence)
            self.look()

        def change(microscope: "Microscope") -> CameraNow:
            work(microscope)
            return _now(microscope)

        self._hands.ask(change, then, refused)

    def _show(self, now: CameraNow | None) -> None:
        self.now = now
        self.read.emit(now)

    def _no_camera(self, sentence: str) -> None:
        self._show(None)
        microscope = self._hands.microscope
        if microscope is not None and microscope.state == "open":
            self.failed.emit(sentence)

    def _pixel_um(self) -> float:
        return 0.0 if self.now is None else self.now.facts.pixel_size_um

    def _forget_live(self) -> bool:
        was, self._live_of = self.live, None
        self._looking.stop()
        if was:
            self.live_changed.emit(False)
        return was

    def _look(self) -> None:
        microscope = self._live_of
        if microscope is None:
            return
        late = self._looked.restart() > SLOW_MS
        if late and not self._rested:  # the window has other things to do as well
            self._rested = True
            return
        self._rested = False
        frame = microscope.live.newest()
        if frame is not None:
            shot = Shot(frame.pixels, self._pixel_um(), frame.per_second, frame.number)
            self.shot_taken.emit(shot)
        elif not microscope.live.running:
            self._live_failed(
                microscope.live.problem or tr("The camera ended live view by itself.")
            )

    def _live_failed(self, sentence: str) -> None:
        if self._forget_live():
            self.failed.emit(sentence)


def _now(microscope: "Microscope") -> CameraNow:
    imaging = microscope.imaging
    return CameraNow(
        facts=imaging.facts(),
        exposure_ms=imaging.exposure(),
        region=imaging.region(),
        binning=imaging.binning(),
        binnings=imaging.binnings(),
        limits=microscope.limits,
    )


def _set_centre(microscope: "Microscope", part: int) -> None:
    from parfocal.scope import Region

    imaging = microscope.imaging
    imaging.set_region(None)
    whole = imaging.region()
    width, height = whole.width // part, whole.height // part
    imaging.set_region(
        Region((whole.width - width) // 2, (whole.height - height) // 2, width, height)
    )
