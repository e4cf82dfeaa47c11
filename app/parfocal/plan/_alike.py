"""Lay out places that are all taken alike: one of them by useq, the others as copies of it.

useq takes 55 µs for an exposure: the 3,456 fields of a plate with nine in a well took 0.5 s at each
letter that was typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import uuid4

import useq

from parfocal.plan._compile import Exposures, Shot, name_of_field, one_by_one, well_of
from parfocal.plan._schedule import Field, Index

__all__ = ["Alike", "are_alike", "exposures_of"]


def exposures_of(sequence: useq.MDASequence, power: dict[str, float]) -> Exposures:
    """Lay out every exposure of a sequence whose places are settled (`placed`)."""
    if not are_alike(sequence):
        return one_by_one(sequence, power)
    return Alike.of(sequence, power).exposures()


def are_alike(sequence: useq.MDASequence) -> bool:
    """Whether what is done at each place is the same, but for where that is.

    An autofocus and a shutter that stays open look at the exposure before or after.
    """
    places = sequence.stage_positions
    grid, order = sequence.grid_plan, sequence.axis_order
    if len(places) < 2 or sequence.autofocus_plan or sequence.keep_shutter_open_across:
        return False
    if "p" not in order or (grid is not None and not grid.is_relative):
        return False
    timed = sequence.time_plan is not None and "t" in order
    if timed and order.index("p") < order.index("t"):
        return False  # each place has a series of its own, one after the other
    tiled = grid is not None and "g" in order
    if tiled and order.index("g") < order.index("p"):
        return False
    ways = {(place.x is None, place.y is None, place.z is None) for place in places}
    bare = all(place.sequence is None and not place.properties for place in places)
    return bare and len(ways) == 1


@dataclass(frozen=True)
class Alike:
    """The shots of one place, which stands at height 0, and all the places."""

    first: Exposures
    places: tuple[useq.Position, ...]
    tiles: tuple[useq.RelativePosition, ...]
    """Of the grid at each place; none without a grid."""
    heights: tuple[float, ...]
    """How much higher than the first shots each place is."""
    before: tuple[str, ...]
    """The axes that go on only when all places have been visited."""

    @classmethod
    def of(cls, sequence: useq.MDASequence, power: dict[str, float]) -> "Alike":
        """Lay out one place of a sequence whose places are alike."""
        places = tuple(sequence.stage_positions)
        relative = sequence.z_plan is None or sequence.z_plan.is_relative
        one = places[0]
        raised = relative and one.z is not None
        if raised:
            one = one.model_copy(update={"z": 0.0})
        # a uid of its own, or useq finds the whole one in its caches and compares the two each time
        alone = sequence.model_copy(update={"stage_positions": (one,), "uid": uuid4()})
        tiled = sequence.grid_plan is not None and "g" in sequence.axis_order
        order = sequence.axis_order
        return cls(
            one_by_one(alone, power),
            places,
            tuple(alone.iter_axis("g")) if tiled else (),  # type: ignore[arg-type] # of a grid
            tuple(place.z or 0.0 for place in places) if raised else (0.0,) * len(places),
            tuple(order[: order.index("p")]),
        )

    def exposures(self, most: int | None = None) -> Exposures:
        """All fields and channels, with the shots of all places, or of the first `most`."""
        first, size = self.first, max(1, len(self.tiles))
        return Exposures(
            list(self._shots(len(self.places) if most is None else most)),
            tuple(self._fields()),
            first.channels,
            tuple(
                tuple(None if z is None else z + height for z in first.heights[tile])
                for height in self.heights
                for tile in range(size)
            ),
            first.middles * len(self.places),
        )

    def _fields(self) -> Iterator[Field]:
        tiles: Sequence[int | None] = range(len(self.tiles)) if self.tiles else (None,)
        number = 0
        for place, height in zip(self.places, self.heights, strict=True):
            well = well_of(place)
            for tile in tiles:
                x, y = self._place(place, tile or 0)
                z = self.first.fields[tile or 0].z
                name = name_of_field(place.name, number, tile)
                yield Field(number, name, x, y, None if z is None else z + height, well)
                number += 1

    def _place(self, place: useq.Position, tile: int) -> tuple[float | None, float | None]:
        if not self.tiles:
            return place.x, place.y
        at = self.tiles[tile]
        return at.x + (place.x or 0), at.y + (place.y or 0)

    def _shots(self, most: int) -> Iterator[Shot]:
        """In useq's order: what is done at one place, then the same at the next one."""
        first, size = self.first, max(1, len(self.tiles))
        count = len(self.places)
        which = range(min(most, count))
        where = [[self._place(place, tile) for tile in range(size)] for place in self.places[:most]]

        def before(shot: Shot) -> tuple[int | None, ...]:
            return tuple(shot.request.index.get(axis) for axis in self.before)

        for _, group in groupby(first.shots, before):
            # useq's own mapping is five times slower to copy
            shots = [(shot, dict(shot.request.index)) for shot in group]
            for p in which:
                place, height = self.places[p], self.heights[p]
                for shot, index in shots:
                    assert shot.at is not None  # only an autofocus has no index
                    row, tile = divmod(shot.event, size)
                    x, y = where[p][shot.at.p]
                    z = shot.request.z_pos
                    request = shot.request.model_copy(
                        update={
                            "index": {**index, "p": p},
                            "pos_name": place.name or None,
                            "x_pos": x,
                            "y_pos": y,
                            "z_pos": None if z is None else z + height,
                        }
                    )
                    at = Index(shot.at.t, p * size + shot.at.p, shot.at.c, shot.at.z)
                    event = (row * count + p) * size + tile
                    yield Shot(shot.kind, event, at, shot.due, request, shot.power)
