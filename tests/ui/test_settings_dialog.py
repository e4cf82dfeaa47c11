"""The settings window: each choice has its effect at once, is kept, and follows the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.newer_installer import NewerInstaller
from parfocal.ui.settings import Settings, Values
from parfocal.ui.settings_dialog import SettingsDialog
from parfocal.ui.settings_dialog._folder_field import FolderField
from parfocal.ui.settings_dialog._shortcuts_page import ShortcutsPage
from parfocal.ui.settings_dialog._ways import Ways
from ui.shell_parts import active_window

# what is remembered and not chosen on a page
REMEMBERED = {
    "recent_files", "workspace", "microscope", "recent_sources", "geometry", "layout",
    "tour_closed",
}  # fmt: skip


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    return active_window(desk, qtbot)


def opened(window: MainWindow, action: str = "edit.settings") -> SettingsDialog:
    assert window.desk.actions.trigger(action)
    return window.findChild(SettingsDialog)


def test_every_choice_holds_at_once_and_is_there_at_the_next_start(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = window.desk
    dialog = opened(window)
    assert opened(window, "help.shortcuts") is dialog
    assert isinstance(dialog._stack.currentWidget(), ShortcutsPage)
    pages = dialog.pages
    buttons = dialog.findChildren(QPushButton)
    assert not any(button.isDefault() or button.autoDefault() for button in buttons)

    theme = pages["appearance"].findChild(QComboBox)
    theme.setCurrentIndex(theme.findData("dark"))
    assert desk.theme.dark
    assert desk.actions.action("view.theme.dark").isChecked()
    desk.actions.trigger("view.theme.light")
    assert theme.currentData() == "light"
    assert not desk.theme.dark

    data, converted = pages["folders"].findChildren(FolderField)
    data.path.setText("not a whole path")
    data.path.editingFinished.emit()
    assert "whole path" in data.note.sentence
    for field, name in ((data, "new"), (converted, "converted")):
        field.path.setText(str(tmp_path / name))
        field.path.editingFinished.emit()
        assert field.note.sentence == ""
    listed = next(w for w in pages["folders"].children() if hasattr(w, "show_folders"))
    listed._add(tmp_path / "shared")
    listed._add(tmp_path / "else")
    listed.list.setCurrentRow(0)
    listed.remove.click()

    start = pages["runs"].findChild(QComboBox)
    start.setCurrentIndex(start.findData("none"))
    levels = pages["runs"].findChild(QCheckBox)
    levels.click()
    pages["viewer"].findChild(QCheckBox).click()
    assert desk.actions.action("run.viewer").isChecked()
    desk.actions.trigger("run.viewer")
    assert not pages["viewer"].findChild(QCheckBox).isChecked()
    queue = pages["notifications"].findChild(QComboBox)
    queue.setCurrentIndex(queue.findData("needs me"))
    next(
        box for box in pages["notifications"].findChildren(QCheckBox) if "desktop" in box.text()
    ).click()
    ways = pages["notifications"].findChild(Ways)
    ways.address.setText("nobody")
    ways.add.click()
    assert "mail address" in ways.note.sentence
    ways.address.setText("me@example.org")
    ways.only.click()
    ways.add.click()
    ways.kind.setCurrentIndex(ways.kind.findData("slack"))
    ways.address.setText("https://hooks.example.org/secret")
    ways.add.click()
    listed = [ways.list.item(row).text() for row in range(ways.list.count())]
    assert listed[0] == "me@example.org, by localhost:25, only what needs a person"
    assert "secret" not in listed[1]
    ways.list.setCurrentRow(1)
    ways.remove.click()
    pages["notifications"].findChild(QSpinBox).setValue(9)
    desk.toasts.show("a message")
    assert window.toast_stack.cards[-1]._timer.interval() == 9000

    desk.open_last_microscope()
    assert not desk.controller.opening
    assert not desk.levels._wanted()
    kept = Settings(desk.settings.path).values
    assert kept.model_dump(exclude=REMEMBERED) == {
        **Values().model_dump(exclude=REMEMBERED),
        "theme": "light",
        "data_folder": tmp_path / "new",
        "convert_folder": tmp_path / "converted",
        "store_folders": (tmp_path / "else",),
        "microscope_at_start": "none",
        "levels_after_run": False,
        "message_seconds": 9,
        "notices": "needs me",
        "notices_on_desktop": False,
        "notify": ({"only": "needs me", "email": "me@example.org", "smtp": "localhost:25"},),
    }
    qtbot.mouseClick(
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close),
        Qt.MouseButton.LeftButton,
    )
    assert not dialog.isVisible()


def test_a_shortcut_is_found_changed_refused_and_taken_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    desk = window.desk
    page = opened(window, "help.shortcuts").pages["shortcuts"]
    assert isinstance(page, ShortcutsPage)
    assert page.found.rowCount() == len(desk.actions.shortcuts())
    page.search.setText("check the st")
    assert page.found.rowCount() == 1
    page.choose("store.check")
    done: list[str] = []
    desk.actions.bind("store.check", lambda: done.append("check"))

    page.keys.setKeySequence(QKeySequence("Ctrl+Alt+Y"))
    page.keys.editingFinished.emit()
    assert desk.settings.values.shortcuts == {"store.check": "Ctrl+Alt+Y"}
    assert "Ctrl+Alt+Y" in desk.actions.action("store.check").toolTip()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(window, Qt.Key.Key_Y, modifiers)
    assert done == ["check"]

    snapped: list[str] = []
    desk.actions.bind("microscope.snap", lambda: snapped.append("snap"))
    page.keys.setFocus()
    qtbot.keyClick(page.keys, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(page.note.sentence), timeout=30_000)
    assert (page.note.sentence, snapped) == ("Ctrl+K is “Snap” already.", [])

    for wrong, word in (("K", "alone"), ("Shift+K", "alone"), ("Ctrl+C", "copies")):
        assert not page.give(wrong)
        assert word in page.note.sentence
        assert page.take.isHidden()
    page.keys.setKeySequence(QKeySequence("Ctrl+K"))
    assert not page.give("Ctrl+K")
    assert page.note.sentence == "Ctrl+K is “Snap” already."
    page.take.click()
    assert desk.actions.shortcuts()["store.check"] == "Ctrl+K"
    assert desk.actions.shortcuts()["microscope.snap"] == ""
    assert Settings(desk.settings.path).values.shortcuts["microscope.snap"] == ""

    page.search.clear()
    page.choose("microscope.snap")
    page.reset.click()
    assert page.note.sentence == "Ctrl+K is “Check the store” already."
    page.choose("run.stop")
    assert not page.give("")
    assert "keeps a shortcut" in page.note.sentence
    page.choose("file.new")
    assert not page.give("Ctrl+.")
    assert page.take.isHidden(), "Stop would be left without keys"
    page.choose("view.palette")
    assert page.give("Ctrl+Alt+Y")
    button = window.menuBar().cornerWidget(Qt.Corner.TopRightCorner)
    assert button.text() == "Ctrl+Alt+Y  find an action"
    page.reset_all.click()
    assert desk.settings.values.shortcuts == {}
    assert desk.actions.shortcuts()["microscope.snap"] == "Ctrl+K"
    assert desk.actions.shortcuts()["store.check"] == ""


def test_shortcuts_that_were_written_by_hand_never_make_two_actions_the_same(
    tmp_path: Path, qtbot: QtBot
) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.change(
        shortcuts={
            "file.new": "Ctrl+K", "file.open": "Ctrl+K", "run.stop": "", "run.sing": "Ctrl+J",
            "file.save": "K", "store.view": "no keys", "store.check": "Ctrl+.",
        }
    )  # fmt: skip
    desk = Desk(settings)
    keys = desk.actions.shortcuts()
    assert keys["file.new"] == "Ctrl+K"
    assert keys["microscope.snap"] == ""
    assert (keys["file.open"], keys["file.save"]) == ("Ctrl+O", "Ctrl+S")
    assert (keys["run.stop"], keys["store.view"]) == ("Ctrl+.", "Ctrl+E")
    given = [one for one in keys.values() if one]
    assert len(given) == len(set(given))
    desk.close()


def test_a_newer_installer_is_told_only_where_a_person_said_to_look(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("parfocal_0.0.9_amd64.deb", "parfocal-99.1.exe", "other_99_amd64.deb"):
        (tmp_path / name).touch()
    newer = NewerInstaller(desk)
    newer.look()
    assert desk.tasks.listed() == ()
    desk.settings.change(installers_folder=tmp_path)
    newer.look()
    (tmp_path / "parfocal_99.2.0_amd64.deb").touch()
    newer.look()
    qtbot.waitUntil(lambda: bool(desk.toasts.history), timeout=30_000)
    qtbot.wait(50)
    assert [toast.text for toast in desk.toasts.history] == [
        f"Parfocal 99.2 lies in {tmp_path}. This one is 0.1.0."
    ]
    monkeypatch.setattr(type(desk.controller), "busy", True)
    newer.look()
    qtbot.wait(50)
    assert desk.toasts.unread == 1
