"""The projector of a microscope: calibrate it, and ask it what to show so that a mask is lit."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.scope import _commands as commands
from parfocal.scope._calibration import (
    FEWEST_SPOTS,
    Calibration,
    calibration_of,
    read_calibration,
    spot_centre,
    write_calibration,
)
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._hardware import Hardware
from parfocal.scope._imaging import Imaging
from parfocal.scope._live import LOOKS_PER_S, LiveView
from parfocal.scope._profile import Profile
from parfocal.scope._profiles import calibration_places

__all__ = ["SPOTS", "Projector"]

SPOTS = 9
MOST_SPOTS = 100
# of the projector's sides: spots nearer to its edge may lie outside of the picture
MARGIN = 0.25
SPOT_SHARE = 40  # a spot's radius is this part of the projector's shorter side
LOOK_S = 0.02
PATIENCE_S = 10.0


class Projector:
    """A DMD or SLM that MMCore knows. Its calibration belongs to the machine's profile."""

    def __init__(
        self,
        core: CMMCorePlus,
        hardware: Hardware,
        imaging: Imaging,
        live: LiveView,
        profile: Profile,
    ) -> None:
        self._core = core
        self._hardware = hardware
        self._imaging = imaging
        self._live = live
        self._profile = profile
        self._places = calibration_places(profile)
        self.device = str(core.getSLMDevice())
        self.shape = (int(core.getSLMHeight(self.device)), int(core.getSLMWidth(self.device)))
        self.problem = ""
        """Why its calibration could not be read; empty while all is well."""
        self.calibration: Calibration | None = None
        found = next((place for place in self._places if place.is_file()), None)
        if found is not None:
            try:
                self.calibration = read_calibration(found)
            except MicroscopeError as error:
                self.problem = str(error)

    def unfit_for(self, height: int, width: int) -> str:
        """A sentence that says why no mask of this size can be lit now; empty: it can."""
        if self.calibration is None:
            return self.problem or (
                f"the projector of microscope {self._profile.name!r} is not calibrated"
            )
        if self.calibration.camera != (height, width):
            rows, columns = self.calibration.camera
            return (
                f"the projector of microscope {self._profile.name!r} was calibrated for pictures "
                f"of {columns} × {rows} pixels, and the camera gives {width} × {height}"
            )
        return ""

    def image_of(self, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """What to show so that light falls where the mask is True in the camera's picture."""
        if self.calibration is None:
            raise MicroscopeError(f"The projector {self.device!r} is not calibrated.")
        return self.calibration.image_of(mask)

    def calibrate(
        self,
        *,
        spots: int = SPOTS,
        progress: Callable[[int, int], object] = lambda _done, _of: None,
        cancelled: threading.Event | None = None,
    ) -> Calibration:
        """Show spots one by one, look where the camera sees them, and keep what follows.

        Call it from a thread that may wait. Live mode goes on if it is on: then its frames are
        used. The projector is dark afterwards, whatever happens.
        """
        if not FEWEST_SPOTS <= spots <= MOST_SPOTS:
            raise MicroscopeError(
                f"A projector is calibrated by {FEWEST_SPOTS} to {MOST_SPOTS} spots, not {spots}."
            )
        pairs = []
        grid = list(_grid(self.shape, spots))
        with self._dark_afterwards():
            for number, place in enumerate(grid):
                if cancelled is not None and cancelled.is_set():
                    raise MicroscopeError("The calibration of the projector was stopped.")
                # a dark picture for each: cells that move meanwhile look like light that came
                self._show(np.zeros(self.shape, np.uint8))
                dark = self._picture()
                self._show(_spot(self.shape, place))
                seen = spot_centre(self._picture(), dark)
                if seen is not None:
                    pairs.append((place, seen))
                progress(number + 1, len(grid))
        facts = self._imaging.facts()
        found = calibration_of(
            pairs, camera=(facts.height, facts.width), projector=self.shape, spots=len(grid)
        )
        self._keep(found)
        return found

    # ------------------------------------------------------------------ parts

    def _keep(self, calibration: Calibration) -> None:
        trouble: MicroscopeError | None = None
        for place in self._places:
            try:
                write_calibration(calibration, place)
            except MicroscopeError as error:
                trouble = error
            else:
                self.calibration, self.problem = calibration, ""
                return
        assert trouble is not None  # there is always a place
        raise trouble

    @contextmanager
    def _dark_afterwards(self) -> Iterator[None]:
        self._ask(lambda: commands.darken_projector(self._core, self.device), "go dark")
        try:
            yield
        finally:
            self._ask(lambda: commands.darken_projector(self._core, self.device), "go dark")

    def _show(self, image: NDArray[np.uint8]) -> None:
        def show() -> None:
            with commanding(f"Projector {self.device!r}", "show a spot"):
                self._core.setSLMImage(self.device, image)
                self._core.displaySLMImage(self.device)

        self._ask(show, "show a spot")

    def _picture(self) -> NDArray[Any]:
        """What the camera sees now: a snap, or a live frame that was begun after this call."""
        if not self._live.running:
            return self._imaging.snap()
        # what was exposed in part before the light changed, and what was read late, is let go
        time.sleep(2 * self._core.getExposure() / 1000 + 2 / LOOKS_PER_S)
        before, deadline = self._live.latest, time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._live.running:
            frame = self._live.latest
            if frame is not None and frame is not before:
                return frame.pixels
            time.sleep(LOOK_S)
        raise MicroscopeError(
            "Live mode gave no new frame while the projector was calibrated; start it anew, or "
            "calibrate without it."
        )

    def _ask(self, work: Callable[[], None], what: str) -> None:
        self._hardware.call(work, what, patience_s=self._profile.deadline_s)


def _grid(shape: tuple[int, int], spots: int) -> Iterator[tuple[float, float]]:
    """Middles of spots in rows and columns, as square as their number allows."""
    rows = max(2, int(np.sqrt(spots)))
    columns = -(-spots // rows)
    for row in np.linspace(MARGIN, 1 - MARGIN, rows):
        for column in np.linspace(MARGIN, 1 - MARGIN, columns):
            yield float(round(row * shape[0])), float(round(column * shape[1]))


def _spot(shape: tuple[int, int], place: tuple[float, float]) -> NDArray[np.uint8]:
    radius = max(2.0, min(shape) / SPOT_SHARE)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot(rows - place[0], columns - place[1])
    return np.where(away <= radius, 255, 0).astype(np.uint8)
