"""Phases share one store: timepoints go on, the same place is the same field."""

from __future__ import annotations

import pytest
import useq
from plan_values import compiled, phase, series, wait

from parfocal.plan import Index


def test_timepoints_of_later_phases_go_on() -> None:
    schedule = compiled(series(), wait(5), series(loops=2), series())
    assert [index.t for index in schedule.planned()] == list(range(8))
    assert schedule.sizes.t == 8
    assert [step.ordinal for step in schedule.steps] == list(range(9))


def test_the_same_place_is_the_same_field_and_another_one_is_new() -> None:
    first = phase(stage_positions=[(0, 0, 0), (50, 0, 0)])
    second = phase(stage_positions=[(50, 0, 0), (90, 0, 0), (0, 0, 0)])
    schedule = compiled(first, second)
    assert [index[:2] for index in schedule.planned()] == [(0, 0), (0, 1), (1, 1), (1, 2), (1, 0)]
    assert [(field.x, field.name) for field in schedule.fields] == [
        (0, "field 1"),
        (50, "field 2"),
        (90, "field 3"),
    ]


def test_two_heights_at_one_place_stay_two_fields() -> None:
    both = phase(stage_positions=[(0, 0, 0), (0, 0, 30)])
    assert [index.p for index in compiled(both, both).planned()] == [0, 1, 0, 1]


def test_a_phase_without_a_place_stays_where_the_last_one_ended() -> None:
    schedule = compiled(phase(stage_positions=[(0, 0, 0), (50, 0, 7)]), phase())
    assert schedule.planned()[-1] == Index(1, 1, 0, 0)
    assert len(schedule.fields) == 2


def test_a_stack_without_a_place_is_taken_around_the_last_one() -> None:
    schedule = compiled(
        phase(stage_positions=[(0, 0, 0), (50, 0, 700)]), phase(z_plan={"range": 4, "step": 2})
    )
    assert [step.request.z_pos for step in schedule.steps[2:]] == [698, 700, 702]


def test_imaging_channels_come_first_then_references_then_light() -> None:
    first = phase(
        channels=["DAPI"],
        reference={"channels": ["Cy5"]},
        stimulate={"exposure": 20},
    )
    second = phase(channels=["FITC", "DAPI"], reference={"channels": ["FITC"]})
    schedule = compiled(first, second)
    assert [(channel.name, channel.kind) for channel in schedule.channels] == [
        ("DAPI", "imaging"),
        ("FITC", "imaging"),
        ("Cy5", "reference"),
        ("FITC reference", "reference"),
        ("stimulation", "stimulation"),
    ]
    assert [index.c for index in schedule.planned()] == [0, 2, 4, 1, 0, 3]
    assert schedule.channels[3].config == "FITC"
    assert schedule.sizes.c == 5


def test_another_exposure_is_no_other_channel() -> None:
    short = phase(channels=[{"config": "DAPI", "exposure": 5}])
    long = phase(channels=[{"config": "DAPI", "exposure": 50}])
    schedule = compiled(short, long)
    assert len(schedule.channels) == 1
    assert [step.request.exposure for step in schedule.steps] == [5, 50]


def test_the_same_preset_twice_in_one_phase_is_two_channels() -> None:
    twice = phase(channels=["DAPI", {"config": "DAPI", "exposure": 50}])
    schedule = compiled(twice, twice)
    assert [index.c for index in schedule.planned()] == [0, 1, 0, 1]
    assert [channel.name for channel in schedule.channels] == ["DAPI", "DAPI 2"]


def test_phases_with_other_numbers_of_planes_share_a_store() -> None:
    schedule = compiled(
        phase(z_plan={"range": 4, "step": 2}, stage_positions=[(0, 0, 0)]),
        phase(stage_positions=[(0, 0, 0)]),
        phase(z_plan={"range": 8, "step": 2}, stage_positions=[(0, 0, 0)]),
    )
    assert schedule.sizes == (3, 1, 5)
    assert [sum(index.t == t for index in schedule.planned()) for t in range(3)] == [3, 1, 5]
    assert schedule.z_step_um == 2


def test_wells_are_named_as_on_the_plate() -> None:
    plate = useq.WellPlatePlan(plate=1536, a1_center_xy=(0, 0), selected_wells=([0, 27], [0, 10]))
    schedule = compiled(phase(stage_positions=plate))
    assert [field.well for field in schedule.fields] == ["A/1", "AB/11"]
    assert compiled(phase(stage_positions=[(0, 0)])).fields[0].well is None


@pytest.mark.parametrize("order", ["tpgcz", "ptgcz", "tcpgz", "pgczt", "tgpcz"])
def test_events_are_counted_once_whatever_the_order(order: str) -> None:
    schedule = compiled(
        series(
            axis_order=order,
            stage_positions=[(0, 0, 0), (50, 0, 0)],
            channels=["DAPI", "FITC"],
            z_plan={"range": 2, "step": 1},
        )
    )
    assert (schedule.events, schedule.frames) == (6, 36)
    assert {step.event for step in schedule.steps} == set(range(6))
