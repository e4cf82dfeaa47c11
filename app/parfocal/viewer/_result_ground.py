"""Say where planes and marks lie in a window: along an axis for each slider, then y and x."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._result_labels import Plane
from parfocal.viewer._result_marks import Numbers


@dataclass(frozen=True, slots=True)
class Ground:
    """The axes of a window and how the pixels of full resolution lie along them.

    `sliders` are `time`, `well`, `field`, `channel`, `z` or some of them, in the window's order;
    z is the last one. `fixed` has the number of each that has layers instead of a slider, of which
    this is one, called `title`. `fields` has of each field the number of its well and its number
    in there. `labels`, `scale`, `translate` and `units` have an entry for each slider, y and x.
    """

    sliders: tuple[str, ...]
    lengths: tuple[int, ...]
    fields: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    scale: tuple[float, ...]
    translate: tuple[float, ...]
    units: tuple[str, ...]
    fixed: Mapping[str, int] = field(default_factory=dict)
    title: str = ""

    @property
    def has_z(self) -> bool:
        """Whether z has a slider."""
        return "z" in self.sliders

    def plane(self, numbers: tuple[int, ...]) -> Plane | None:
        """The plane where the sliders stand; None for a field that a well has not."""
        at = {**self.fixed, **dict(zip(self.sliders, numbers, strict=True))}
        where = at.get("well", 0), at.get("field", 0)
        if where not in self.fields:
            return None
        return at.get("time", 0), self.fields.index(where), at.get("z", 0)

    def holds(self, places: Numbers) -> NDArray[np.bool_]:
        """Which places of t, p, z, y, x are on this one of several."""
        found = self._found(places)
        held = np.ones(len(places), dtype=bool)
        for name, number in self.fixed.items():
            if name in found:
                held &= np.isnan(found[name]) | (np.round(found[name]) == number)
        return held

    def columns(self, places: Numbers) -> Numbers:
        """Places along the axes; NaN where they lie at every number of one."""
        found, everywhere = self._found(places), np.full(len(places), np.nan)
        sliders = [found.get(slider, everywhere) for slider in self.sliders]
        return np.column_stack([*sliders, places[:, 3], places[:, 4]])

    def _found(self, places: Numbers) -> dict[str, Numbers]:
        p = places[:, 1].astype(int)
        wells, fields = np.array(self.fields, dtype=float).reshape(-1, 2).T
        return {"time": places[:, 0], "well": wells[p], "field": fields[p], "z": places[:, 2]}
