"""The projector of a microscope: calibrate it, light patterns by hand, ask for a mask's image."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.scope import _commands as commands
from parfocal.scope._calibration import (
    FEWEST_SPOTS,
    Calibration,
    SeenSpot,
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
from parfocal.scope._projector_images import Pattern, grid, pattern_image, spot

__all__ = ["MOST_SPOTS", "SPOTS", "Projector"]

SPOTS = 9
MOST_SPOTS = 100
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
        self.kept_at: Path | None = None
        """The file of its calibration."""
        self.lit = Pattern.DARK
        """What it shows since somebody asked for it by hand."""
        found = next((place for place in self._places if place.is_file()), None)
        if found is not None:
            try:
                self.calibration, self.kept_at = read_calibration(found), found
            except MicroscopeError as error:
                self.problem = str(error)

    def unfit_for(self, height: int, width: int) -> str:
        """A sentence that says why no mask of this size can be lit now; empty: it can."""
        whose = f"the projector of microscope {self._profile.name!r}"
        known = self.calibration
        if known is None:
            return self.problem or f"{whose} is not calibrated"
        if known.camera != (height, width):
            rows, columns = known.camera
            return (
                f"{whose} was calibrated for pictures "
                f"of {columns} × {rows} pixels, and the camera gives {width} × {height}"
            )
        if known.region is None or known.binning is None:  # an older file does not say
            return ""
        x, y, *_ = self._imaging.region()
        binning = self._imaging.binning()
        if (*known.region[:2], known.binning) != (x, y, binning):
            return (
                f"{whose} was calibrated for the region at {known.region[0]}, {known.region[1]} "
                f"with binning {known.binning}, and the camera reads the one at {x}, {y} with "
                f"binning {binning}"
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
        spotted: Callable[[SeenSpot], object] = lambda _spot: None,
        cancelled: threading.Event | None = None,
    ) -> Calibration:
        """Show spots one by one, look where the camera sees them, and keep what follows.

        Call it from a thread that may wait. Live mode goes on if it is on: then its frames are
        used, and `cancelled` takes effect at once. The projector is dark afterwards, whatever
        happens. `spotted` is told of each spot that was seen.
        """
        if not FEWEST_SPOTS <= spots <= MOST_SPOTS:
            raise MicroscopeError(
                f"A projector is calibrated by {FEWEST_SPOTS} to {MOST_SPOTS} spots, not {spots}."
            )
        stop = cancelled or threading.Event()
        pairs = []
        places = list(grid(self.shape, spots))
        with self._dark_afterwards():
            before = self._dark_picture(stop)
            for number, place in enumerate(places):
                self._show(spot(self.shape, place))
                lit = self._picture(stop)
                # cells that move look like light that came: what is bright before or after is none
                after = self._dark_picture(stop)
                seen = spot_centre(lit, np.maximum(before, after))
                if seen is not None:
                    pairs.append((place, seen))
                    spotted(SeenSpot(place=seen))
                progress(number + 1, len(places))
                before = after
        _go_on_unless(stop)
        facts = self._imaging.facts()
        fitted = calibration_of(
            pairs, camera=(facts.height, facts.width), projector=self.shape, spots=len(places)
        )
        found = fitted.model_copy(
            update={
                "region": tuple(self._imaging.region()),
                "binning": self._imaging.binning(),
                "objective": self._imaging.objective(),
            }
        )
        self._keep(found)
        return found

    def show(self, pattern: Pattern) -> None:
        """Light the sample with this until it is told otherwise; a run begins in the dark."""
        self._show(pattern_image(pattern, self.shape))
        self.lit = pattern

    def darken(self) -> None:
        """Give no light any more, if somebody asked for it by hand."""
        if self.lit is not Pattern.DARK:
            self.show(Pattern.DARK)

    # ------------------------------------------------------------------ parts

    def _keep(self, calibration: Calibration) -> None:
        trouble: MicroscopeError | None = None
        for place in self._places:
            try:
                write_calibration(calibration, place)
            except MicroscopeError as error:
                trouble = error
            else:
                self.calibration, self.kept_at, self.problem = calibration, place, ""
                return
        assert trouble is not None  # there is always a place
        raise trouble

    @contextmanager
    def _dark_afterwards(self) -> Iterator[None]:
        self.lit = Pattern.DARK
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

    def _dark_picture(self, stop: threading.Event) -> NDArray[Any]:
        self._show(np.zeros(self.shape, np.uint8))
        return self._picture(stop)

    def _picture(self, stop: threading.Event) -> NDArray[Any]:
        """What the camera sees now: a snap, or a live frame that was begun after this call."""
        _go_on_unless(stop)
        if not self._live.running:
            return self._imaging.snap()
        # what was exposed in part before the light changed, and what was read late, is let go
        frame_s = self._core.getExposure() / 1000
        stop.wait(2 * frame_s + 2 / LOOKS_PER_S)
        before, deadline = self._live.latest, time.monotonic() + PATIENCE_S + 2 * frame_s
        while time.monotonic() < deadline and self._live.running:
            _go_on_unless(stop)
            frame = self._live.latest
            if frame is not None and frame is not before:
                return frame.pixels
            stop.wait(LOOK_S)
        raise MicroscopeError(
            "Live mode gave no new frame while the projector was calibrated; start it anew, or "
            "calibrate without it."
        )

    def _ask(self, work: Callable[[], None], what: str) -> None:
        self._hardware.call(work, what, patience_s=self._profile.deadline_s)


def _go_on_unless(stop: threading.Event) -> None:
    if stop.is_set():
        raise MicroscopeError("The calibration of the projector was stopped.")
