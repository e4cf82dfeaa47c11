"""Turn a table's marks into what napari's layers hold, in pixels along the window's axes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._result_ground import Ground
from parfocal.viewer._result_marks import Marks, Numbers
from parfocal.viewer._source import Sizes

MOST_POINTS = 500_000
MOST_SHAPES = 2_000
_VERTICES = {"line": (2, 2), "path": (2, None), "rectangle": (4, 4), "ellipse": (4, 4)}
_POLYGON = (3, None)

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PointRows:
    """Places along the window's axes, and other numbers of each; `left_out` did not fit."""

    places: Numbers
    values: dict[str, NDArray[Any]]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class TrackRows:
    """Tracks of one field as napari has them: id, t, z, y, x; and which came from which."""

    rows: Numbers
    values: dict[str, NDArray[Any]]
    graph: dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline at one place."""

    kind: str
    vertices: Numbers


def points_of(marks: Marks, ground: Ground, sizes: Sizes) -> PointRows:
    """The points inside the picture; one without t or z is there at every one of them."""
    places, rows = _laid_out(marks, ground, sizes)
    kept = slice(0, MOST_POINTS)
    values = {name: numbers[rows[kept]] for name, numbers in marks.values.items()}
    return PointRows(places[kept], values, max(0, len(places) - MOST_POINTS))


def tracks_of(marks: Marks, p: int | None, sizes: Sizes) -> TrackRows:
    """The tracks of a field; one without z lies in the middle plane. None is no field."""
    rows = np.flatnonzero(_inside(marks.places, sizes) & marks.of_field(p))
    places = marks.places[rows]
    z = np.where(np.isnan(places[:, 2]), sizes.z // 2, places[:, 2])
    ids = marks.ids[rows]
    there = set(ids.tolist())
    graph = {
        child: [parent for parent in parents if parent in there]
        for (field, child), parents in marks.parents.items()
        if field == p and child in there
    }
    return TrackRows(
        np.column_stack([ids, places[:, 0], z, places[:, 3], places[:, 4]]),
        {name: numbers[rows] for name, numbers in marks.values.items()},
        {child: parents for child, parents in graph.items() if parents},
    )


def outlines_of(marks: Marks, ground: Ground, sizes: Sizes) -> tuple[list[Outline], int]:
    """The outlines inside the picture, and how many are left out because they are too many."""
    found: list[Outline] = []
    left_out = 0
    for outline in _outlines(marks, ground, sizes):
        if len(found) < MOST_SHAPES:
            found.append(outline)
        else:
            left_out += 1
    return found, left_out


def _outlines(marks: Marks, ground: Ground, sizes: Sizes) -> Iterator[Outline]:
    places, rows = _laid_out(marks, ground, sizes)
    ids = marks.ids[rows]
    sliders = list(places[:, :-2].T)
    # rows of one outline stay in the order in which they were written: that is the outline
    order = np.lexsort((np.arange(len(ids)), *sliders, ids))
    keys = np.column_stack([ids, *sliders])[order]
    starts = np.flatnonzero((np.diff(keys, axis=0) != 0).any(axis=1)) + 1
    for part in np.split(order, starts) if len(order) else ():
        kind = marks.shape_kinds.get(int(ids[part[0]]), "polygon")
        least, most = _VERTICES.get(kind, _POLYGON)
        if len(part) >= least and (most is None or len(part) <= most):
            yield Outline(kind, places[part])
        elif len(part) >= _POLYGON[0]:
            yield Outline("polygon", places[part])


def _laid_out(marks: Marks, ground: Ground, sizes: Sizes) -> tuple[Numbers, Rows]:
    """Places along the window's axes, and which row of the table each is from."""
    inside = np.flatnonzero(_inside(marks.places, sizes))
    rows = inside[ground.holds(marks.places[inside])]
    places = ground.columns(marks.places[rows])
    for axis, count in enumerate(ground.lengths):
        gaps = np.isnan(places[:, axis])
        if gaps.any():
            copies = np.where(gaps, min(count, 1 + MOST_POINTS // len(places)), 1)
            first = np.repeat(np.cumsum(copies) - copies, copies)
            number = np.arange(int(copies.sum())) - first
            places, rows = np.repeat(places, copies, axis=0), np.repeat(rows, copies)
            gaps = np.isnan(places[:, axis])
            places[gaps, axis] = number[gaps]
    return places, rows


def _inside(places: Numbers, sizes: Sizes) -> NDArray[np.bool_]:
    """Marks beyond the last plane would make the sliders longer than the picture."""
    t, z = places[:, 0], places[:, 2]
    inside_t = np.isnan(t) | (t < sizes.t - 0.5)
    inside_z = np.isnan(z) | ((z >= -0.5) & (z < sizes.z - 0.5))
    return np.asarray(inside_t & inside_z & (places[:, 1] < sizes.p))
