"""Every timing example of the design, from what `plan show FILE --json` prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parfocal.cli import run_verb

A = "phase: a\n    sequence: {time_plan: {interval: 10, loops: 3}, channels: [DAPI]}"
TWO = (
    "phase: two\n    sequence: {time_plan: {interval: 10, loops: 2}, channels: [DAPI], "
    "stage_positions: [[0, 0, 0], [50, 0, 0]]}"
)
MANY = (
    "phase: many\n    seconds_per_field: 2\n    sequence: {time_plan: {interval: 60, loops: 3}, "
    f"channels: [DAPI], stage_positions: {[[x, 0, 0] for x in range(31)]}}}"
)

EXAMPLES: dict[str, tuple[tuple[str, ...], list[float]]] = {
    "a wait, then a": (("wait: 10", A), [10, 20, 30]),
    "a, a wait, a": ((A, "wait: 10", A), [0, 10, 20, 30, 40, 50]),
    "a, a": ((A, A), [0, 10, 20, 30, 40, 50]),
    "a, a short wait, a": ((A, "wait: 3", A), [0, 10, 20, 23, 33, 43]),
    "a wait of nothing": ((A, "wait: 0", A), [0, 10, 20, 20, 30, 40]),
    "a wait of nothing first": (("wait: 0", A), [0, 10, 20]),
    "a trailing wait": ((A, "wait: 10"), [0, 10, 20]),
    "two waits": ((A, "wait: 3", "wait: 4", A), [0, 10, 20, 27, 37, 47]),
}


def shown(path: Path, items: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> Any:
    path.write_text("parfocal: 1\nitems:\n" + "".join(f"  - {item}\n" for item in items))
    assert run_verb(["plan", "show", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["steps"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_frames_are_due_as_the_design_says(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items, expected = EXAMPLES[example]
    steps = shown(tmp_path / "plan.yaml", items, capsys)
    assert [step["due"] for step in steps if step["kind"] == "imaging"] == expected


def test_a_wait_stands_behind_all_fields_of_the_last_timepoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = shown(tmp_path / "plan.yaml", (TWO, "wait: 10", TWO), capsys)
    assert [(step["kind"], step["t"], step["p"], step["due"]) for step in steps] == [
        ("imaging", 0, 0, 0), ("imaging", 0, 1, 0), ("imaging", 1, 0, 10), ("imaging", 1, 1, 10),
        ("wait", None, None, 10),
        ("imaging", 2, 0, 20), ("imaging", 2, 1, 20), ("imaging", 3, 0, 30), ("imaging", 3, 1, 30),
    ]  # fmt: skip


def test_31_fields_are_batches_of_30_and_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = shown(tmp_path / "plan.yaml", (MANY,), capsys)
    dues = [(step["p"], step["due"]) for step in steps]
    assert dues[:90] == [(p, 60 * t + 2 * p) for t in range(3) for p in range(30)]
    assert dues[90:] == [(30, 180), (30, 240), (30, 300)]
