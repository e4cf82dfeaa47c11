"""An edit gives a new experiment, and the old one is still what it was."""

from __future__ import annotations

import pytest
import useq
from plan_values import hold, phase, series, wait

from parfocal.plan import (
    Experiment,
    Item,
    PlanError,
    add_item,
    combine_fields,
    combine_time,
    compile_schedule,
    duplicate_item,
    move_item,
    read_plan,
    remove_item,
    rename_phase,
    replace_item,
    replace_sequence,
    write_plan,
)

PLAN = Experiment(items=(phase("a"), wait(5), phase("b"), wait(5)))


def names(experiment: Experiment) -> list[str]:
    return [part.name for part in compile_schedule(experiment).parts]


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (add_item(PLAN, hold(), 1), ["a", hold().message, "5 s", "b", "5 s"]),
        (add_item(PLAN, phase("a")), ["a", "5 s", "b", "5 s", "a 2"]),
        (duplicate_item(PLAN, 0), ["a", "a 2", "5 s", "b", "5 s"]),
        (duplicate_item(duplicate_item(PLAN, 0), 1), ["a", "a 2", "a 3", "5 s", "b", "5 s"]),
        (duplicate_item(PLAN, 1), ["a", "5 s", "5 s", "b", "5 s"]),
        (move_item(PLAN, 3, 0), ["5 s", "a", "5 s", "b"]),
        (move_item(PLAN, 0, 3), ["5 s", "b", "5 s", "a"]),
        (remove_item(PLAN, 3), ["a", "5 s", "b"]),
        (replace_item(PLAN, 1, wait(9)), ["a", "9 s", "b", "5 s"]),
        (rename_phase(PLAN, 2, "c"), ["a", "5 s", "c", "5 s"]),
    ],
)
def test_items_are_added_moved_and_removed(edited: Experiment, expected: list[str]) -> None:
    assert names(edited) == expected
    assert names(PLAN) == ["a", "5 s", "b", "5 s"]


def test_the_last_phase_stays() -> None:
    with pytest.raises(PlanError, match="only phase"):
        remove_item(remove_item(PLAN, 0), 1)
    for number in (-1, 4):
        with pytest.raises(PlanError, match="4 items"):
            remove_item(PLAN, number)
    with pytest.raises(PlanError, match="no phase"):
        rename_phase(PLAN, 1, "x")


def test_a_sequence_without_a_channel_takes_its_power_along(tmp_path) -> None:
    plan = Experiment(
        items=(
            phase(
                channels=["DAPI", "FITC"],
                power={"DAPI": 1, "FITC": 2, "Cy5": 3},
                reference={"channels": ["Cy5"]},
            ),
        )
    )
    edited = replace_sequence(plan, 0, useq.MDASequence(channels=["FITC"]))
    assert edited.phases[0].power == {"FITC": 2, "Cy5": 3}
    write_plan(edited, tmp_path / "plan.parfocal.yaml")
    assert read_plan(tmp_path / "plan.parfocal.yaml") == edited
    assert compile_schedule(edited).frames == 2


def test_in_time_plans_are_joined_item_by_item() -> None:
    items: tuple[Item, ...] = (series("late", interval=1000), wait(1))
    joined = combine_time(PLAN, Experiment(name="other", items=items))
    assert joined.items == (*PLAN.items, *items)
    assert joined.name == PLAN.name


def test_fields_of_several_phases_share_one_clock() -> None:
    joined = combine_fields(
        series("a", stage_positions=[(0, 0, 0)], z_plan={"range": 2, "step": 1}),
        series("b", stage_positions=[(50, 0, 0), (90, 0, 0)]),
    )
    schedule = compile_schedule(Experiment(items=(joined,)))
    assert [(step.due, step.index[1:]) for step in schedule.steps if step.index][:5] == [
        (0, (0, 0, 0)), (0, (0, 0, 1)), (0, (0, 0, 2)), (0, (1, 0, 0)), (0, (2, 0, 0)),
    ]  # fmt: skip
    assert (schedule.events, schedule.frames, schedule.duration_s > 20) == (9, 15, True)
    same = combine_fields(*(series(stage_positions=[(x, 0, 0)]) for x in range(3)))
    assert all(place.sequence is None for place in same.sequence.stage_positions)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"channels": ["FITC"]}, r"imaging channels differ \(DAPI and FITC\)"),
        ({"channels": [{"config": "DAPI", "exposure": 7}]}, "channels differ"),
        ({"loops": 4}, "time plan differ"),
        ({"stimulate": {"exposure": 5}}, "stimulate differ"),
        ({"power": {"DAPI": 5}}, "power differ"),
    ],
)
def test_phases_that_cannot_share_a_clock_are_refused(more: dict[str, object], said: str) -> None:
    places = {"stage_positions": [(0, 0, 0)]}
    with pytest.raises(PlanError, match=said):
        combine_fields(series(**places), series("b", **{**places, **more}))  # type: ignore[arg-type]


def test_a_phase_without_positions_has_no_field_to_combine() -> None:
    with pytest.raises(PlanError, match="names no position"):
        combine_fields(phase("a"), phase("b"))
