"""What the built-in parts measure and where they give light."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from parfocal.react import Cells, Pipeline, ReactError, Seen, ready
from parfocal.react._ready import _places

LABELS = np.zeros((40, 60), np.int32)
LABELS[5:15, 10:30] = 1  # a broad one
LABELS[20:36, 40:46] = 5  # a high one; numbers have gaps
PICTURE = np.where(LABELS == 1, 300, np.where(LABELS == 5, 200, 100)).astype(np.uint16)
SEEN = Seen(0, 0, LABELS.shape, {"A": PICTURE}, metadata={"spot": {"y": 9, "x": 9, "radius": 3}})
CELLS = Cells(LABELS, _places(LABELS))


def mask_of(stimulator: str, seen: Seen = SEEN, cells: Cells | None = CELLS, **given: Any) -> Any:
    tree = {"segment": "otsu", "stimulate": {stimulator: given}}
    return ready(Pipeline.model_validate(tree)).mask(seen, cells)


def measured(**given: Any) -> dict[str, list[float]]:
    (name,) = given
    pipeline = ready(
        Pipeline.model_validate(
            {"segment": "otsu", "measure": [{name.replace("_", "-"): given[name]}]}
        )
    )
    extractor = pipeline._extractors[0]
    return {
        key: list(map(float, column)) for key, column in extractor("measure", CELLS, SEEN).items()
    }


def test_cells_are_placed_in_the_order_of_their_numbers() -> None:
    table = {name: column.tolist() for name, column in CELLS.table.items()}
    assert table == {"label": [1, 5], "y": [9.5, 27.5], "x": [19.5, 42.5], "area": [200, 96]}


def test_brightness_is_measured_in_every_channel_or_in_those_named() -> None:
    assert measured(intensity={}) == {"mean_A": [300.0, 200.0]}
    with pytest.raises(ReactError, match="the channel 'B' is to be measured, and was not imaged"):
        measured(intensity={"channels": ["B"]})


def test_the_ring_around_a_nucleus_is_compared_with_it() -> None:
    found = measured(ring_ratio={"channel": "A", "width": 2})
    assert found["ring_A"] == [100.0, 100.0]  # as dark as the background
    assert found["ratio_A"] == [0.0, 0.0]


def test_the_shape_of_a_square_is_no_line() -> None:
    found = measured(shape={})
    assert found["eccentricity"][0] < found["eccentricity"][1] < 1
    assert abs(found["orientation"][0]) == pytest.approx(np.pi / 2)
    assert found["orientation"][1] == pytest.approx(0)


def test_light_falls_on_whole_cells_and_around_them() -> None:
    assert np.array_equal(mask_of("whole-cell"), LABELS > 0)
    assert mask_of("whole-cell", grow=2).sum() > (LABELS > 0).sum()


@pytest.mark.parametrize(
    ("angle", "row", "column"), [(0, None, 1), (180, None, -1), (90, -1, None), (-90, 1, None)]
)
def test_half_of_each_cell_lies_towards_the_angle(
    angle: float, row: int | None, column: int | None
) -> None:
    mask = mask_of("half-cell", angle=angle)
    for number, y, x in ((1, 9.5, 19.5), (5, 27.5, 42.5)):
        lit = np.argwhere(mask & (number == LABELS))
        assert len(lit) == (number == LABELS).sum() / 2
        away = lit.mean(axis=0) - (y, x)
        assert np.sign(away[1]) == column if column else np.sign(away[0]) == row


def test_along_its_own_axis_the_end_of_a_cell_is_lit() -> None:
    mask = mask_of("half-cell", axis="cell", angle=90)  # the upper or right end
    high = np.argwhere(mask & (LABELS == 5))
    assert high[:, 0].max() < 28
    assert len(np.unique(high[:, 1])) == 6


def test_a_front_is_a_share_of_the_length() -> None:
    lit = np.argwhere(mask_of("front", share=0.25) & (LABELS == 1))
    assert lit[:, 1].min() == 25  # from column 10 to 29, the last quarter
    assert not mask_of("front", cells=Cells(LABELS * 0, _places(LABELS * 0))).any()


def test_who_was_drawn_stays_drawn_by_its_track() -> None:
    labels = np.arange(1, 401, dtype=np.int32).reshape(20, 20)
    seen = Seen(0, 0, labels.shape)
    cells = Cells(labels, _places(labels)).with_columns({"track": np.arange(400)})
    mask = mask_of("random-share", seen, cells, share=0.3)
    assert 0.2 < mask.mean() < 0.4
    renumbered = Cells(labels[::-1], _places(labels)).with_columns({"track": np.arange(400)})
    assert np.array_equal(mask_of("random-share", seen, renumbered, share=0.3), mask[::-1])
    assert mask_of("random-share", seen, cells, share=1).all()


def test_metadata_and_pictures_alone_are_enough_for_some() -> None:
    line = ready(Pipeline.model_validate({"stimulate": {"line": {"width": 4, "at": 0.25}}}))
    assert not line.looks
    assert np.array_equal(np.flatnonzero(line.mask(SEEN, None).all(axis=1)), [8, 9, 10, 11])
    spot = mask_of("spot", cells=None)
    assert (spot[9, 6], spot[9, 5], spot.sum()) == (True, False, 29)
    with pytest.raises(ReactError, match="do not say y, x and radius"):
        mask_of("spot", Seen(0, 0, (4, 4), metadata={"spot": 3}), None)
    bright = mask_of("bright", cells=None, share=0.9)
    assert np.array_equal(bright, LABELS == 1)
