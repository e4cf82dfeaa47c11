"""The examples of docs/plans.md are plans, and its table of due times is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from plan_values import compiled, dues, hold, series, wait

from parfocal.plan import Item, compile_schedule, plan_as_json, read_plan

PAGE = (Path(__file__).parents[2] / "docs" / "plans.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TIMES = re.findall(r"^\| `([^`]+)` \| ([\d, ]+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_opens_compiles_and_is_written_as_it_was(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.parfocal.yaml"
    path.write_text(text, encoding="utf-8")
    experiment = read_plan(path)
    assert compile_schedule(experiment).frames > 0
    written, given = plan_as_json(experiment), yaml.safe_load(text)
    assert set(written) - set(given) <= {"name", "policy"}
    assert [set(item) for item in written["items"]] == [set(item) for item in given["items"]]


def test_the_examples_show_every_key() -> None:
    everything = "\n".join(EXAMPLES)
    for key in (
        *("policy", "on_trouble", "storage", "metadata", "revisions", "phase", "wait", "hold"),
        *("sequence", "reference", "stimulate", "power", "seconds_per_field", "pipeline"),
        *("view", "products", "viewer", "wells"),
    ):
        assert f"{key}:" in everything


@pytest.mark.parametrize(("items", "expected"), TIMES)
def test_the_table_of_due_times_is_true(items: str, expected: str) -> None:
    def item(text: str) -> Item:
        if text == "a":
            return series()
        seconds = re.fullmatch(r"Wait\((\d+)\)", text)
        return wait(float(seconds[1])) if seconds else hold()

    schedule = compiled(*(item(text) for text in items.split(", ")))
    assert dues(schedule) == [float(due) for due in expected.split(", ")]


def test_the_table_has_all_examples_of_the_design() -> None:
    assert len(TIMES) >= 10
    assert {"Wait(10), a", "a, Wait(10), a", "a, a", "a, Wait(3), a"} <= {row for row, _ in TIMES}
