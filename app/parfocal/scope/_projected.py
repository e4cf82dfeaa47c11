"""What the demo's projector does to a picture: the camera sees its light, and cells feel it."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.scope._demo_projector import DemoProjector, LightPath
from parfocal.scope._exposure import Exposure, Scene, Window
from parfocal.scope._sample_light import FULL_MS, SampleLight

__all__ = ["Projected"]

# what an empty dish gives back of the light, at full brightness
COUNTS_A_MS = 150.0
MOST_COUNTS = 30_000.0


class Projected:
    """The light of one projector on one sample."""

    def __init__(self, projector: DemoProjector, view_um: float) -> None:
        self.felt = SampleLight()
        self._projector = projector
        self._path = LightPath.over(view_um)
        self._places = lru_cache(2)(self._find_places)

    def shine(self, scene: Scene, exposure: Exposure, image: NDArray[np.uint16]) -> None:
        """Add the light to a picture that was just exposed, and let the cells in it feel it."""
        shown = self._projector.lit
        if shown is None:
            return
        counts = min(MOST_COUNTS, COUNTS_A_MS * scene.exposure_ms) / 255
        places = self._places(exposure.window)
        light = np.append(shown.ravel(), np.uint8(0))[places]
        seen = image + light * np.float32(counts)
        np.copyto(image, np.minimum(seen, 65535), casting="unsafe")
        if scene.key[0] < 2**31:  # a planned one: looking around by hand changes no experiment
            cells = exposure.cells(scene)
            y, x = self.felt.feelers(cells)
            onto = self._onto(y - scene.y, x - scene.x)
            power = min(1.0, scene.exposure_ms / FULL_MS) / 255
            light_felt = np.append(shown.ravel(), np.uint8(0))[onto] * power
            self.felt.fall(scene.moment, cells, light_felt)

    def _find_places(self, window: Window) -> NDArray[np.int32]:
        """For each pixel of a picture the mirror that lights it; the last number: none does."""
        y = (window.y + np.arange(window.height) - window.chip_height / 2) * window.pixel_um
        x = (window.x + np.arange(window.width) - window.chip_width / 2) * window.pixel_um
        return self._onto(y[:, None], x[None, :])

    def _onto(self, y: NDArray[Any], x: NDArray[Any]) -> NDArray[np.int32]:
        m, at = self._path
        rows = np.rint(m[0, 0] * y + m[0, 1] * x + at[0]).astype(np.int32)
        columns = np.rint(m[1, 0] * y + m[1, 1] * x + at[1]).astype(np.int32)
        height, width = self._projector.shape()
        outside = (rows < 0) | (rows >= height) | (columns < 0) | (columns >= width)
        return np.where(outside, height * width, rows * width + columns).astype(np.int32)
