"""Show the tracks of one field of several: napari's own tracks know only t, z, y and x.

A layer of t, z, y, x in a window of t, p, z, y, x lies along p, z, y, x: napari would take the
field for the time. This one is told the timepoint, and lies at the number of the field.
"""

from typing import Any

import numpy as np
from napari.layers import Tracks

from parfocal.viewer._mark_data import TrackRows

# napari cannot hold a layer without a track; one of a single point draws no line.
_NOTHING = np.zeros((1, 5))
_ID_T_Y_X = [0, 1, 3, 4]


class FieldTracksLayer(Tracks):  # type: ignore[misc]  # napari ships no types
    """Tracks of the field on screen, up to the timepoint on screen."""

    def __init__(self, *, has_z: bool, **options: Any) -> None:
        self.field: int | None = None
        self._columns = list(range(5)) if has_z else _ID_T_Y_X
        self._moment = self._along = 0
        super().__init__(_NOTHING[:, self._columns], **options)

    @property
    def current_time(self) -> int:
        """The timepoint on screen."""
        return self._moment

    @property
    def _type_string(self) -> str:
        return "tracks"

    @property
    def _extent_data(self) -> Any:
        extent = super()._extent_data.copy()
        extent[:, 0] = self._along
        return extent

    def _get_value(self, position: Any) -> int | None:
        value: int | None = super()._get_value((self._moment, *position[1:]))
        return value

    def show(self, field: int | None, numbers: tuple[int, ...], tracks: TrackRows) -> None:
        """Have the tracks of a field, coloured as before; `numbers` is where the sliders stand."""
        self.field = field
        self._along = numbers[3 - len(self._columns)]
        color_by = self.color_by  # type: ignore[has-type]  # napari has not annotated it
        self.color_by = "track_id"  # else napari warns that the colour's column is gone
        self.data = (tracks.rows if len(tracks.rows) else _NOTHING)[:, self._columns]
        if len(tracks.rows):
            self.features = tracks.values
            self.graph = tracks.graph
            if color_by in self.properties_to_color_by:
                self.color_by = color_by
        self.refresh()

    def go_to(self, moment: int) -> None:
        """Draw them up to a timepoint."""
        if moment != self._moment:
            self._moment = moment
            self.events.set_data()
