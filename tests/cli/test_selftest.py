"""The verb that says whether an installation is whole: it passes here, and it can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

import parfocal.cli.selftest
from no_network import without_display, without_network
from parfocal.cli.selftest import Course, SelfTestError
from parfocal.cli.selftest._viewing import complaints
from parfocal.cli.verbs import selftest

STEPS = (
    *("snap-demo-camera", "snap-demo", "record-demo-camera", "record-demo"),
    *("check-demo-camera", "check-demo", "pyramid", "viewer-start", "analyse", "ingest", "export"),
    *("panels", "viewer-image", "viewer-results", "viewer-labels", "viewer-points", "viewer-3-d"),
    *("viewer-preferences", "viewer-exit", "viewer-log", "clean-exit"),
)
PANELS = ("view.jobs", "view.messages", "microscope.wizard", "store.ingest", "help.doctor")


@pytest.mark.timeout(180)
def test_every_step_goes_well_without_display_and_network_and_nothing_is_kept(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = without_display() | {"HOME": str(home), "TMPDIR": str(tmp_path)}
    environment = {k: v for k, v in environment.items() if not k.startswith("XDG_")}
    done = subprocess.run(
        [*without_network(), sys.executable, "-m", "parfocal", "selftest", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["ok"] is True
    assert tuple(step["name"] for step in value["steps"]) == STEPS
    assert all(step["ok"] for step in value["steps"])
    (panels,) = [step["detail"] for step in value["steps"] if step["name"] == "panels"]
    for name in PANELS:
        assert name in panels
    assert "Traceback" not in done.stderr
    assert not (home / ".config").exists()
    assert not (home / ".local").exists()
    assert not list(tmp_path.glob("parfocal-*"))


def test_what_a_driver_says_that_was_tried_first_is_no_complaint() -> None:
    ubuntus = (
        "MESA: error: ZINK: vkCreateInstance failed (VK_ERROR_INCOMPATIBLE_DRIVER)",
        "glx: failed to create drisw screen",
    )
    ours = "WARNING: vispy could not find a font"
    assert complaints([*ubuntus, "napari is up", ours]) == [ours]


def test_a_step_that_fails_is_told_the_others_are_taken_and_the_exit_code_is_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def steps(course: Course, _tour: object) -> None:
        course.step("first", lambda: course.made("nothing").name)
        course.step("second", lambda: str(1 // 0))
        course.step("third", lambda: "well")

    monkeypatch.setattr(parfocal.cli.selftest, "take_steps", steps)
    outcome = selftest.run(Namespace(output=tmp_path))
    assert not outcome.ok
    assert outcome.value["ok"] is False
    told = [(step["name"], step["ok"], step["detail"]) for step in outcome.value["steps"]]
    assert told == [
        ("first", False, "it needs what nothing would have made"),
        ("second", False, "ZeroDivisionError: integer division or modulo by zero"),
        ("third", True, "well"),
    ]
    assert outcome.text == "2 of 3 steps failed: first, second"


def test_ctrl_c_is_no_failed_step(tmp_path: Path) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    course = Course(tmp_path, lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        course.step("any", interrupted)
    with pytest.raises(SelfTestError, match="it needs what record would have made"):
        course.made("record")
