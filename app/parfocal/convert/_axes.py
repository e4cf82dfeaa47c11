"""Say what the axes of an array mean, when it does not say so itself."""

from collections.abc import Sequence

from parfocal.convert._description import CANONICAL
from parfocal.convert._errors import ConvertError

__all__ = ["axes_of"]

USUAL = {2: "yx", 3: "zyx", 4: "czyx", 5: "tczyx", 6: "tpczyx"}
POSITIONS = "p"


def axes_of(shape: Sequence[int], wished: str | None, what: str) -> tuple[str, str]:
    """The axes, and what was guessed of them (nothing when a person said them)."""
    size = " × ".join(str(n) for n in shape)
    if wished is not None:
        axes = wished.strip().lower()
        known = (
            set(axes) <= set(CANONICAL + POSITIONS)
            and len(set(axes)) == len(axes)
            and {"y", "x"} <= set(axes)
        )
        if not known:
            raise ConvertError(f"the axes {wished!r} are not some of t, p, c, z, y, x with y and x")
        if len(axes) != len(shape):
            raise ConvertError(f"{what} is {size}, which does not fit the axes {wished!r}")
        return axes, ""
    if len(shape) not in USUAL:
        raise ConvertError(f"{what} is {size}; say what its axes are (--axes tczyx)")
    axes = USUAL[len(shape)]
    return axes, f"the axes of an array of {size} were taken as {axes}"
