"""Bring z to the lateral spacing, so that a picture from the side has square pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def depth_length(planes: int, dz: float, dx: float) -> int:
    """How many rows that gives: the first and the last plane stay where they are."""
    return round((planes - 1) * dz / dx) + 1


def resample_depth(
    lines: NDArray[Any], there: NDArray[np.bool_], dz: float, dx: float
) -> NDArray[Any]:
    """One line per z plane, interpolated linearly to one row every `dx`.

    Where one of two neighbouring planes is missing the other one alone counts, as far as the
    middle between them; beyond it there is nothing, and nothing is zero.
    """
    rows = depth_length(len(lines), dz, dx)
    place = np.minimum(np.arange(rows) * (dx / dz), len(lines) - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, len(lines) - 1)
    weight = place - below
    nearest = np.where(weight < 0.5, below, above)
    both = there[below] & there[above]
    result = np.zeros((rows, lines.shape[1]), lines.dtype)
    for row in range(rows):
        if both[row]:
            result[row] = _between(lines[below[row]], lines[above[row]], float(weight[row]))
        elif there[nearest[row]]:
            result[row] = lines[nearest[row]]
    return result


def _between(low: NDArray[Any], high: NDArray[Any], weight: float) -> NDArray[Any]:
    if weight == 0:
        return low
    mixed = low.astype(np.float64) * (1 - weight) + high.astype(np.float64) * weight
    if low.dtype.kind == "f":
        return mixed.astype(low.dtype)
    limits = np.iinfo(low.dtype)
    most = float(limits.max)
    # float64 has 53 bits: the largest 64 bit integers would be rounded out of their range
    most = most if int(most) <= limits.max else float(np.nextafter(most, 0))
    rounded: NDArray[Any] = np.clip(np.floor(mixed + 0.5), float(limits.min), most)
    return rounded.astype(low.dtype)
