"""What is unsaved survives a crash: it is kept while unsaved, dropped when saved, offered after."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PyQt6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from parfocal.plan import demo_experiment, read_plan, write_plan
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace import _autosave as autosave
from parfocal.ui.desk import Desk
from ui.design_parts import settled, shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    place = tmp_path / "designs"
    monkeypatch.setattr("parfocal.ui.design_workspace._workspace.state_folder", lambda: place)
    monkeypatch.setattr(autosave, "AFTER_MS", 50)
    return place


def rename(design: DesignWorkspace, name: str) -> None:
    edited = design.document.experiment.model_copy(update={"name": name})
    design.document.edit(edited, "rename")


def test_an_unsaved_plan_is_kept_and_dropped_when_it_is_saved(
    qtbot: QtBot, desk: Desk, folder: Path, tmp_path: Path
) -> None:
    design = shown(qtbot, desk)
    rename(design, "precious")
    file = design.autosave.file
    settled(qtbot, file.exists)
    settled(qtbot, lambda: read_plan(file) == design.document.experiment)
    rename(design, "more precious")
    settled(qtbot, lambda: read_plan(file).name == "more precious")
    design.document.save(tmp_path / "kept.parfocal.yaml")
    settled(qtbot, lambda: list(folder.iterdir()) == [])


def test_undoing_everything_leaves_nothing_to_keep(qtbot: QtBot, desk: Desk, folder: Path) -> None:
    design = shown(qtbot, desk)
    rename(design, "precious")
    settled(qtbot, design.autosave.file.exists)
    design.document.stack.undo()
    settled(qtbot, lambda: not design.autosave.file.exists())


def test_what_a_person_lets_go_at_the_end_is_not_offered_again(
    qtbot: QtBot, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = shown(qtbot, desk)
    rename(design, "precious")
    settled(qtbot, design.autosave.file.exists)
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard]
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: answers.pop(0))
    assert not desk.close_guards[-1]()
    assert design.autosave.file.exists()
    assert desk.close_guards[-1]()
    assert not design.autosave.file.exists()


DIES = """
import os, sys
from pathlib import Path
from parfocal.plan import demo_experiment
from parfocal.ui.design_workspace._autosave import _write
experiment = demo_experiment().model_copy(update={"name": "precious"})
_write(experiment, Path(sys.argv[2]), Path(sys.argv[1]) / f"{os.getpid()}-1.parfocal.json")
os.kill(os.getpid(), 9)
"""


def test_a_killed_process_leaves_a_plan_that_the_next_one_offers(
    qtbot: QtBot, desk: Desk, folder: Path, tmp_path: Path
) -> None:
    opened = tmp_path / "opened.parfocal.yaml"
    write_plan(demo_experiment(), opened)
    killed = subprocess.run([sys.executable, "-c", DIES, str(folder), str(opened)], check=False)
    assert killed.returncode == -signal.SIGKILL
    design = shown(qtbot, desk)
    settled(qtbot, design.restore_bar.isVisible)
    assert "opened.parfocal.yaml" in design.restore_bar.words.text()
    design.restore_bar.restore_button.click()
    assert design.document.experiment.name == "precious"
    assert design.document.path == opened
    assert design.document.unsaved, "it was not saved, and is not now"
    assert not design.restore_bar.isVisible()
    assert read_plan(opened).name == "demo"
    settled(
        qtbot,
        lambda: [f.name for f in folder.glob("*.parfocal.json")] == [design.autosave.file.name],
    )


def test_several_are_offered_one_after_the_other_and_may_be_let_go(
    qtbot: QtBot, desk: Desk, folder: Path
) -> None:
    folder.mkdir()
    for number in (1, 2):
        plan = demo_experiment().model_copy(update={"name": f"plan {number}"})
        write_plan(plan, folder / f"99999999-{number}.parfocal.json")
    design = shown(qtbot, desk)
    settled(qtbot, design.restore_bar.isVisible)
    seen = []
    while design.restore_bar.isVisible():
        seen.append(design.restore_bar.words.text())
        design.restore_bar.drop_button.click()
    assert len(set(seen)) == 2
    assert list(folder.iterdir()) == []
    assert design.document.experiment == demo_experiment()


def test_what_a_living_process_keeps_is_not_offered(folder: Path) -> None:
    folder.mkdir()
    file = folder / "4242-1.parfocal.json"
    write_plan(demo_experiment(), file)
    assert autosave.leftovers(folder, alive=lambda _pid: False) != []
    mine = folder / f"{os.getpid()}-1.parfocal.json"
    write_plan(demo_experiment(), mine)
    about = folder / f"{os.getpid()}-1.about.json"
    about.write_text(json.dumps({"process_started": psutil.Process().create_time()}))
    assert [one.file for one in autosave.leftovers(folder)] == [file]
    about.write_text(json.dumps({"process_started": 1.0}))  # the number came round again
    assert {one.file for one in autosave.leftovers(folder)} == {file, mine}


def test_a_torn_file_is_no_plan_and_goes(folder: Path) -> None:
    folder.mkdir()
    torn = folder / "99999999-1.parfocal.json"
    torn.write_text('{"parfocal": 1, "it')
    assert autosave.leftovers(folder) == []
    assert not torn.exists()
