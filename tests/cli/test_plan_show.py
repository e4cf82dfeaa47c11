"""`plan show` says what will be acquired, as a value and in words."""

import json
from pathlib import Path

import pytest

from parfocal.cli import run_verb
from parfocal.plan import demo_experiment, write_plan


@pytest.fixture
def demo_plan(tmp_path: Path) -> str:
    path = tmp_path / "demo.parfocal.yaml"
    write_plan(demo_experiment(), path)
    return str(path)


@pytest.mark.parametrize("json_first", [True, False])
def test_the_value_has_the_promised_keys(
    json_first: bool, demo_plan: str, capsys: pytest.CaptureFixture[str]
):
    words = ["--json", "show", demo_plan] if json_first else ["show", demo_plan, "--json"]
    assert run_verb(["plan", *words]) == 0
    value = json.loads(capsys.readouterr().out)
    assert set(value) == {"steps", "events", "duration_s", "frames", "bytes", "shards"}
    assert (value["events"], value["frames"], value["bytes"]) == (16, 160, 160 * 512 * 512 * 2)
    assert value["steps"][11] == {
        "ordinal": 11, "kind": "imaging", "event": 1, "t": 0, "p": 1, "c": 0, "z": 1, "due": 0.0,
        "item": 0, "phase": "living sample",
    }  # fmt: skip


def test_it_says_how_the_frames_will_lie_in_shards(
    demo_plan: str, capsys: pytest.CaptureFixture[str]
):
    assert run_verb(["plan", "show", demo_plan, "--camera-size", "1024x1024", "--json"]) == 0
    (shards,) = json.loads(capsys.readouterr().out)["shards"]
    assert (shards["channels"], shards["frames_a_shard"], shards["planes_a_stack"]) == (
        [0, 1],
        1,
        5,
    )
    assert shards["shard_bytes"] == 5 * 1024 * 1024 * 2
    assert shards["memory_bytes"] == shards["open_shards"] * shards["shard_bytes"]
    assert shards["longest_open_s"] <= 10.0
    assert run_verb(["plan", "show", demo_plan]) == 0
    assert "shards of 1 timepoint × 5 planes" in capsys.readouterr().out


def test_the_words_name_fields_and_channels(demo_plan: str, capsys: pytest.CaptureFixture[str]):
    assert run_verb(["plan", "show", demo_plan, "--camera-size", "2048x2048"]) == 0
    said = capsys.readouterr().out
    for word in ("DAPI", "FITC", "left", "right", "160 frames", "1342.2 MB"):
        assert word in said


def test_a_bad_plan_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "bad.yaml").write_text("a: b: c")
    assert run_verb(["plan", "show", str(tmp_path / "bad.yaml")]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "bad.yaml" in said.err


def test_an_area_is_covered_with_the_cameras_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "area.yaml").write_text("grid_plan: {left: 0, right: 500, bottom: 0, top: 200}\n")
    words = ["plan", "show", str(tmp_path / "area.yaml"), "--json"]
    for camera, frames in {"512x512": 2, "256x512": 4, "2048x2048": 1}.items():
        assert run_verb([*words, "--camera-size", camera]) == 0
        assert json.loads(capsys.readouterr().out)["frames"] == frames


def test_usage_errors_are_two(demo_plan: str, capsys: pytest.CaptureFixture[str]):
    for words in (["plan"], ["plan", "show"], ["plan", "show", demo_plan, "--camera-size", "0x3"]):
        with pytest.raises(SystemExit) as ended:
            run_verb(words)
        assert ended.value.code == 2
    capsys.readouterr()


PHASES = """\
parfocal: 1
items:
  - phase: a
    sequence: {time_plan: {interval: 10, loops: 3}, channels: [DAPI]}
  - wait: 10
  - hold: pipette the drug, then continue
  - phase: b
    sequence: {time_plan: {interval: 10, loops: 3}, channels: [DAPI]}
    reference: {channels: [FITC], timepoints: [-1]}
    stimulate: {timepoints: {start: 0, step: 2}, exposure: 50, power: 10}
"""


def test_waits_and_holds_are_steps_without_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "plan.yaml").write_text(PHASES)
    assert run_verb(["plan", "show", str(tmp_path / "plan.yaml"), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    nowhere = {"event": None, "t": None, "p": None, "c": None, "z": None, "phase": None}
    assert value["steps"][3:5] == [
        {"ordinal": 3, "kind": "wait", "due": 20.0, "item": 1, "seconds": 10.0, **nowhere},
        {
            "ordinal": 4,
            "kind": "hold",
            "due": 30.0,
            "item": 2,
            "message": "pipette the drug, then continue",
            **nowhere,
        },
    ]
    assert [step["due"] for step in value["steps"] if step["kind"] == "imaging"] == [
        0, 10, 20, 30, 40, 50,
    ]  # fmt: skip
    kinds = [step["kind"] for step in value["steps"][5:]]
    assert kinds == [
        "imaging", "stimulation", "imaging", "imaging", "reference", "stimulation",
    ]  # fmt: skip
    assert (value["events"], value["frames"]) == (6, 9)


def test_the_table_has_a_line_for_every_item_and_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "plan.yaml").write_text(PHASES)
    assert run_verb(["plan", "show", str(tmp_path / "plan.yaml"), "--steps"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["2", "wait", "10"] for line in lines)
    assert any("pipette the drug" in line for line in lines)
    assert any("3 imaging, 1 reference, 2 stimulation" in line for line in lines)
    assert len([line for line in lines if line.split()[:1] and line.split()[0].isdigit()]) == 4 + 12


def test_one_of_a_kind_is_no_plural(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "one.yaml").write_text("channels: [DAPI]\n")
    assert run_verb(["plan", "show", str(tmp_path / "one.yaml")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("one: 1 event, 1 frame, ")
    assert lines[1] == "1 timepoint × 1 field × 1 channel × 1 plane"
    assert lines[3].startswith("shards of 1 timepoint × 1 plane, 1 open at once")
