"""The map of the fields: where they are, in which order, in which wells, and which is taken now."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import compile_schedule, demo_experiment, experiment_from_sequence
from parfocal.ui.field_map import FieldMap, outlines
from parfocal.ui.theme import Theme
from parfocal.ui.well_outlines import wells_of


def test_the_map_marks_the_active_field_with_y_up_and_equal_aspect(qtbot: QtBot) -> None:
    map_ = FieldMap(Theme())
    qtbot.addWidget(map_)
    map_.bind(compile_schedule(demo_experiment()), (256.0, 256.0))
    map_.show_active(1, 2)
    assert map_.counter.text() == "Field 2/2"
    assert [point.pos().x() for point in map_.marker.points()] == [150]
    view = map_.plot.getViewBox()
    assert view.state["aspectLocked"] == 1.0
    assert not view.yInverted()
    map_.show_active(None, 2)
    assert map_.counter.text() == "2 fields"
    assert list(map_.marker.points()) == []


@pytest.mark.parametrize(("count", "named"), [(1, 1), (24, 24), (384, 0)])
def test_every_field_is_in_sight_and_many_have_no_names(
    qtbot: QtBot, count: int, named: int
) -> None:
    map_ = FieldMap(Theme())
    qtbot.addWidget(map_)
    map_.resize(300, 250)
    map_.show()
    places = [
        {"x": 4500.0 * (n % 24), "y": 500 - 4500.0 * (n // 24), "name": "a well with a long name"}
        for n in range(count)
    ]
    sequence = useq.MDASequence(
        channels=[{"config": "DAPI", "exposure": 1}], stage_positions=places
    )
    map_.bind(compile_schedule(experiment_from_sequence(sequence, "wells")), (0.0, 0.0))
    assert [item.toPlainText() for item in map_._names] == named * ["a well with a l…"]
    (left, right), (bottom, top) = map_.plot.viewRange()
    assert all(left < place["x"] < right for place in places)
    assert all(bottom < place["y"] < top for place in places)
    assert (left + right) / 2 == pytest.approx((places[0]["x"] + max(p["x"] for p in places)) / 2)


def test_a_field_without_a_place_is_where_the_stage_stands(qtbot: QtBot) -> None:
    map_ = FieldMap(Theme())
    qtbot.addWidget(map_)
    sequence = useq.MDASequence(channels=[{"config": "DAPI", "exposure": 1}])
    map_.bind(compile_schedule(experiment_from_sequence(sequence, "here")), (0.0, 0.0), (150, -20))
    assert [(p.pos().x(), p.pos().y()) for p in map_.points.points()] == [(150, -20)]


def test_an_edit_that_moves_no_field_draws_nothing_anew(qtbot: QtBot) -> None:
    map_ = FieldMap(Theme())
    qtbot.addWidget(map_)
    places = [(4500.0 * n, 0, 0) for n in range(30)]

    def bind(**plan: object) -> None:
        sequence = useq.MDASequence(**{"stage_positions": places, "channels": ["DAPI"], **plan})
        map_.bind(compile_schedule(experiment_from_sequence(sequence, "wells")), (256.0, 256.0))

    bind()
    with mock.patch.object(map_.points, "updateSpots") as drawn:
        bind(channels=["FITC"])
        assert drawn.call_count == 0
    with mock.patch.object(map_.points, "addPoints", wraps=map_.points.addPoints) as drawn:
        bind(stage_positions=[*places, (9, 9, 9)])
        assert drawn.call_count == 1
    assert len(map_.points.points()) == 31
    assert len(map_.path.getData()[0]) == 31


def test_outlines_are_as_large_as_what_the_camera_sees() -> None:
    xs, ys = outlines([(100.0, 50.0)], (20.0, 10.0))
    assert (min(xs[:5]), max(xs[:5]), min(ys[:5]), max(ys[:5])) == (90, 110, 45, 55)
    assert outlines([(0.0, 0.0)], (0.0, 0.0)) == ([], [])


@pytest.mark.parametrize(("plate", "corners"), [("96-well", 33), ("384-well", 5)])
def test_the_wells_of_a_plate_are_drawn_around_their_fields(
    qtbot: QtBot, plate: str, corners: int
) -> None:
    plan = useq.WellPlatePlan(plate=plate, a1_center_xy=(0, 0), selected_wells=([0, 1], [0, 2]))
    sequence = useq.MDASequence(channels=[{"config": "DAPI", "exposure": 1}], stage_positions=plan)
    experiment = experiment_from_sequence(sequence, "plate")
    xs, ys = wells_of(experiment)
    assert len(xs) == len(ys) == 2 * (corners + 1)
    map_ = FieldMap(Theme())
    qtbot.addWidget(map_)
    map_.bind(compile_schedule(experiment), (256.0, 256.0), wells=(xs, ys))
    ((left, right), (bottom, top)) = map_.plot.viewRange()
    assert left < np.nanmin(xs) < np.nanmax(xs) < right
    assert bottom < np.nanmin(ys) < np.nanmax(ys) < top
    assert wells_of(demo_experiment()) == ([], [])
    map_.bind(compile_schedule(demo_experiment()), (256.0, 256.0))
    assert map_.wells.getData()[0] is None or not len(map_.wells.getData()[0])


def test_the_marker_has_the_colour_of_what_is_taken(qtbot: QtBot) -> None:
    theme = Theme()
    map_ = FieldMap(theme)
    qtbot.addWidget(map_)
    map_.bind(compile_schedule(demo_experiment()), (256.0, 256.0))
    map_.show_active(0, 2, "stimulation")
    assert map_.marker.points()[0].brush().color() == theme.color("stimulation")
    map_.show_active(0, 2, "reference")
    assert map_.marker.points()[0].brush().color() == theme.color("reference")
    theme.set_appearance("dark")
    assert map_.marker.points()[0].brush().color() == theme.color("reference")
    theme.set_appearance("system")
