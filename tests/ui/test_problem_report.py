"""A report says what is in it before it is written, holds that and no more, and goes nowhere."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.plan import demo_experiment, read_plan
from parfocal.ui import logs
from parfocal.ui.desk import Desk
from parfocal.ui.problem_report import Part, ReportError, free_name, write
from parfocal.ui.report_dialog import ReportDialog
from ui.shell_parts import active_window


def test_what_is_ticked_is_written_and_where_is_said(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "parfocal.log").write_text("a device did not answer")
    monkeypatch.setattr(logs, "folder", lambda: tmp_path / "logs")
    window = active_window(desk, qtbot)
    desk.controller.asked_profile = "demo"
    desk.controller.proposed_plan = demo_experiment
    desk.toasts.show("the message of a fault", "warn")
    assert desk.actions.trigger("help.report")
    dialog = window.findChild(ReportDialog)
    qtbot.waitUntil(dialog.save.isEnabled, timeout=30_000)
    listed = [dialog.parts.item(row) for row in range(dialog.parts.count())]
    names = [item.data(Qt.ItemDataRole.UserRole).name for item in listed]
    assert names == [
        "versions.txt", "logs/parfocal.log", "messages.txt", "profile.txt", "plan.parfocal.yaml",
        "window.png",
    ]  # fmt: skip
    for item, name in zip(listed, names, strict=True):
        assert name in item.text()
    dialog.parts.setCurrentRow(1)
    assert dialog.text.toPlainText() == "a device did not answer"
    dialog.parts.setCurrentRow(5)
    assert dialog.picture.pixmap().width() >= window.width()

    dialog.story.setPlainText("I pressed Snap.")
    listed[2].setCheckState(Qt.CheckState.Unchecked)
    file = tmp_path / "sent" / "report.zip"
    dialog.save_to(file)
    qtbot.waitUntil(lambda: bool(dialog.note.sentence), timeout=30_000)
    assert dialog.note.sentence == f"The report is in {file}."
    assert dialog.show_folder.isVisible()
    with zipfile.ZipFile(file) as report:
        assert sorted(report.namelist()) == sorted({*names, "what-happened.txt"} - {"messages.txt"})
        assert report.read("what-happened.txt") == b"I pressed Snap."
        assert json.loads(report.read("profile.txt"))["name"] == "demo"
        assert "PyQt6 " in report.read("versions.txt").decode()
        report.extract("plan.parfocal.yaml", tmp_path)
    assert read_plan(tmp_path / "plan.parfocal.yaml") == demo_experiment()

    (tmp_path / "file").touch()
    dialog.save_to(tmp_path / "file" / "report.zip")
    qtbot.waitUntil(lambda: "could not be written" in dialog.note.sentence, timeout=30_000)
    assert str(tmp_path / "file") in dialog.note.sentence
    assert dialog.save.isEnabled()
    dialog.close()


def test_a_report_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    place = free_name(tmp_path, datetime(2026, 11, 28, 9, 5, 1))
    assert place.name == "parfocal-report-2026-11-28-090501.zip"
    with pytest.raises(ReportError, match="No space left"):
        write(place, (Part("a.txt", "a", b"a"),), "")
    assert list(tmp_path.iterdir()) == []
