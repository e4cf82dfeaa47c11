"""How tables are read as points, tracks and outlines; no window is needed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parfocal.store import write_table
from parfocal.viewer import _result_watch
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._mark_data import MOST_SHAPES, outlines_of, points_of, tracks_of
from parfocal.viewer._result_marks import FieldsKnown, Marks, read_marks
from parfocal.viewer._result_watch import MarkResult
from parfocal.viewer._store_source import StoreSource
from viewer.cells import SLICES, TIMES, record
from viewer.grounds import ground_of

TWO = FieldsKnown((("left", "A/1/0"), ("right", "A/1/1")), (2.0, 0.5, 0.25))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return record(tmp_path / "cells.ome.zarr")


def marks(store: Path, rows: list[dict[str, Any]], **others: Any) -> Marks:
    write_table(store, "marks", rows, **others)
    found = read_marks(store, "marks", TWO)
    assert found is not None
    return found


def test_pixels_are_pixels_and_micrometres_are_from_the_first_voxel(store: Path) -> None:
    rows = [
        {"t": 1, "p": 1, "z": 2, "y": 10.5, "x": 4},
        {"t": 0, "p": 0, "z": 0, "y": 0, "x": 0},
    ]
    pixels = marks(store, rows)
    assert pixels.kind == "points"
    assert pixels.places.tolist() == [[1, 1, 2, 10.5, 4], [0, 0, 0, 0, 0]]
    rows = [{"t": 1, "field": "right", "z_um": 4.0, "y_um": 5.25, "x_um": 1.0, "area": 3}]
    micrometres = marks(store, rows)
    assert micrometres.places.tolist() == [[1, 1, 2, 10.5, 4]]
    assert {name: list(numbers) for name, numbers in micrometres.values.items()} == {"area": [3.0]}
    by_path = marks(store, [{"field": "A/1/1", "y": 1, "x": 1}, {"field": "none", "y": 1, "x": 1}])
    assert by_path.places[:, 1].tolist() == [1]
    assert by_path.without_place == 1


def test_a_table_without_a_place_is_none_and_one_without_a_field_says_so(store: Path) -> None:
    write_table(store, "words", [{"t": 0, "x": 3, "word": "y"}])
    assert read_marks(store, "words", TWO) is None
    write_table(store, "homeless", [{"t": 0, "y": 1, "x": 2}])
    with pytest.raises(ViewerError, match="of which of the 2 fields"):
        read_marks(store, "homeless", TWO)
    only = FieldsKnown((("one", "A/1/0"),), (1.0, 1.0, 1.0))
    found = read_marks(store, "homeless", only)
    assert found is not None
    assert found.places[0, 1] == 0


def test_tracks_have_parents_and_numbers_that_napari_can_hold(store: Path) -> None:
    rows = [
        {"track": 2**60, "t": 1, "p": 0, "y": 1, "x": 1, "parent": 2**61},
        {"track": 2**61, "t": 0, "p": 0, "y": 2, "x": 1, "parent": None},
        {"track": 5, "t": 0, "p": 1, "y": 3, "x": 1, "parent": 2**61},  # in another field
        {"track": None, "t": 0, "p": 1, "y": 3, "x": 1, "parent": None},
        {"track": 5, "t": None, "p": 1, "y": 3, "x": 1, "parent": None},
        {"track": 5, "t": 99, "p": 1, "y": 3, "x": 1, "parent": None},  # beyond the picture
    ]
    found = marks(store, rows)
    assert (found.kind, found.without_place) == ("tracks", 2)
    with closing(StoreSource(store)) as source:
        sizes = source.facts.sizes
    left, right = (tracks_of(found, p, sizes) for p in (0, 1))
    assert left.rows[:, 1:].tolist() == [[1, 2, 1, 1], [0, 2, 2, 1]]  # without z: the middle plane
    child, parent = left.rows[:, 0]
    assert left.graph == {child: [parent]}
    assert max(child, parent) < 10
    assert (len(right.rows), right.graph) == (1, {})
    assert len(tracks_of(found, 7, sizes).rows) == 0


def test_what_says_no_plane_is_on_all_of_them(store: Path) -> None:
    with closing(StoreSource(store)) as source:
        sizes, ground = source.facts.sizes, ground_of(source.facts)
    points = points_of(marks(store, [{"t": 2, "p": 1, "y": 4, "x": 5, "n": 8}]), ground, sizes)
    assert points.places.tolist() == [[2, 1, z, 4, 5] for z in range(SLICES)]
    assert points.values["n"].tolist() == [8] * SLICES
    always = points_of(marks(store, [{"p": 0, "z": 1, "y": 4, "x": 5}]), ground, sizes)
    assert always.places.tolist() == [[t, 0, 1, 4, 5] for t in range(TIMES)]


def test_outlines_keep_their_corners_in_order(store: Path) -> None:
    with closing(StoreSource(store)) as source:
        sizes, ground = source.facts.sizes, ground_of(source.facts)
    corners = [(9, 1), (3, 4), (5, 8), (1, 1)]
    rows = [
        {"shape": shape, "kind": kind, "t": t, "p": 0, "z": 1, "y": y, "x": x}
        for y, x in corners
        for shape, kind, t in ((1, "polygon", 0), (1, "polygon", 1), (2, "ellipse", 0))
    ]
    rows += [{"shape": 3, "kind": "line", "t": 0, "p": 0, "z": 1, "y": 0, "x": 0}]
    found, left_out = outlines_of(marks(store, rows), ground, sizes)
    assert left_out == 0
    assert sorted(outline.kind for outline in found) == ["ellipse", "polygon", "polygon"]
    for outline in found:
        assert outline.vertices[:, -2:].tolist() == [list(corner) for corner in corners]
    many = [
        {"shape": n, "t": 0, "p": 0, "z": 0, "y": y, "x": x}
        for n in range(MOST_SHAPES + 5)
        for y, x in corners
    ]
    found, left_out = outlines_of(marks(store, many), ground, sizes)
    assert (len(found), left_out) == (MOST_SHAPES, 5)


def test_marks_results_are_named_by_kind_and_table(store: Path) -> None:
    found = marks(store, [{"p": 0, "y": 1, "x": 1}])
    table = _result_watch.TableFound("table:spots", "spots", ())
    assert MarkResult(table, found).title == "points · spots"
