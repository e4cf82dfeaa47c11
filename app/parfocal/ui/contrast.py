"""Choose a picture's contrast from a sample of its pixels, and count them for a histogram."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Contrast", "Histogram", "auto_contrast", "histogram", "sample"]

SAMPLES_A_SIDE = 256  # 65,536 pixels a frame: 1 ms at 2048², and 0.1 % of them are still 65
LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.8
BINS = 128


class Contrast(NamedTuple):
    """The pixel values shown as black and as white."""

    black: float
    white: float


class Histogram(NamedTuple):
    """How many sampled pixels are in each bin; one edge more than counts."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


def sample(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Every n-th pixel of every n-th row."""
    rows, columns = (max(1, side // SAMPLES_A_SIDE) for side in pixels.shape[:2])
    return pixels[::rows, ::columns]


def auto_contrast(pixels: NDArray[np.generic]) -> Contrast:
    """Percentiles, so that a hot pixel does not darken the cells; never an empty range."""
    black, white = np.percentile(np.asarray(pixels), (LOW_PERCENTILE, HIGH_PERCENTILE))
    return Contrast(float(black), float(max(white, black + 1)))


def histogram(pixels: NDArray[np.generic]) -> Histogram:
    """Counts between the darkest and the brightest pixel."""
    values = np.asarray(pixels)
    low, high = float(values.min()), float(values.max())
    counts, edges = np.histogram(values, bins=BINS, range=(low, max(high, low + 1)))
    return Histogram(edges, counts)
