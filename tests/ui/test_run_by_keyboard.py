"""The real window, whole: design, run and stop by the keyboard; no widget off the GUI thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import demo_experiment
from parfocal.run import RunState
from parfocal.store import info
from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.run_workspace import RunWorkspace
from ui.keyboard_focus import press, take_keyboard

PATIENCE_MS = 60_000
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, open_desk: Desk) -> Iterator[MainWindow]:
    made = MainWindow(open_desk)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    with qtbot.waitSignal(made.settled, timeout=PATIENCE_MS):
        made.show()
    open_desk.close_guards.clear()  # nobody is there to say whether to save
    take_keyboard(qtbot, made)
    yield made
    if open_desk.controller.busy:
        with qtbot.waitSignal(open_desk.controller.run_finished, timeout=PATIENCE_MS):
            open_desk.controller.cancel()


def reach(qtbot: QtBot, desk: Desk, *states: RunState) -> None:
    def reached() -> bool:
        status = desk.controller.status()
        return status is not None and status.state in states

    qtbot.waitUntil(reached, timeout=PATIENCE_MS)


def test_design_run_and_stop_without_a_mouse(
    qtbot: QtBot, window: MainWindow, open_desk: Desk
) -> None:
    press(qtbot, Qt.Key.Key_2, CONTROL)
    assert window.workspace == "design"
    name = next(
        edit
        for edit in window.findChildren(QLineEdit)
        if edit.accessibleName() == "Name of the experiment"
    )
    for _ in range(200):  # Tab reaches it
        if QApplication.focusWidget() is name:
            break
        press(qtbot, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is name
    press(qtbot, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(name, "by hand")
    press(qtbot, Qt.Key.Key_Return)
    design = window._shown_page().widget
    qtbot.waitUntil(lambda: design.problem_with_start() == "", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "by-hand" in design.summary.target.path.name, timeout=PATIENCE_MS)
    press(qtbot, Qt.Key.Key_F5)
    reach(qtbot, open_desk, RunState.RUNNING)
    qtbot.waitUntil(lambda: window.workspace == "run")
    pause = open_desk.actions.action("run.pause")
    qtbot.waitUntil(lambda: pause.isEnabled() and pause.text() == "Pause")
    press(qtbot, Qt.Key.Key_F6)
    reach(qtbot, open_desk, RunState.PAUSED)
    qtbot.waitUntil(lambda: pause.text() == "Resume")
    press(qtbot, Qt.Key.Key_F6)
    reach(qtbot, open_desk, RunState.RUNNING)
    press(qtbot, Qt.Key.Key_3, CONTROL)
    with qtbot.waitSignal(open_desk.controller.run_finished, timeout=PATIENCE_MS) as ended:
        press(qtbot, Qt.Key.Key_Period, CONTROL)
    assert ended.args[0].state is RunState.CANCELLED
    assert ended.args[0].name == "by hand"
    assert info(ended.args[0].store).acquired > 0


def test_no_widget_is_touched_off_the_gui_thread_while_a_run_is_watched(
    qtbot: QtBot, window: MainWindow, open_desk: Desk, tmp_path: Path
) -> None:
    """Every Python call in the engine's thread and the tasks' threads is looked at."""
    calls, wrong = [0], []
    here = threading.get_ident()

    def look(frame: FrameType, event: str, _what: object) -> None:
        if event != "call" or threading.get_ident() == here:
            return
        calls[0] += 1
        if isinstance(frame.f_locals.get("self"), QWidget):
            wrong.append(frame.f_code.co_qualname)

    threading.setprofile(look)
    open_desk.controller.in_engine(lambda: sys.setprofile(look)).result(5)
    try:
        window.show_workspace("run")
        with qtbot.waitSignal(open_desk.controller.run_finished, timeout=60_000):
            open_desk.controller.start(demo_experiment(), tmp_path / "watched.ome.zarr")
    finally:
        threading.setprofile(None)
        open_desk.controller.in_engine(lambda: sys.setprofile(None)).result(5)
    assert calls[0] > 1000
    assert wrong == []


def test_every_control_of_run_and_of_its_dialog_can_be_read_aloud(
    qtbot: QtBot, window: MainWindow, open_desk: Desk, tmp_path: Path
) -> None:
    open_desk.controller.start(demo_experiment(), tmp_path / "named.ome.zarr")
    window.show_workspace("run")
    reach(qtbot, open_desk, RunState.RUNNING)
    open_desk.actions.trigger("run.change")
    workspace = window._shown_page().widget
    assert isinstance(workspace, RunWorkspace)
    dialog = workspace.run_actions.dialog
    assert dialog is not None
    for place in (workspace, dialog):
        nameless = [
            type(button).__name__
            for button in place.findChildren(QAbstractButton)
            if button.isVisible() and not (button.accessibleName() or button.text())
        ]
        assert nameless == []
    for widget in (workspace.strip.strip, workspace.plots.graphics, workspace.map.plot):
        assert widget.accessibleName()
    for button in workspace.header.buttons.values():
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.toolTip()
    dialog.reject()
