"""Know which plane the sliders stand on, and move them to another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from parfocal.viewer.child._arrangement import Arrangement, Numbers

Place = tuple[int, int, int]
"""t, p, z: what the operations of a viewer speak of. p is -1 for a field that a well has not."""

NO_FIELD = -1


class Sliders:
    """The sliders of an arrangement. What has a layer for each value has no slider: there the
    value that was gone to last counts."""

    def __init__(self, viewer: Any, arrangement: Arrangement) -> None:
        self._viewer = viewer
        self._arrangement = arrangement
        self._at = dict.fromkeys(("time", "well", "field", "channel", "z"), 0)
        self._held = 0
        self._untold = False  # of a glide

    @property
    def held(self) -> bool:
        """Whether it is us who move them, and not the user."""
        return self._held > 0

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Move them, or the layers that they are of."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def remember(self) -> bool:
        """Keep where they stand, for a window whose last layer is deleted has none; True when
        they were moved, and not only to another channel."""
        before, self._at = self._at, self.at()
        return before | {"channel": 0} != self._at | {"channel": 0}

    def stand_again(self) -> None:
        """Stand where they stood."""
        self.tell()
        with self.holding():
            self._set_points()

    def tell(self) -> None:
        """Show their handles, and tell who listens, where `glide` has brought them."""
        if self._untold:
            self._untold = False
            dims = self._viewer.dims
            with self.holding():
                for layer in self._viewer.layers:
                    layer.refresh(data_displayed=False)
                dims.events.point(value=dims.point)
                dims.events.current_step(value=dims.current_step)

    def rearrange(self, arrangement: Arrangement) -> None:
        """Have the sliders of another arrangement; `go` says where they shall stand."""
        self._arrangement = arrangement

    def numbers(self) -> Numbers:
        """Where each slider stands."""
        axes = self._arrangement.axes
        if self._first() < 0:
            return tuple(self._at[axis] for axis in axes)
        points = zip(
            axes, self._world(), self._arrangement.steps, self._arrangement.lengths, strict=True
        )
        return tuple(
            min(max(0, round((point - self._offset(axis)) / step)), length - 1)
            for axis, point, step, length in points
        )

    def place(self) -> Place:
        """The plane on screen."""
        at = self.at()
        fields = self._arrangement.fields_of(at["well"])
        p = fields[at["field"]] if at["field"] < len(fields) else NO_FIELD
        return at["time"], p, at["z"]

    def channel(self) -> int | None:
        """The channel on screen, where channels have a slider."""
        return self.at()["channel"] if "channel" in self._arrangement.axes else None

    def at(self) -> dict[str, int]:
        """The number of each component's value on screen."""
        return {**self._at, **dict(zip(self._arrangement.axes, self.numbers(), strict=True))}

    def go(self, place: Place, channel: int | None = None) -> None:
        """Stand on a plane."""
        t, p, z = place
        now = self.at()
        wanted = self._arrangement.place((t, max(p, 0), now["channel"], z))
        if p == NO_FIELD:
            wanted |= {"well": now["well"], "field": now["field"]}
        if channel is not None:
            wanted["channel"] = channel
        self._at = wanted
        self.stand_again()

    def glide(self, place: Place) -> None:
        """Stand on a plane of a running picture: the layers show it now, the rest hears of it by
        `tell`. What hears of a step costs more than the step, at thirty pictures a second a
        fifth of a paint."""
        t, p, z = place
        self._at = self._arrangement.place((t, p, self.at()["channel"], z))
        dims = self._viewer.dims
        with dims.events.blocker_all():
            self._set_points()
        self._untold = True
        for layer in self._viewer.layers:
            if layer._slicing_state.set_slice_input_from_dims(dims, False):
                layer._refresh_sync(
                    data_displayed=True, thumbnail=False, highlight=False, extent=False
                )

    def _set_points(self) -> None:
        axes, first = self._arrangement.axes, self._first()
        if first < 0:  # no layer is left, and so no slider
            return
        points = [
            self._at[axis] * step + self._offset(axis)
            for axis, step in zip(axes, self._arrangement.steps, strict=True)
        ]
        self._viewer.dims.set_point(tuple(range(first, first + len(axes))), points)

    def _first(self) -> int:
        """The first of our axes: other layers may have more of them, which come before."""
        return int(self._viewer.dims.ndim) - len(self._arrangement.axes) - 2

    def _world(self) -> tuple[float, ...]:
        first = self._first()
        return tuple(self._viewer.dims.point[first : first + len(self._arrangement.axes)])

    def _offset(self, axis: str) -> float:
        """Where z begins: a layer of one field is as high as its field."""
        if axis != "z":
            return 0.0
        well, field = self._at["well"], self._at["field"]
        only = self._arrangement.only_field(self._arrangement.key_at(well, field))
        return 0.0 if only is None else self._arrangement.facts.fields[only].origin_um[0]
