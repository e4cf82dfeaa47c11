"""Keep Stop and Halt on the keyboard while a dialog waits for an answer: `SafetyKeys(actions)`."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from parfocal.ui.actions import Actions

__all__ = ["SafetyKeys"]

KEYS = ("run.stop", "microscope.halt")


class SafetyKeys(QObject):
    """Gives those actions to every dialog that shuts the window off.

    Qt passes a shortcut over, also one of the whole application, when the widget that has it lies
    under a modal dialog: with a file dialog open, Ctrl+. did nothing.
    """

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = [actions.action(key) for key in KEYS]
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._follow)

    def _follow(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None and self._actions[0] not in dialog.actions():
            dialog.addActions(self._actions)
