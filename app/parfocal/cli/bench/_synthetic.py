"""Make camera frames as an sCMOS camera gives them: an offset, read noise, and noisy cells."""

import numpy as np
from numpy.typing import NDArray

OFFSET, READ_NOISE = 100.0, 1.8
CELLS = 60
REACH = 90


def camera_frames(
    count: int, shape: tuple[int, int] = (2048, 2048), seed: int = 1
) -> NDArray[np.uint16]:
    """Distinct frames; what is measured on them compresses about as real ones do (3.3 × here)."""
    random = np.random.default_rng(seed)
    frames = np.empty((count, *shape), dtype=np.uint16)
    for frame in frames:
        light = np.full(shape, 4.0, dtype=np.float32)
        for _ in range(CELLS):
            _add_cell(light, random)
        noisy = random.poisson(light) + random.normal(OFFSET, READ_NOISE, shape)
        np.clip(noisy, 0, 65535, out=noisy)
        frame[...] = noisy
    return frames


def _add_cell(light: NDArray[np.float32], random: np.random.Generator) -> None:
    """A soft spot, computed only where it is brighter than nothing."""
    height, width = light.shape
    y, x = random.uniform(0, height), random.uniform(0, width)
    top, left = max(int(y) - REACH, 0), max(int(x) - REACH, 0)
    rows = np.arange(top, min(int(y) + REACH, height), dtype=np.float32)[:, None]
    columns = np.arange(left, min(int(x) + REACH, width), dtype=np.float32)
    spread = random.uniform(8, 20)
    distance = (rows - y) ** 2 + (columns - x) ** 2
    spot = random.uniform(100, 1500) * np.exp(-distance / (2 * spread**2))
    light[top : top + rows.shape[0], left : left + columns.shape[0]] += spot
