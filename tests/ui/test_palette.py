"""The command palette: finds by letters, is driven by keys, runs only what can run."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.palette import match
from ui.shell_parts import active_window


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    return active_window(desk, qtbot)


def test_letters_must_stand_in_order() -> None:
    assert match("rsly", "Reset layout") is not None
    assert match("yl", "Reset layout") is None
    assert match("", "anything") == (0, ())


def test_words_beginnings_and_runs_of_letters_come_first() -> None:
    def score(query: str, text: str) -> int:
        found = match(query, text)
        assert found is not None
        return found[0]

    assert score("rl", "Reset layout") > score("rl", "Show the world")
    assert score("sto", "Store") > score("sto", "Show the room")


def test_the_found_letters_are_marked() -> None:
    found = match("resla", "Reset layout")
    assert found is not None
    assert found[1] == (0, 1, 2, 6, 7)


def test_the_shortcut_opens_it_and_letters_find(window: MainWindow, qtbot: QtBot) -> None:
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_P, control_shift)
    palette = window.palette_panel
    assert palette.isVisible()
    assert palette.field.hasFocus()
    qtbot.keyClicks(palette.field, "dark")
    assert palette.shown()[0].text == "Dark theme"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.desk.theme.dark
    assert window.desk.settings.values.theme == "dark"


def test_it_lists_every_action_but_itself_with_its_shortcut(window: MainWindow) -> None:
    window.palette_panel.open_actions()
    shown = {entry.key: entry for entry in window.palette_panel.shown()}
    assert shown.keys() == {one.key for one in window.desk.actions} - {"view.palette"}
    assert shown["view.run"].shortcut == "Ctrl+3"


def test_what_cannot_run_stands_last_and_does_not_run(window: MainWindow, qtbot: QtBot) -> None:
    done: list[bool] = []
    window.desk.actions.bind("run.start", lambda: done.append(True), enabled=False)
    palette = window.palette_panel
    palette.open_actions()
    flags = [entry.enabled for entry in palette.shown()]
    assert flags == sorted(flags, reverse=True)
    qtbot.keyClicks(palette.field, "run the exp")
    assert palette.shown()[0].key == "run.start"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert done == []


def test_arrows_go_round_and_escape_gives_the_focus_back(window: MainWindow, qtbot: QtBot) -> None:
    field = window.show_workspace("design").field
    field.setFocus()
    palette = window.palette_panel
    palette.open_actions()
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == palette.list.count() - 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 0
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert field.hasFocus()


def test_what_was_used_last_comes_first(window: MainWindow, qtbot: QtBot) -> None:
    palette = window.palette_panel
    palette.open_actions()
    qtbot.keyClicks(palette.field, "show jobs")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open_actions()
    assert palette.shown()[0].key == "view.jobs"


def test_letters_that_fit_nothing_are_told_so(window: MainWindow, qtbot: QtBot) -> None:
    palette = window.palette_panel
    palette.open_actions()
    qtbot.keyClicks(palette.field, "zzzz")
    assert palette.shown() == ()
    assert palette.nothing.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.open_actions()
    assert not palette.nothing.isVisible()
