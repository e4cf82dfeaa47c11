"""What a projector is asked to show beside masks: spots to calibrate by, patterns lit by hand."""

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pattern", "grid", "pattern_image", "spot"]

# of the projector's sides: spots nearer to its edge may lie outside of the picture
MARGIN = 0.25
SPOT_SHARE = 40  # a spot's radius is this part of the projector's shorter side
CELLS = 8  # of the test pattern, along the projector's shorter side
# an F, since it looks otherwise however it is turned or mirrored; (row, column) of its cells
LETTER = ((0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (3, 0))

Shape = tuple[int, int]


class Pattern(StrEnum):
    """What can be lit by hand."""

    DARK = "dark"
    FULL = "full"
    TEST = "test"


def grid(shape: Shape, spots: int) -> Iterator[tuple[float, float]]:
    """Middles of spots in rows and columns, as square as their number allows."""
    rows = max(2, int(np.sqrt(spots)))
    columns = -(-spots // rows)
    for row in np.linspace(MARGIN, 1 - MARGIN, rows):
        for column in np.linspace(MARGIN, 1 - MARGIN, columns):
            yield float(round(row * shape[0])), float(round(column * shape[1]))


def spot(shape: Shape, place: tuple[float, float]) -> NDArray[np.uint8]:
    """A disc of light at one place."""
    radius = max(2.0, min(shape) / SPOT_SHARE)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot(rows - place[0], columns - place[1])
    return _light(away <= radius)


def pattern_image(pattern: Pattern, shape: Shape) -> NDArray[np.uint8]:
    """What to show for a pattern; the test pattern is a grid with an F in its middle."""
    if pattern is not Pattern.TEST:
        return _light(np.full(shape, pattern is Pattern.FULL))
    pitch = max(4, min(shape) // CELLS)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    line = max(1, pitch // 12)
    lit = (rows % pitch < line) | (columns % pitch < line)
    top = (shape[0] // pitch - 4) // 2
    left = (shape[1] // pitch - 3) // 2
    for row, column in LETTER:
        y, x = (top + row) * pitch, (left + column) * pitch
        lit[y : y + pitch, x : x + pitch] = True
    return _light(lit)


def _light(lit: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(lit, 255, 0).astype(np.uint8)
