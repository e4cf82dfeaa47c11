"""The window around the workspaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtWidgets import QMainWindow, QWidget

from parfocal.ui.desk import Desk

Workspaces = Mapping[str, Callable[[Desk], QWidget]]


class MainWindow(QMainWindow):
    """Bar, stacked workspaces, docks and status bar, all made from the desk's actions.

    A workspace is a QWidget made as `make(desk)`; what it may have: `refresh(status)` called at
    10 Hz while visible, `open_path(path)`, `focus()`.
    """

    def __init__(self, desk: Desk, workspaces: Workspaces | None = None) -> None:
        super().__init__()
        self.desk = desk

    def show_workspace(self, name: str) -> QWidget:
        """Bring a workspace to the front, making it when it is its first time."""
        return QWidget(self)
