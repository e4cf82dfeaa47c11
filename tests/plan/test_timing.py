"""Waits and holds are barriers, and what follows them is due as they say."""

from __future__ import annotations

import pytest
from plan_values import compiled, dues, hold, phase, series, wait

from parfocal.plan import Item, Phase

A = series()

EXAMPLES: dict[str, tuple[tuple[Item, ...], list[float]]] = {
    "a wait first": ((wait(10), A), [10, 20, 30]),
    "a wait between": ((A, wait(10), A), [0, 10, 20, 30, 40, 50]),
    "no wait": ((A, A), [0, 10, 20, 30, 40, 50]),
    "a wait shorter than the interval": ((A, wait(3), A), [0, 10, 20, 23, 33, 43]),
    "a wait of nothing": ((A, wait(0), A), [0, 10, 20, 20, 30, 40]),
    "a wait of nothing first": ((wait(0), A), [0, 10, 20]),
    "a wait last": ((A, wait(10)), [0, 10, 20]),
    "two waits": ((A, wait(3), wait(4), A), [0, 10, 20, 27, 37, 47]),
    "two waits first": ((wait(3), wait(4), A), [7, 17, 27]),
    "a hold between": ((A, hold(), A), [0, 10, 20, 20, 30, 40]),
    "a wait and a hold": ((A, wait(5), hold(), A), [0, 10, 20, 25, 35, 45]),
    "after a phase without time": ((phase(), A), [0, 0, 10, 20]),
    "a phase without time last": ((A, phase()), [0, 10, 20, 30]),
    "a wait after a phase without time": ((phase(), wait(2), A), [0, 2, 12, 22]),
    "other intervals": ((series(interval=1), series(interval=5)), [0, 1, 2, 3, 8, 13]),
    "no interval": ((series(interval=0), A), [0, 0, 0, 0, 10, 20]),
    "one timepoint has an interval too": ((series(loops=1), A), [0, 10, 20, 30]),
    "fields first": (
        (series(axis_order="ptc", stage_positions=[(0, 0), (9, 0)]), A),
        [0, 10, 20, 20, 30, 40, 50, 60, 70],
    ),
    "intervals that change": (
        (phase(time_plan=[{"interval": 1, "loops": 3}, {"interval": 5, "loops": 2}]), A),
        [0, 1, 2, 7, 12, 22, 32],
    ),
    "a duration": ((phase(time_plan={"duration": 20, "loops": 3}), A), [0, 10, 20, 30, 40, 50]),
    "tenths": ((series(interval=0.1), series(interval=0.2)), [0, 0.1, 0.2, 0.3, 0.5, 0.7]),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_phases_and_waits_follow_one_another(example: str) -> None:
    items, expected = EXAMPLES[example]
    assert dues(compiled(*items)) == expected


def test_a_wait_comes_after_all_fields_of_the_last_timepoint() -> None:
    two = series(stage_positions=[(0, 0, 0), (50, 0, 0)], loops=2)
    schedule = compiled(two, wait(10), two)
    assert [(step.kind, step.index and step.index[:2], step.due) for step in schedule.steps] == [
        ("imaging", (0, 0), 0), ("imaging", (0, 1), 0),
        ("imaging", (1, 0), 10), ("imaging", (1, 1), 10),
        ("wait", None, 10),
        ("imaging", (2, 0), 20), ("imaging", (2, 1), 20),
        ("imaging", (3, 0), 30), ("imaging", (3, 1), 30),
    ]  # fmt: skip
    assert [step.item for step in schedule.steps] == [0] * 4 + [1] + [2] * 4


def test_a_wait_counts_from_the_last_frame_and_a_phase_from_the_last_timepoint() -> None:
    """Timepoint 3 (30 s) takes no frame: nobody need wait for it, but it is a timepoint."""
    odd = series(loops=4, channels=[{"config": "DAPI", "acquire_every": 2}])
    assert dues(compiled(odd, wait(10), A))[2:4] == [30, 40]
    assert dues(compiled(odd, A))[2:4] == [40, 50]
    assert compiled(odd, wait(10), A).planned()[2].t == compiled(odd, A).planned()[2].t == 4


def test_waits_and_holds_claim_no_timepoint_field_event_or_frame() -> None:
    schedule = compiled(wait(1), A, wait(10), hold(), A, wait(2))
    bare = compiled(A, A)
    assert schedule.planned() == bare.planned()
    assert (schedule.events, schedule.frames, schedule.sizes) == (6, 6, bare.sizes)
    assert [step.event for step in schedule.steps] == [None, 0, 1, 2, None, None, 3, 4, 5, None]
    assert [step.seconds for step in schedule.steps if step.kind == "wait"] == [1, 10, 2]
    (held,) = [step for step in schedule.steps if step.kind == "hold"]
    assert (held.message, held.seconds) == ("pipette the drug, then continue", None)


def test_each_step_counts_from_the_end_of_the_wait_or_hold_before_it() -> None:
    schedule = compiled(A, wait(10), A, hold(), A)
    assert [anchor.due for anchor in schedule.anchors] == [0, 30, 50]
    assert [anchor.opened_by for anchor in schedule.anchors] == [None, 3, 7]
    assert [step.anchor for step in schedule.steps] == [0] * 4 + [1] * 4 + [2] * 3
    assert [schedule.offset(step) for step in schedule.steps] == [
        0, 10, 20, 20, 0, 10, 20, 20, 0, 10, 20,
    ]  # fmt: skip


def test_a_late_run_still_waits_as_long() -> None:
    """Exposures of 15 s in an interval of 10 s: 45 s for a, and the wait takes 10 s after that."""
    slow = series(channels=[{"config": "DAPI", "exposure": 15_000}])
    assert compiled(slow, wait(10), slow).duration_s == pytest.approx(45 + 10 + 45)
    assert compiled(slow, wait(10), A).duration_s == pytest.approx(45 + 10 + 20.01)
    assert compiled(slow, slow).duration_s == pytest.approx(90)
    assert compiled(A, wait(10)).duration_s == pytest.approx(30.01)


def test_the_strip_has_a_cell_for_every_event_wait_and_hold() -> None:
    light = series(stimulate={"exposure": 5, "timepoints": [1]})
    last = series(reference={"channels": ["FITC"], "timepoints": [-1]})
    schedule = compiled(wait(1), light, hold(), wait(2), last)
    assert schedule.event_kinds() == (
        "wait", "imaging", "stimulation", "imaging", "hold", "wait",
        "imaging", "imaging", "reference",
    )  # fmt: skip
    assert [schedule.cell_of_event(event) for event in range(6)] == [1, 2, 3, 6, 7, 8]
    assert [schedule.cell_of_barrier(number) for number in range(3)] == [0, 4, 5]


def test_the_parts_say_what_became_of_each_item() -> None:
    schedule = compiled(A, wait(10), series("b"))
    assert [(part.kind, part.name, part.due, part.first_t) for part in schedule.parts] == [
        ("phase", "a", 0, 0),
        ("wait", "10 s", 20, 0),
        ("phase", "b", 30, 3),
    ]
    assert isinstance(A, Phase)
