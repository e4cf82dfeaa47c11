"""Tell whether a stack was taken downwards, and turn its planes over.

The distance between the planes of an array is above zero: as it came it would be upside down.
"""

from collections.abc import Sequence
from itertools import pairwise

from parfocal.store import StageAxisMap

__all__ = ["TURNED", "goes_down"]

TURNED = "its stacks were taken downwards: their planes are stored from the lowest up"


def goes_down(heights: Sequence[float], calibration: StageAxisMap | None) -> bool:
    """Whether the planes of a stack come from above, where the image's z is the stage's."""
    along = (calibration or StageAxisMap()).z
    if along[1:] != "z":
        return False
    way = -1 if along[0] == "-" else 1
    steps = [way * (later - earlier) for earlier, later in pairwise(heights)]
    return bool(steps) and all(step < 0 for step in steps)
