"""Calibrate the open microscope's projector and light patterns; nothing here blocks the window.

A calibration looks through the live view, which moves on meanwhile: so its cancel does not wait
for the end of a long exposure. It ends by itself before a run or another microscope is begun.
"""

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.microscope_workspace._camera import Camera
from parfocal.ui.microscope_workspace._hands import Hands

if TYPE_CHECKING:
    from parfocal.scope import Calibration, Microscope, Pattern, SeenSpot
    from parfocal.ui.controller import AcquisitionController

__all__ = ["Projection", "ProjectorNow"]


@dataclass(frozen=True, slots=True)
class ProjectorNow:
    """What is known of the projector, and how the camera below it is set."""

    device: str
    shape: tuple[int, int]
    calibration: "Calibration | None"
    kept_at: Path | None
    unfit: str
    """Why no mask can be lit now; empty: it can."""
    objective: str
    lit: "Pattern"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a calibration ended: with a calibration, or with a sentence and what was seen."""

    calibration: "Calibration | None" = None
    refusal: str = ""
    seen: tuple["SeenSpot", ...] = ()


class Projection(QObject):
    """The projector of whatever microscope is open."""

    read = pyqtSignal(object)  # a ProjectorNow, or None where there is no projector
    begun = pyqtSignal()
    progressed = pyqtSignal(int, int)  # spots that were looked at, of so many
    spotted = pyqtSignal(object)  # a SeenSpot
    calibrated = pyqtSignal(object)  # the Calibration
    refused = pyqtSignal(str, object)  # a sentence, and the spots that were seen
    stopped = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, controller: "AcquisitionController", hands: Hands, camera: Camera) -> None:
        super().__init__(hands)
        self._hands = hands
        self._camera = camera
        self._stop: threading.Event | None = None
        self._live_before = False
        self.now: ProjectorNow | None = None
        controller.camera_wanted.connect(self._give_way)

    @property
    def going(self) -> bool:
        """Whether a calibration is going on, or is ending."""
        return self._stop is not None

    def look(self) -> None:
        """Ask how the projector is; the answer is `read`."""
        self._hands.ask(_now, self._show, lambda _sentence: self._show(None))

    def show_none(self) -> None:
        """There is no projector, or nobody may ask it now."""
        self._show(None)

    def calibrate(self, spots: int) -> None:
        """Show spots one by one and look where the camera sees them."""
        if self.going or self._hands.microscope is None:
            return
        self._stop = stop = threading.Event()
        self._live_before = self._camera.live
        self._camera.start_live()
        self.begun.emit()

        def work(microscope: "Microscope") -> Outcome:
            return self._calibrate(microscope, spots, stop)

        self._hands.ask(work, self._ended, self._broke_off)

    def cancel(self) -> None:
        """End the calibration; the one that was there before stands."""
        if self._stop is not None:
            self._stop.set()

    def light(self, pattern: "Pattern") -> None:
        """Light the sample with a pattern until it is told otherwise."""

        def show(microscope: "Microscope") -> ProjectorNow | None:
            if microscope.projector is not None:
                microscope.projector.show(pattern)
            return _now(microscope)

        self._hands.ask(show, self._show, self.failed.emit)

    def halt(self) -> None:
        """Let nothing be lit any more."""
        from parfocal.scope import Pattern

        self.cancel()
        if self.now is not None and self.now.lit is not Pattern.DARK:
            self.light(Pattern.DARK)

    def forget(self) -> None:
        """The microscope is another one: nobody answers for the last one's calibration."""
        if self.going:
            self.cancel()
            self._stop = None
            self.stopped.emit()

    # -- parts

    def _calibrate(self, microscope: "Microscope", spots: int, stop: threading.Event) -> Outcome:
        """In the engine thread."""
        from parfocal.scope import CalibrationRefused, MicroscopeError

        if microscope.projector is None:
            raise MicroscopeError(f"Microscope {microscope.name!r} has no projector.")
        try:
            found = microscope.projector.calibrate(
                spots=spots,
                progress=self.progressed.emit,
                spotted=self.spotted.emit,
                cancelled=stop,
            )
        except CalibrationRefused as refusal:
            return Outcome(refusal=str(refusal), seen=refusal.seen)
        return Outcome(found, seen=found.seen)

    def _ended(self, outcome: Outcome) -> None:
        self._over()
        if outcome.calibration is None:
            self.refused.emit(outcome.refusal, outcome.seen)
        else:
            self.calibrated.emit(outcome.calibration)
        self.look()

    def _broke_off(self, sentence: str) -> None:
        stopped = self._stop is not None and self._stop.is_set()
        self._over()
        if stopped:
            self.stopped.emit()
        else:
            self.refused.emit(sentence, ())
        self.look()

    def _over(self) -> None:
        self._stop = None
        if not self._live_before:
            self._camera.stop_live()

    def _give_way(self) -> None:
        """A run, or another microscope: both begin in the dark."""
        from parfocal.scope import Pattern

        self.cancel()
        if self.now is not None:
            self._show(replace(self.now, lit=Pattern.DARK))

    def _show(self, now: ProjectorNow | None) -> None:
        self.now = now
        self.read.emit(now)


def _now(microscope: "Microscope") -> ProjectorNow | None:
    projector = microscope.projector
    if projector is None:
        return None
    facts = microscope.imaging.facts()
    return ProjectorNow(
        device=projector.device,
        shape=projector.shape,
        calibration=projector.calibration,
        kept_at=projector.kept_at,
        unfit=projector.unfit_for(facts.height, facts.width),
        objective=microscope.imaging.objective(),
        lit=projector.lit,
    )
