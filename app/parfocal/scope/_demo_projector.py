"""The demo microscope's projector: show it an image, and light falls on the living sample.

Its pixels lie askew over the camera's, as after a service visit: only a calibration finds out how.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray
from pymmcore_plus.experimental.unicore.devices._slm import SLMDevice

__all__ = ["PROJECTOR_SHAPE", "DemoProjector", "LightPath"]

PROJECTOR_SHAPE = (480, 640)  # rows, columns
TURNED = np.deg2rad(3.0)
# what it covers, over what the camera sees, along the projector's shorter side
COVERS = 1.3
AWAY = (0.012, -0.02)  # of that: how far its middle lies off the camera's (y, x)


class LightPath(NamedTuple):
    """Where on the projector a place of the dish has its light from: `row, column = m @ yx + at`.

    `yx` is in µm from where the stage stands.
    """

    m: NDArray[np.float64]
    at: NDArray[np.float64]

    @classmethod
    def over(cls, view_um: float) -> "LightPath":
        """The light path of a projector above a camera that sees so many µm."""
        scale = PROJECTOR_SHAPE[0] / (COVERS * view_um)
        cosine, sine = np.cos(TURNED), np.sin(TURNED)
        # mirrored along x, as by the odd number of mirrors that such a path has
        m = scale * np.array([[cosine, -sine], [-sine, -cosine]])
        middle = np.array(PROJECTOR_SHAPE) / 2
        return cls(m, middle + scale * view_um * np.array(AWAY))


class DemoProjector(SLMDevice):
    """A grey DMD of 640 × 480 mirrors; what it was given last is what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self._loaded = np.zeros(PROJECTOR_SHAPE, np.uint8)
        self._shown = self._loaded
        self._interval_ms = 0.0

    def shape(self) -> tuple[int, ...]:
        return PROJECTOR_SHAPE

    def dtype(self) -> DTypeLike:
        return np.uint8

    def set_image(self, pixels: NDArray[np.uint8]) -> None:
        self._loaded = np.array(pixels)

    def get_image(self) -> NDArray[np.uint8]:
        return self._loaded

    def display_image(self) -> None:
        self._shown = self._loaded

    def set_exposure(self, interval_ms: float) -> None:
        self._interval_ms = float(interval_ms)

    def get_exposure(self) -> float:
        return self._interval_ms

    @property
    def lit(self) -> NDArray[np.uint8] | None:
        """What it shows; None while it is dark."""
        return self._shown if self._shown.any() else None
