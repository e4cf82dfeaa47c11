"""A compiled schedule says what is exposed, in which order, and when."""

import pytest
import useq

from parfocal.plan import (
    Index,
    PlanError,
    Schedule,
    compile_schedule,
    demo_experiment,
    demo_with_a_wait,
    demo_with_light,
    estimate,
    experiment_from_sequence,
)


def compiled(**sequence: object) -> Schedule:
    return compile_schedule(experiment_from_sequence(useq.MDASequence(**sequence)))


def dues(schedule: Schedule) -> list[float]:
    return [step.due for step in schedule.steps]


def test_a_useq_order_is_kept_and_every_step_has_its_index():
    schedule = compiled(
        axis_order="tpgcz",
        time_plan={"interval": 10, "loops": 2},
        stage_positions=[(0, 0, 5), (50, 0, 5)],
        channels=["DAPI", "FITC"],
        z_plan={"range": 2, "step": 1},
    )
    assert schedule.planned()[:7] == (
        *(Index(0, 0, 0, z) for z in range(3)),
        *(Index(0, 0, 1, z) for z in range(3)),
        Index(0, 1, 0, 0),
    )
    assert [step.ordinal for step in schedule.steps] == list(range(24))
    assert (schedule.sizes, schedule.events, schedule.frames) == ((2, 2, 3), 4, 24)
    assert (schedule.z_step_um, schedule.time_step_s) == (1.0, 10.0)
    assert [(field.x, field.y, field.z) for field in schedule.fields] == [(0, 0, 4), (50, 0, 4)]


def test_an_event_is_one_field_at_one_timepoint():
    schedule = compiled(
        time_plan={"interval": 1, "loops": 2},
        stage_positions=[(0, 0, 0), (50, 0, 0)],
        channels=["DAPI", "FITC"],
    )
    assert [step.event for step in schedule.steps] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert schedule.event_kinds() == ("imaging",) * 4


def test_phases_of_a_time_plan_follow_one_another():
    schedule = compiled(
        time_plan=[{"interval": 1, "loops": 3}, {"interval": 5, "loops": 3}], channels=["DAPI"]
    )
    assert dues(schedule) == [0, 1, 2, 7, 12]


def test_with_fields_outermost_each_series_follows_the_one_before():
    schedule = compiled(
        axis_order="ptc",
        time_plan={"interval": 10, "loops": 3},
        stage_positions=[(0, 0, 0), (50, 0, 0)],
        channels=["DAPI"],
    )
    assert [(step.index.p, step.due) for step in schedule.steps if step.index] == [
        (0, 0), (0, 10), (0, 20), (1, 20), (1, 30), (1, 40),
    ]  # fmt: skip


def test_requests_leave_time_to_the_feed():
    schedule = compiled(time_plan={"interval": 10, "loops": 3}, channels=["DAPI"])
    for step in schedule.steps:
        assert step.request.min_start_time is None
        assert not step.request.reset_event_timer
        assert not step.request.metadata


def test_skipped_timepoints_and_planes_are_not_planned():
    schedule = compiled(
        time_plan={"interval": 1, "loops": 4},
        channels=[
            {"config": "DAPI", "do_stack": False},
            {"config": "FITC", "acquire_every": 2},
        ],
        z_plan={"range": 4, "step": 2},
    )
    planned = schedule.planned()
    assert {index.z for index in planned if index.c == 0} == {1}
    assert {index.t for index in planned if index.c == 1} == {0, 2}
    assert schedule.frames == 4 + 2 * 3


def test_channels_keep_the_plans_order_when_planes_come_first():
    schedule = compiled(
        axis_order="tpgzc",
        channels=[{"config": "DAPI", "do_stack": False}, "FITC"],
        z_plan={"range": 4, "step": 2},
    )
    assert [channel.name for channel in schedule.channels] == ["DAPI", "FITC"]
    assert schedule.planned()[0] == Index(0, 0, 1, 0)


def test_each_tile_of_a_grid_is_a_field():
    schedule = compile_schedule(
        experiment_from_sequence(
            useq.MDASequence(
                stage_positions=[{"x": 100, "y": 0, "z": 0, "name": "a"}, (900, 0, 0)],
                grid_plan={"rows": 1, "columns": 2},
                channels=["DAPI"],
            )
        ),
        field_of_view_um=(40, 30),
    )
    assert [field.name for field in schedule.fields] == [
        "a, tile 1",
        "a, tile 2",
        *("field 3", "field 4"),
    ]
    xs = [field.x for field in schedule.fields]
    assert xs[1] - xs[0] == 40
    assert [index.p for index in schedule.planned()] == [0, 1, 2, 3]


def test_a_positions_own_sequence_is_honoured():
    schedule = compiled(
        stage_positions=[
            (0, 0, 0),
            {
                "x": 50, "y": 0, "z": 10,
                "sequence": {"z_plan": {"range": 2, "step": 1}, "channels": ["Cy5", "DAPI"]},
            },
        ],
        channels=["DAPI"],
    )  # fmt: skip
    assert [channel.name for channel in schedule.channels] == ["DAPI", "Cy5"]
    assert schedule.planned()[0] == Index(0, 0, 0, 0)
    assert {index for index in schedule.planned() if index.p == 1} == {
        Index(0, 1, c, z) for c in (0, 1) for z in range(3)
    }


def test_an_autofocus_is_a_step_without_a_frame_each_time_it_is_compiled():
    experiment = experiment_from_sequence(
        useq.MDASequence(
            stage_positions=[(0, 0, 0)],
            channels=["DAPI", "FITC"],
            autofocus_plan={"axes": ("p",), "autofocus_motor_offset": 2},
        )
    )
    # useq's autofocus plan remembers the last index: iterated again it would not focus any more
    for _ in range(2):
        kinds = [step.kind for step in compile_schedule(experiment).steps]
        assert kinds == ["autofocus", "imaging", "imaging"]


def test_a_relative_plan_without_a_place_starts_where_the_stage_is():
    experiment = experiment_from_sequence(
        useq.MDASequence(channels=["DAPI"], z_plan={"range": 4, "step": 2})
    )
    schedule = compile_schedule(experiment, stage_um=(7, 8, 5000))
    assert [step.request.z_pos for step in schedule.steps] == [4998, 5000, 5002]
    assert experiment.items[0].sequence.stage_positions == ()


def test_a_plane_that_would_be_taken_twice_is_refused():
    own = {"time_plan": {"interval": 1, "loops": 2}}
    with pytest.raises(PlanError, match="same plane twice"):
        compiled(
            time_plan={"interval": 5, "loops": 2},
            stage_positions=[{"x": 0, "y": 0, "z": 0, "sequence": own}],
            channels=["DAPI"],
        )


@pytest.mark.parametrize(
    ("sequence", "named"),
    [
        ({"setup": {"properties": [("Camera", "Binning", "2")]}}, "setup"),
        ({"channels": [{"config": "DAPI", "camera": "Second"}]}, "Second"),
    ],
)
def test_what_would_be_ignored_is_refused(sequence: dict[str, object], named: str):
    with pytest.raises(PlanError, match=named):
        compiled(**{"channels": ["DAPI"], **sequence})


def test_the_estimate_counts_exposures_that_outlast_the_interval():
    schedule = compiled(
        time_plan={"interval": 0.1, "loops": 10}, channels=[{"config": "DAPI", "exposure": 500}]
    )
    expected = estimate(schedule, frame_bytes=1000)
    assert expected.duration_s == pytest.approx(5.0)
    assert (expected.frames, expected.bytes) == (10, 10_000)
    assert expected.expected_bytes < expected.bytes


def test_the_demo_is_small_and_alive():
    schedule = compile_schedule(demo_experiment())
    assert (schedule.sizes, len(schedule.fields)) == ((8, 2, 5), 2)
    assert 7 < schedule.duration_s < 12


def test_the_demo_that_runs_is_as_large_with_a_wait_in_its_middle():
    plain, waiting = compile_schedule(demo_experiment()), compile_schedule(demo_with_a_wait())
    assert (waiting.events, waiting.frames) == (plain.events, plain.frames)
    assert waiting.barriers == (8,)
    lit = compile_schedule(demo_with_light())
    light = [step for step in lit.steps if step.kind == "stimulation"]
    assert len(light) == 10
    assert (lit.events, lit.frames - len(light)) == (plain.events, plain.frames)
