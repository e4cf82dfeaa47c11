"""Follow cells from one picture to the next, and see them divide."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from parfocal.react._seen import Table
from parfocal.react.parts._part import PIXELS, Part

__all__ = ["LapTracker"]


class LapTracker(Part):
    """LapTrack's linear assignment over two pictures, with splits where a cell divides."""

    farthest: Annotated[float, Field(gt=0), PIXELS] = 24.0
    """How far a cell may go from one picture to the next, in pixels."""
    daughters: Annotated[float, Field(ge=0), PIXELS] = 20.0
    """How far a daughter may be from where its mother was, in pixels; 0: cells do not divide."""
    memory: Annotated[int, Field(ge=0, le=100)] = 2
    """For how many pictures a cell may not be seen and is still the same when it comes back."""

    def prewarm(self) -> None:
        """Import LapTrack and what it stands on, which takes seconds."""
        place = {"y": np.arange(2.0), "x": np.arange(2.0)}
        self.link(place, place)

    def link(self, before: Table, now: Table) -> NDArray[np.int64]:
        from laptrack import LapTrack

        origins = np.full(len(now["y"]), -1, dtype=np.int64)
        if not len(origins) or not len(before["y"]):
            return origins
        tracker = LapTrack(
            cutoff=self.farthest**2,
            gap_closing_cutoff=False,
            splitting_cutoff=self.daughters**2 or False,
            # a price of its own: estimated from two pictures it is that of the few farthest moves
            track_start_cost=self.farthest**2,
            track_end_cost=self.farthest**2,
            segment_start_cost=self.daughters**2 or None,
            no_splitting_cost=self.daughters**2 or None,
        )
        for (_, origin), (_, cell) in tracker.predict([_places(before), _places(now)]).edges():
            origins[cell] = origin
        return origins


def _places(table: Table) -> NDArray[Any]:
    return np.column_stack([table["y"], table["x"]]).astype(float)
