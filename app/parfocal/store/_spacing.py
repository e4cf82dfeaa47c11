"""Hold the size of a voxel in µm, and accept only numbers that can be one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

Factors = tuple[float, float, float]
ONES: Factors = (1.0, 1.0, 1.0)
# below this, two sources differ by how they were rounded, and not in what they say
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Spacing:
    """z, y, x in µm; z is None where there is no z axis."""

    z: float | None
    y: float
    x: float

    def times(self, factors: Factors) -> "Spacing | None":
        """The size of a voxel that is so many of these; None when that leaves the numbers."""
        z = None if self.z is None else self.z * factors[0]
        return spacing(z, self.y * factors[1], self.x * factors[2])

    def agrees(self, other: "Spacing") -> bool:
        """Whether both say the same, along the axes that both have."""
        pairs = [(self.y, other.y), (self.x, other.x)]
        if self.z is not None and other.z is not None:
            pairs.append((self.z, other.z))
        return all(abs(one - two) <= TOLERANCE * max(one, two) for one, two in pairs)

    def __str__(self) -> str:
        depth = "" if self.z is None else f"z {self.z:g}, "
        return f"{depth}y {self.y:g}, x {self.x:g} µm"


def spacing(z: Any, y: Any, x: Any) -> Spacing | None:
    """These three as a voxel size, z None where no z axis is; None unless all can be a length."""
    depth = None if z is None else length(z)
    height, width = length(y), length(x)
    if height is None or width is None or (z is not None and depth is None):
        return None
    return Spacing(depth, height, width)


def spacing_of(values: Sequence[Any]) -> Spacing | None:
    """A z, y, x sequence as a voxel size; a z of None is not accepted here."""
    z, y, x = values
    return None if z is None else spacing(z, y, x)


def length(value: Any) -> float | None:
    """A finite number above zero; text, booleans, NaN and infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # JSON knows integers of any size
        return None
    return number if isfinite(number) and number > 0 else None
