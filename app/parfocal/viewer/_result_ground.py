"""Say where planes and marks lie in a window: along an axis for each slider, then y and x."""

from dataclasses import dataclass

import numpy as np

from parfocal.viewer._result_labels import Plane
from parfocal.viewer._result_marks import Numbers
from parfocal.viewer._source import SourceFacts


@dataclass(frozen=True, slots=True)
class Ground:
    """The axes of a window and how the pixels of full resolution lie along them.

    `sliders` are `time`, `well`, `field`, `channel`, `z` or some of them, in the window's order.
    `fields` has of each field the number of its well and its number in there. `labels`, `scale`,
    `translate` and `units` have an entry for each slider, then for y and x.
    """

    sliders: tuple[str, ...]
    lengths: tuple[int, ...]
    fields: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    scale: tuple[float, ...]
    translate: tuple[float, ...]
    units: tuple[str, ...]

    @property
    def has_z(self) -> bool:
        """Whether z has a slider."""
        return "z" in self.sliders

    def plane(self, numbers: tuple[int, ...]) -> Plane | None:
        """The plane where the sliders stand; None for a field that a well has not."""
        at = dict(zip(self.sliders, numbers, strict=True))
        where = at.get("well", 0), at.get("field", 0)
        if where not in self.fields:
            return None
        return at.get("time", 0), self.fields.index(where), at.get("z", 0)

    def columns(self, places: Numbers) -> Numbers:
        """Places of t, p, z, y, x along the axes; NaN where they lie at every number of one."""
        p = places[:, 1].astype(int)
        wells, fields = np.array(self.fields, dtype=float).reshape(-1, 2).T
        found = {"time": places[:, 0], "well": wells[p], "field": fields[p], "z": places[:, 2]}
        everywhere = np.full(len(places), np.nan)
        sliders = [found.get(slider, everywhere) for slider in self.sliders]
        return np.column_stack([*sliders, places[:, 3], places[:, 4]])


def ground_of(facts: SourceFacts, channel: int = 0) -> Ground:
    """How a window lays out a store: t, all fields in a row, z."""
    sizes, level = facts.sizes, facts.levels_of(channel)[0]
    step = facts.time_step_s
    return Ground(
        sliders=("time", "field", "z"),
        lengths=(sizes.t, sizes.p, sizes.z),
        fields=tuple((0, p) for p in range(sizes.p)),
        labels=("t", "p", "z", "y", "x"),
        scale=(step or 1.0, 1.0, *level.scale_um),
        translate=(0.0, 0.0, *level.translation_um),
        units=("s" if step else "pixel", "pixel", "um", "um", "um"),
    )
