"""Small workspaces for tests of the shell, in place of the real ones that others test."""

from __future__ import annotations

from typing import Any

from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.workspaces import NAMES
from ui.keyboard_focus import take_keyboard


class PlainWorkspace(QWidget):
    """Remembers what the window asked of it."""

    def __init__(self, _desk: Desk) -> None:
        super().__init__()
        self.statuses: list[Any] = []
        self.opened: list[Any] = []
        self.readable = True
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)

    def refresh(self, status: object) -> None:
        self.statuses.append(status)

    def open_path(self, path: object) -> bool:
        self.opened.append(path)
        return self.readable


def plain_workspaces() -> dict[str, type[PlainWorkspace]]:
    """One plain workspace for each name."""
    return dict.fromkeys(NAMES, PlainWorkspace)


def active_window(desk: Desk, qtbot: QtBot) -> MainWindow:
    """A window of plain workspaces that has the keyboard."""
    made = MainWindow(desk, plain_workspaces())
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.settled):
        made.show()
    take_keyboard(qtbot, made)
    return made
