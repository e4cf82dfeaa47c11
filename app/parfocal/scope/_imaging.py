"""Set the camera and take single pictures: exposure, region, binning, snap."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._hardware import Hardware
from parfocal.scope._limits import Limits, Range, refuse
from parfocal.scope._live import LiveView
from parfocal.scope._microscope import CameraFacts
from parfocal.scope._profile import Region

__all__ = ["Imaging", "exposure_limits"]

Answer = TypeVar("Answer")

# A pause takes effect at the end of a span, so a span may not last longer than a person waits.
LONGEST_SPAN_S = 1.0
# Spans of 400/100/50/20/5 frames gave 728/703/681/622/468 frames/s: beyond this nothing is gained.
LONGEST_SPAN = 400


class Imaging:
    """The camera that is chosen. Everything but the facts takes it out of live mode shortly."""

    def __init__(
        self,
        name: str,
        core: CMMCorePlus,
        hardware: Hardware,
        live: LiveView,
        limits: Callable[[], Limits],
        patience_s: float,
    ) -> None:
        self._name = name
        self._core = core
        self._hardware = hardware
        self._live = live
        self._limits = limits
        self._patience_s = patience_s

    def facts(self) -> CameraFacts:
        """What a recording has to know about the camera."""

        def read(camera: str) -> CameraFacts:
            core = self._core
            return CameraFacts(
                name=camera,
                width=core.getImageWidth(),
                height=core.getImageHeight(),
                dtype=f"uint{8 * core.getBytesPerPixel()}",
                bit_depth=core.getImageBitDepth(),
                pixel_size_um=core.getPixelSizeUm(),
            )

        return self._ask("say what its images are like", read)

    def snap(self) -> NDArray[Any]:
        """Take one picture; live mode ends."""
        self._live.stop()
        exposure = self.exposure()

        def take(_camera: str) -> NDArray[Any]:
            self._core.snapImage()
            return np.asarray(self._core.getImage())

        return self._ask(f"take an exposure of {exposure:g} ms", take, exposure / 1000)

    def exposure(self) -> float:
        """The exposure time in ms."""
        return self._ask("say its exposure", lambda _camera: float(self._core.getExposure()))

    def set_exposure(self, milliseconds: float) -> None:
        """Expose so long from now on, within the limits of camera and profile."""

        def change(camera: str) -> None:
            refuse(f"Camera {camera!r}", self._limits().against_exposure(milliseconds))
            with self._live.interrupted():
                self._core.setExposure(milliseconds)

        self._ask(f"set its exposure to {milliseconds:g} ms", change)

    def exposure_limits(self) -> Range | None:
        """The camera's own limits in ms; None where it does not say."""
        return self._ask(
            "say its exposure limits", lambda camera: exposure_limits(self._core, camera)
        )

    def region(self) -> Region:
        """The part of the chip that is read."""
        return self._ask("say its region", lambda _camera: Region(*self._core.getROI()))

    def set_region(self, region: Region | None) -> None:
        """Read only this part of the chip; None: all of it."""

        def change(_camera: str) -> None:
            with self._live.interrupted():
                if region is None:
                    self._core.clearROI()
                else:
                    self._core.setROI(*region)

        if region is None:
            self._ask("read its whole chip", change)
        else:
            self._ask(
                f"read the region of {region.width} × {region.height} pixels at "
                f"{region.x}, {region.y}",
                change,
            )

    def objective(self) -> str:
        """The objective that is in, as its turret calls it; empty where none is known."""

        def read(_camera: str) -> str:
            turrets = self._core.guessObjectiveDevices()
            return str(self._core.getStateLabel(turrets[0])) if turrets else ""

        return self._ask("say which objective is in", read)

    def binnings(self) -> tuple[int, ...]:
        """How many pixels can be read as one; empty where the camera cannot."""

        def read(camera: str) -> tuple[int, ...]:
            core = self._core
            if not core.hasProperty(camera, "Binning"):
                return ()
            # some say "2x2"
            values = (
                str(v).split("x")[0] for v in core.getAllowedPropertyValues(camera, "Binning")
            )
            return tuple(sorted(int(value) for value in values if value.isdigit()))

        return self._ask("say its binnings", read)

    def binning(self) -> int:
        """How many pixels are read as one, in each direction."""

        def read(camera: str) -> int:
            if not self._core.hasProperty(camera, "Binning"):
                return 1
            return int(str(self._core.getProperty(camera, "Binning")).split("x")[0])

        return self._ask("say its binning", read)

    def set_binning(self, binning: int) -> None:
        """Read so many pixels as one; the region becomes the whole chip."""
        possible = self.binnings()
        if binning not in possible:
            raise MicroscopeError(
                f"Camera {self._core.getCameraDevice()!r} has no binning {binning}; "
                f"it has {', '.join(map(str, possible)) or 'none'}."
            )

        def change(camera: str) -> None:
            core = self._core
            values = core.getAllowedPropertyValues(camera, "Binning")
            value = next(v for v in values if str(v).split("x")[0] == str(binning))
            with self._live.interrupted():
                core.setProperty(camera, "Binning", value)

        self._ask(f"set its binning to {binning}", change)

    def sequence_limit(self, exposure_ms: float, frame_bytes: int) -> int:
        """How many frames may go out as one hardware sequence.

        They fit MMCore's circular buffer, whose overflow loses frames, and last a second at most
        where the exposure allows it; always one.
        """
        # not getBufferTotalCapacity(): before the first sequence it tells of another image size
        fits = self._core.getCircularBufferMemoryFootprint() * 2**20 // max(1, frame_bytes)
        lasts = int(LONGEST_SPAN_S * 1000 / exposure_ms) if exposure_ms > 0 else LONGEST_SPAN
        return max(1, min(fits, lasts, LONGEST_SPAN))

    def _ask(self, what: str, work: Callable[[str], Answer], takes_s: float = 0.0) -> Answer:
        def ask() -> Answer:
            camera = self._core.getCameraDevice()
            if not camera:
                raise MicroscopeError(
                    f"Microscope {self._name!r} has no camera; choose one in its configuration."
                )
            with commanding(f"Camera {camera!r}", what):
                return work(camera)
            raise AssertionError("commanding swallows nothing")

        return self._hardware.call(ask, what, patience_s=self._patience_s, takes_s=takes_s)


def exposure_limits(core: CMMCorePlus, camera: str) -> Range | None:
    """What the camera says of its property "Exposure"; None where it says nothing."""
    if not core.hasProperty(camera, "Exposure") or not core.hasPropertyLimits(camera, "Exposure"):
        return None
    return Range(
        float(core.getPropertyLowerLimit(camera, "Exposure")),
        float(core.getPropertyUpperLimit(camera, "Exposure")),
    )
