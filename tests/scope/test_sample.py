"""The living sample is the same whenever it is asked, and its truth is fit to test tracking on."""

from __future__ import annotations

import numpy as np

from parfocal.scope._sample import Cells, Kind, Region, Sample

WIDE = Region(-600.0, -600.0, 600.0, 600.0)


def by_identity(cells: Cells) -> dict[int, tuple[float, float]]:
    return {
        number: (x, y)
        for number, x, y in zip(
            cells.identity.tolist(), cells.x.tolist(), cells.y.tolist(), strict=True
        )
    }


def test_a_moment_is_the_same_in_whatever_order_it_is_asked_for() -> None:
    forward, backward = Sample(seed=3), Sample(seed=3)
    first = [forward.cells(t) for t in range(6)]
    second = [backward.cells(t) for t in reversed(range(6))][::-1]
    for a, b in zip(first, second, strict=True):
        assert a.identity.tolist() == b.identity.tolist()
        np.testing.assert_array_equal(a.x, b.x)
        np.testing.assert_array_equal(a.brightness, b.brightness)


def test_seeds_give_different_dishes() -> None:
    assert not set(Sample(1).cells(0).x.tolist()) & set(Sample(2).cells(0).x.tolist())


def test_a_region_holds_the_same_cells_as_the_wide_dish_does_there() -> None:
    sample = Sample(seed=1)
    wide = by_identity(sample.cells(9, WIDE))
    small = Region(100.0, -200.0, 300.0, 0.0)
    expected = {
        number: at
        for number, at in wide.items()
        if small.left <= at[0] < small.right and small.top <= at[1] < small.bottom
    }
    assert by_identity(sample.cells(9, small)) == expected
    assert len(expected) > 5


def test_no_cell_appears_twice() -> None:
    for t in range(0, 90, 7):
        identities = Sample(seed=1).cells(t, WIDE).identity.tolist()
        assert len(identities) == len(set(identities))


def test_cells_crawl_but_do_not_jump() -> None:
    sample = Sample(seed=1)
    moved = []
    for t in range(40):
        now, then = by_identity(sample.cells(t, WIDE)), by_identity(sample.cells(t + 1, WIDE))
        moved += [
            np.hypot(now[n][0] - then[n][0], now[n][1] - then[n][1]) for n in now & then.keys()
        ]
    assert 0.5 < np.median(moved) < 3
    assert max(moved) < 8


def test_a_division_gives_two_daughters_that_name_their_mother() -> None:
    sample = Sample(seed=1)
    before, after = sample.cells(10, WIDE), sample.cells(11, WIDE)
    born = after.where(
        ~np.isin(after.identity, before.identity) & np.isin(after.parent, before.identity)
    )
    assert len(born) >= 10
    inner = before.where(np.maximum(np.abs(before.x), np.abs(before.y)) < 560)
    for mother in set(born.parent.tolist()) & set(inner.identity.tolist()):
        daughters = after.where(after.parent == mother)
        assert len(daughters) == 2
        x, y = by_identity(before)[mother]
        assert np.hypot(daughters.x - x, daughters.y - y).max() < 15


def test_the_dish_neither_fills_up_nor_empties() -> None:
    sample = Sample(seed=1)
    numbers = [len(sample.cells(t, WIDE)) for t in (0, 50, 500, 5000)]
    assert max(numbers) < 1.3 * min(numbers)


def test_some_cells_divide_and_some_die_in_every_wide_view() -> None:
    kinds = Sample(seed=1).cells(0, WIDE).kind
    assert {Kind(kind) for kind in kinds.tolist()} == set(Kind)
