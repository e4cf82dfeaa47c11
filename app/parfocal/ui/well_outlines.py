"""Draw the wells that a plan visits, as one line with gaps."""

from math import cos, nan, pi, sin
from typing import TYPE_CHECKING

import useq

if TYPE_CHECKING:
    from parfocal.plan import Experiment

__all__ = ["wells_of"]

CORNERS = 32  # of a round well


def wells_of(experiment: "Experiment") -> tuple[list[float], list[float]]:
    """The outlines of all chosen wells of all phases in µm; each ends with a gap (nan)."""
    from parfocal.plan import Phase

    xs: list[float] = []
    ys: list[float] = []
    for item in experiment.every_item:
        plan = item.sequence.stage_positions if isinstance(item, Phase) else None
        if not isinstance(plan, useq.WellPlatePlan):
            continue
        plate = plan.plate
        wide, high = (1000 * side / 2 for side in plate.well_size)
        outline = _circle() if plate.circular_wells else _square()
        for well in plan.selected_well_positions:
            xs += [(well.x or 0.0) + wide * x for x, _ in outline] + [nan]
            ys += [(well.y or 0.0) + high * y for _, y in outline] + [nan]
    return xs, ys


def _circle() -> list[tuple[float, float]]:
    angles = [2 * pi * corner / CORNERS for corner in range(CORNERS + 1)]
    return [(cos(angle), sin(angle)) for angle in angles]


def _square() -> list[tuple[float, float]]:
    return [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
