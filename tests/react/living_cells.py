"""Pictures of the living sample, and where its cells really are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parfocal.react import Cells
from parfocal.scope._cell_portraits import Dye
from parfocal.scope._exposure import Exposure, Scene, Window
from parfocal.scope._sample import Kind, Region, Sample

PIXEL_UM = 0.5
# a nucleus lies up to 1.5 µm off the middle of its cell, and two newborn ones are 8 µm apart
NEAR = 10.0


@dataclass(frozen=True)
class Truth:
    """Cells in pixels of the picture."""

    identity: NDArray[np.int64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]


class Dish:
    """A camera of `side` pixels above the middle of the sample."""

    def __init__(self, side: int, seed: int = 1) -> None:
        self.side = side
        self.sample = Sample(seed)
        self._exposure = Exposure(self.sample, Window(0, 0, side, side, side, side, PIXEL_UM, 1))

    def picture(self, t: int, dye: Dye = Dye.NUCLEUS) -> NDArray[np.uint16]:
        """What the camera sees at a timepoint."""
        image = np.zeros((self.side, self.side), np.uint16)
        self._exposure.expose(Scene(float(t), (t, 0, 0, 0), 0.0, 0.0, 0.0, dye, 10.0), image)
        return image

    def truth(self, t: int, edge: int = 20) -> Truth:
        """The cells that are whole and alive, `edge` pixels or more inside the picture."""
        half = self.side * PIXEL_UM / 2
        cells = self.sample.cells(float(t), Region(-half, -half, half, half))
        x, y = cells.x / PIXEL_UM + self.side / 2, cells.y / PIXEL_UM + self.side / 2
        inside = (np.minimum(x, y) > edge) & (np.maximum(x, y) < self.side - edge)
        kept = inside & (cells.kind != Kind.DYING)
        return Truth(cells.identity[kept], y[kept], x[kept])


def seen_as(truth: Truth, cells: Cells) -> dict[int, int]:
    """For each true cell the row of the one that was found nearest to it; -1: none near."""
    if not len(cells):
        return dict.fromkeys(truth.identity.tolist(), -1)
    away = np.hypot(
        truth.y[:, None] - cells.table["y"][None, :], truth.x[:, None] - cells.table["x"][None, :]
    )
    nearest = away.argmin(axis=1)
    near = away[np.arange(len(nearest)), nearest] < NEAR
    rows = np.where(near, nearest, -1)
    return dict(zip(truth.identity.tolist(), rows.tolist(), strict=True))
