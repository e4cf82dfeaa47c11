"""The living sample knows where its cells are: so does the pipeline."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np
from living_cells import Dish, seen_as

from parfocal.react import Lineage, Pipeline, Seen, ready

CELLS, FRAMES = 50, 30


def test_ninety_five_of_a_hundred_cells_keep_their_track_over_thirty_pictures() -> None:
    dish = Dish(672)
    pipeline = ready(Pipeline.model_validate({"segment": "otsu", "track": "laptrack"}))
    lineage = Lineage.begin()
    names: dict[int, list[int]] = defaultdict(list)
    mothers: dict[int, set[int]] = defaultdict(set)
    for t in range(FRAMES):
        picture = dish.picture(t)
        cells = pipeline.cells(Seen(t, 0, picture.shape, {"DAPI": picture}))
        assert cells is not None
        lineage, cells = pipeline.followed(lineage, cells)
        truth = dish.truth(t)
        assert len(truth.identity) >= CELLS
        for identity, row in seen_as(truth, cells).items():
            names[identity].append(int(cells.table["track"][row]) if row >= 0 else 0)
            mothers[identity].add(int(cells.table["parent"][row]) if row >= 0 else 0)
    # from one picture to the next, a cell is the same as before
    links = [(a, b) for seen in names.values() for a, b in itertools.pairwise(seen)]
    kept = sum(a == b != 0 for a, b in links)
    assert kept / len(links) >= 0.95
    # and over all the pictures in which it was, but for one at its birth
    whole = [_has_one_track(seen) for seen in names.values() if len(seen) > 2]
    assert sum(whole) / len(whole) >= 0.95
    born = [parents for parents in mothers.values() if parents - {0}]
    assert len(born) >= 20  # daughters that know their mother


def _has_one_track(seen: list[int]) -> bool:
    name, often = Counter(seen).most_common(1)[0]
    return name != 0 and often >= 0.85 * len(seen)


def test_cells_are_found_where_they_are() -> None:
    dish = Dish(512)
    picture = dish.picture(3)
    pipeline = ready(Pipeline.model_validate({"segment": "otsu"}))
    cells = pipeline.cells(Seen(3, 0, picture.shape, {"DAPI": picture}))
    assert cells is not None
    truth = dish.truth(3)
    rows = seen_as(truth, cells)
    found = [row for row in rows.values() if row >= 0]
    assert len(found) >= 0.95 * len(rows)
    assert len(set(found)) >= 0.95 * len(rows)  # hardly two are one
    off_y = np.array([cells.table["y"][row] for row in rows.values() if row >= 0])
    off_y -= np.array([y for y, row in zip(truth.y, rows.values(), strict=True) if row >= 0])
    assert abs(float(np.median(off_y))) < 1.0  # no shift of the whole picture
