"""Store moves a store to the trash after a question, whole or not at all, and takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QFile
from PyQt6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from parfocal.store import check
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from ui.store_parts import record, select

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel


@pytest.fixture
def path(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with something beside it, on the disk that this test's trash is on."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    made = record(desk.settings.values.data_folder / "old.ome.zarr")
    (made.parent / "old.ome.zarr.quarantine").mkdir()
    return made


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk, path: Path) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.show()
    select(qtbot, made, path)
    return made


def answered(monkeypatch: pytest.MonkeyPatch, *answers: QMessageBox.StandardButton) -> None:
    left = list(answers)
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: left.pop(0))


def test_a_store_goes_to_the_trash_after_a_yes_and_comes_back(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, NO, YES)
    workspace.row.trash_action.trigger()
    assert desk.tasks.listed() == ()
    workspace.row.trash_action.trigger()
    qtbot.waitUntil(lambda: "is in the trash" in _said(desk))
    assert list(path.parent.iterdir()) == []
    qtbot.waitUntil(lambda: workspace.stores.model.root.counted == 0)
    ((words, put_back),) = desk.toasts.history[-1].buttons
    assert words == "Put it back"
    put_back()
    qtbot.waitUntil(lambda: workspace.list.selected() == path)
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.quarantine"}
    assert check(path, deep=True).ok


def test_where_a_disk_has_no_trash_nothing_is_changed_and_that_is_said(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, YES)
    real = QFile.moveToTrash

    def not_the_store(name: str) -> tuple[bool, str]:
        return (False, "") if name == str(path) else real(name)

    monkeypatch.setattr(QFile, "moveToTrash", not_the_store)
    workspace.row.trash_action.trigger()
    qtbot.waitUntil(lambda: "Nothing was changed" in _said(desk))
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.quarantine"}


def _said(desk: Desk) -> str:
    return desk.toasts.history[-1].text if desk.toasts.history else ""
