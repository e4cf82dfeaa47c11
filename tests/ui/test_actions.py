"""The table of actions: complete, bound or disabled, offered where it says."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QMenu, QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from parfocal import ParfocalError
from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from ui.keyboard_focus import take_keyboard
from ui.shell_parts import active_window, plain_workspaces


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    return active_window(desk, qtbot)


def test_every_action_has_text_icon_and_a_place(desk: Desk) -> None:
    keys = [one.key for one in desk.actions]
    assert len(keys) == len(set(keys)) > 30
    for one in desk.actions:
        action = desk.actions.action(one.key)
        assert one.plain_text, one.key
        assert "&" in one.text, f"{one.key} has no letter for the keyboard"
        assert not action.icon().isNull(), one.key
        assert action.icon().pixmap(16, 16).toImage() != icon("close").pixmap(16, 16).toImage()
        assert one.plain_text.rstrip("…") in action.text().replace("&", "")


def test_no_two_actions_share_a_shortcut_or_a_menu_letter(desk: Desk) -> None:
    shortcuts = [one.shortcut for one in desk.actions if one.shortcut]
    assert len(shortcuts) == len(set(shortcuts))
    for menu in {one.menu.split("/")[0] for one in desk.actions}:
        letters = [
            one.text[one.text.index("&") + 1].lower()
            for one in desk.actions
            if one.menu.split("/")[0] == menu
        ]
        assert len(letters) == len(set(letters)), (menu, letters)


def test_what_the_team_agreed_on_is_declared(desk: Desk) -> None:
    agreed = """file.new file.open file.save file.save_as file.recent file.quit edit.undo edit.redo
        run.start run.pause run.stop microscope.snap microscope.live microscope.halt
        store.open_folder store.view store.check store.reveal view.microscope view.design view.run
        view.store view.jobs view.reset_layout view.theme.system view.theme.light view.theme.dark
        view.palette help.about help.logs help.doctor"""
    assert set(agreed.split()) <= {one.key for one in desk.actions}


def test_an_action_that_nobody_bound_is_disabled_and_harmless(desk: Desk) -> None:
    assert not desk.actions.action("run.start").isEnabled()
    assert desk.actions.trigger("run.start") is False


def test_a_bound_action_follows_its_condition(desk: Desk) -> None:
    done: list[str] = []
    able = False
    desk.actions.bind("run.start", lambda: done.append("run"), lambda: able)
    assert not desk.actions.trigger("run.start")
    assert not desk.actions.action("run.start").isEnabled()
    able = True
    desk.actions.refresh()
    assert desk.actions.action("run.start").isEnabled()
    assert desk.actions.trigger("run.start")
    desk.actions.action("run.start").trigger()
    assert done == ["run", "run"]


def test_a_key_that_is_not_declared_is_the_programmers_error(desk: Desk) -> None:
    with pytest.raises(KeyError, match=r"run\.sing"):
        desk.actions.bind("run.sing", lambda: None)


def test_a_refusal_in_an_action_reaches_whoever_listens(desk: Desk, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise ParfocalError("no")

    desk.actions.bind("run.start", refuse)
    with qtbot.captureExceptions() as caught:
        desk.actions.trigger("run.start")
    assert [str(one[1]) for one in caught] == ["no"]


def test_menus_hold_every_action_once(window: MainWindow) -> None:
    shown: list[str] = []

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            below = action.menu()
            if below is not None:
                walk(below)
            elif not action.isSeparator():
                shown.append(action.objectName())

    for title in window.menuBar().actions():
        walk(title.menu())
    assert sorted(shown) == sorted(one.key for one in window.desk.actions)


def test_a_menu_that_is_opened_before_the_start_filled_it_is_full(desk: Desk, qtbot: QtBot) -> None:
    window = MainWindow(desk, plain_workspaces())
    qtbot.addWidget(window)
    menus = [title.menu() for title in window.menuBar().actions()]
    assert not any(menu.actions() for menu in menus)
    menus[1].aboutToShow.emit()
    assert all(menu.actions() for menu in menus)
    counts = [len(menu.actions()) for menu in menus]
    desk.actions.fill_menus()
    assert [len(menu.actions()) for menu in menus] == counts


def test_every_button_of_the_shell_has_an_accessible_name(window: MainWindow) -> None:
    window.desk.toasts.show("a message", "error", buttons=(("Do it", lambda: None),))
    inner = {
        "qt_menubar_ext_button",
        "qt_toolbar_ext_button",
        "qt_dockwidget_closebutton",
        "qt_dockwidget_floatbutton",
    }
    unnamed = [
        button
        for button in window.findChildren(QAbstractButton)
        if not (button.accessibleName() or button.text())
        and button.objectName() not in inner
        and type(button).__name__ not in {"QLineEditIconButton"}
        and not (isinstance(button, QToolButton) and button.parent() is window.palette_panel.field)
    ]
    assert [(type(b), b.objectName(), b.parent()) for b in unnamed] == []


def test_the_left_bar_shows_icon_and_word(window: MainWindow) -> None:
    bar = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Show Design")
    assert bar.text() == "Design"
    assert bar.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    assert not bar.icon().isNull()


def test_stop_works_by_keyboard_wherever_the_focus_is(window: MainWindow, qtbot: QtBot) -> None:
    stopped: list[bool] = []
    window.desk.actions.bind("run.stop", lambda: stopped.append(True))
    for name in window.workspace_names:
        widget = window.show_workspace(name)
        widget.field.setFocus()
        qtbot.keyClick(widget.field, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert len(stopped) == len(window.workspace_names) == 5


def test_stop_works_by_keyboard_while_a_dialog_waits_for_an_answer(
    window: MainWindow, qtbot: QtBot
) -> None:
    stopped: list[str] = []
    window.desk.actions.bind("run.stop", lambda: stopped.append("run"))
    window.desk.actions.bind("microscope.halt", lambda: stopped.append("stage"))
    question = QMessageBox(window)
    question.setText("Is it?")
    question.open()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is question)
    take_keyboard(qtbot, question)
    qtbot.keyClick(question, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(question, Qt.Key.Key_H, both)
    assert stopped == ["run", "stage"]
    question.close()
    question.deleteLater()


def test_workspaces_change_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    for number, name in enumerate(window.workspace_names, 1):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.workspace == name
        assert window.desk.actions.action(f"view.{name}").isChecked()
