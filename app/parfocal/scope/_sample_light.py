"""How the living sample answers to light: which cells got how much when, and what they do then.

A cell that got light becomes brighter and creeps towards it, and forgets it after a while; its
daughters do what was left of it. Light that falls at a timepoint is answered from the next one on,
so that the order of the frames within a timepoint changes nothing.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.scope._sample import Cells

__all__ = ["FULL_MS", "SampleLight"]

FULL_MS = 100.0  # at full power; more changes nothing
BRIGHTER = 1.2
CREEPS_UM = 4.0
REACH_UM = 6.0  # light is felt here around the middle of a cell
REMEMBERED = 40.0  # timepoints
FEELERS = 8


class SampleLight:
    """The light that fell on the cells of one dish, by their identity."""

    def __init__(self) -> None:
        self._felt: dict[int, list[tuple[float, float, float, float]]] = {}

    def forget(self) -> None:
        """A new experiment begins: no cell remembers any light."""
        self._felt = {}

    @property
    def felt(self) -> frozenset[int]:
        """Which cells got light."""
        return frozenset(self._felt)

    def feelers(self, cells: Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The places (y, x) at which each cell feels light: its middle, and a ring around it."""
        angles = np.arange(FEELERS) * 2 * np.pi / FEELERS
        dy, dx = np.append(np.sin(angles), 0) * REACH_UM, np.append(np.cos(angles), 0) * REACH_UM
        return cells.y[:, None] + dy, cells.x[:, None] + dx

    def fall(self, t: float, cells: Cells, light: NDArray[Any]) -> None:
        """Light of 0 to 1 fell on the feelers of these cells at timepoint `t`."""
        angles = np.arange(FEELERS) * 2 * np.pi / FEELERS
        ring = light[:, :FEELERS]
        dose = light.mean(axis=1)
        total = np.maximum(light.sum(axis=1), 1e-9)
        dy = (ring * np.sin(angles)).sum(axis=1) / total
        dx = (ring * np.cos(angles)).sum(axis=1) / total
        for row in np.flatnonzero(dose > 0.02).tolist():
            felt = (t, float(dose[row]), float(dy[row]), float(dx[row]))
            self._felt.setdefault(int(cells.identity[row]), []).append(felt)

    def answered(self, cells: Cells, t: float) -> Cells:
        """The cells with what they do because of the light before `t`."""
        if not self._felt:
            return cells
        x, y, brightness = cells.x.copy(), cells.y.copy(), cells.brightness.copy()
        families = zip(cells.identity.tolist(), cells.parent.tolist(), strict=True)
        for row, family in enumerate(families):
            for identity in family:
                for felt, dose, dy, dx in self._felt.get(identity, ()):
                    since = t - felt
                    if 0 < since < REMEMBERED:
                        brightness[row] *= 1 + BRIGHTER * dose * since / 2 * np.exp(1 - since / 2)
                        crept = CREEPS_UM * dose * (1 - np.exp(-since)) * np.exp(-since / 8)
                        y[row] += crept * dy
                        x[row] += crept * dx
        return replace(cells, x=x, y=y, brightness=brightness)
