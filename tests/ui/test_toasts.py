"""Toasts and faults: everything is told once, kept, and nothing closes the window."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, qCritical, qWarning
from PyQt6.QtWidgets import QApplication, QPushButton, QToolBar
from pytestqt.qtbot import QtBot

from parfocal import ParfocalError
from parfocal.ui import MainWindow, logs
from parfocal.ui.desk import Desk
from parfocal.ui.logs import FaultHooks, LogFiles
from parfocal.ui.message_log import MessageLog
from parfocal.ui.toast_stack import AT_MOST
from ui.keyboard_focus import take_keyboard
from ui.shell_parts import plain_workspaces


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    made = MainWindow(desk, plain_workspaces())
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.settled):
        made.show()
    return made


def test_a_toast_stands_at_the_bottom_left_beside_the_bar_and_takes_no_focus(
    window: MainWindow, qtbot: QtBot
) -> None:
    take_keyboard(qtbot, window)
    field = window.show_workspace("design").field
    field.setFocus()
    window.desk.toasts.show("The store is complete.", "ok", buttons=(("Show it", lambda: None),))
    (card,) = window.toast_stack.cards
    assert card.isVisible()
    assert field.hasFocus()
    assert card.geometry().bottom() <= window.status_bar.geometry().top()
    bar = window.findChild(QToolBar, "bar.workspaces")
    assert bar is not None
    assert card.geometry().left() > bar.geometry().right()
    assert card.geometry().right() < window.width() // 2
    window.resize(1000, 700)
    assert card.geometry().bottom() <= window.status_bar.geometry().top()


def test_errors_stay_and_others_go(window: MainWindow, qtbot: QtBot) -> None:
    window.desk.toasts.show("fine", "ok")
    window.desk.toasts.show("broken", "error")
    passing, staying = window.toast_stack.cards
    assert passing._timer.isActive()
    assert not staying._timer.isActive()
    passing._timer.setInterval(1)
    qtbot.waitUntil(lambda: len(window.toast_stack.cards) == 1)
    assert window.toast_stack.cards[0].toast.text == "broken"
    assert [toast.text for toast in window.desk.toasts.history] == ["fine", "broken"]


def test_the_bell_takes_away_what_it_shows(window: MainWindow, qtbot: QtBot) -> None:
    toasts = window.desk.toasts
    done: list[str] = []
    toasts.show("broken", "error", buttons=(("Show", lambda: done.append("shown")),))
    answers = (("Recover", lambda: None), ("Later", lambda: None))
    toasts.show("interrupted", "warn", buttons=answers, sticky=True)
    window.desk.actions.trigger("view.messages")
    qtbot.waitUntil(lambda: len(window.toast_stack.cards) == 1)
    assert window.toast_stack.cards[0].toast.text == "interrupted", "it waits for an answer"
    listed = window.findChild(MessageLog).list
    listed.itemActivated.emit(listed.topLevelItem(0), 0)
    assert done == []
    listed.itemActivated.emit(listed.topLevelItem(1), 0)
    assert done == ["shown"]


def test_a_button_does_its_work_and_closes_the_toast(window: MainWindow, qtbot: QtBot) -> None:
    done: list[bool] = []
    window.desk.toasts.show("look", buttons=(("Look", lambda: done.append(True)),))
    (card,) = window.toast_stack.cards
    qtbot.mouseClick(card.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert done == [True]
    assert window.toast_stack.cards == []


def test_the_same_ten_times_a_second_is_one_toast_with_a_count(window: MainWindow) -> None:
    for _ in range(50):
        window.desk.toasts.show("the same fault", "error")
    assert len(window.toast_stack.cards) == len(window.desk.toasts.history) == 1
    assert window.desk.toasts.history[0].count == 50
    assert window.desk.toasts.unread == 1


def test_many_errors_do_not_fill_the_window(window: MainWindow) -> None:
    for number in range(12):
        window.desk.toasts.show(f"fault {number}", "error")
    assert len(window.toast_stack.cards) == AT_MOST
    assert len(window.desk.toasts.history) == 12


def test_the_bell_counts_until_the_messages_were_seen(window: MainWindow, qtbot: QtBot) -> None:
    bell = window.status_bar.bell
    assert "none new" in bell.accessibleName()
    window.desk.toasts.show("one")
    window.desk.toasts.show("two", "warn", detail="line 1\nline 2")
    assert bell.text() == "2"
    qtbot.mouseClick(bell, Qt.MouseButton.LeftButton)
    assert window.messages.isVisible()
    assert bell.text() == ""
    rows = [window.messages.list.topLevelItem(row) for row in range(2)]
    assert [row.text(2) for row in rows] == ["two", "one"]
    assert rows[0].childCount() == 2
    assert rows[0].text(0) == "Warning"
    window.desk.toasts.show("three")
    assert window.desk.toasts.unread == 0


def test_a_toast_may_come_from_any_thread(window: MainWindow, qtbot: QtBot) -> None:
    thread = threading.Thread(target=lambda: window.desk.toasts.show("from afar"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(window.toast_stack.cards) == 1)
    assert window.toast_stack.cards[0].thread() is window.thread()


@pytest.fixture
def hooks(window: MainWindow) -> FaultHooks:
    made = FaultHooks(window.desk.toasts, lambda: None)
    made.install()
    yield made
    made.remove()


def test_a_fault_in_a_slot_is_told_and_the_window_goes_on(
    window: MainWindow, hooks: FaultHooks, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a divisor of nought")

    window.desk.actions.bind("run.start", fail)
    window.desk.actions.action("run.start").trigger()
    (toast,) = window.desk.toasts.history
    assert toast.kind == "error"
    assert "a divisor of nought" in toast.text
    assert "in fail" in toast.detail
    assert "a divisor of nought" in caplog.text
    assert window.isVisible()


def test_a_refusal_is_told_in_its_own_words(window: MainWindow, hooks: FaultHooks) -> None:
    def refuse() -> None:
        raise ParfocalError("The disk D: is full.")

    window.desk.actions.bind("run.start", refuse)
    window.desk.actions.action("run.start").trigger()
    assert [t.text for t in window.desk.toasts.history] == ["The disk D: is full."]


def test_a_fault_in_a_thread_is_told(window: MainWindow, hooks: FaultHooks, qtbot: QtBot) -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in window.desk.toasts.history[-1].text


def test_qts_own_messages_are_logged_and_grave_ones_told(
    window: MainWindow, hooks: FaultHooks, caplog: pytest.LogCaptureFixture
) -> None:
    qWarning(b"a little thing")
    assert "a little thing" in caplog.text
    assert window.desk.toasts.history == []
    qCritical(b"a grave thing")
    assert "a grave thing" in window.desk.toasts.history[-1].text


def test_the_hooks_are_taken_away_again(desk: Desk) -> None:
    before = (sys.excepthook, threading.excepthook)
    hooks = FaultHooks(desk.toasts, lambda: None)
    hooks.install()
    assert sys.excepthook != before[0]
    hooks.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_a_workspace_that_fails_leaves_the_others_and_the_window(desk: Desk, qtbot: QtBot) -> None:
    def broken(_desk: Desk) -> None:
        raise RuntimeError("no such camera")

    window = MainWindow(desk, {**plain_workspaces(), "run": broken})
    qtbot.addWidget(window)
    hooks = FaultHooks(desk.toasts, lambda: None)
    hooks.install()
    with qtbot.waitSignal(window.settled):
        window.show()
    hooks.remove()
    assert "no such camera" in desk.toasts.history[-1].text
    assert window.show_workspace("jobs") is not None


def test_the_log_is_written_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "folder", lambda: tmp_path / "log")
    files = LogFiles()
    files.open()
    logging.getLogger("parfocal.test").info("something happened")
    talkative = logging.getLogger("numcodecs")
    monkeypatch.setattr(talkative, "level", logging.DEBUG)
    talkative.debug("Registering codec")
    files.close()
    logging.getLogger("parfocal.test").warning("after the end")
    written = (tmp_path / "log" / "parfocal.log").read_text()
    assert "something happened" in written
    assert "Registering codec" not in written
    assert "after the end" not in written


def test_a_log_place_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").write_text("a file in the way")
    monkeypatch.setattr(logs, "folder", lambda: tmp_path / "log")
    files = LogFiles()
    files.open()
    files.close()
    assert str(tmp_path / "log") in files.problem
    assert QApplication.instance() is not None
