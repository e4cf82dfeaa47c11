"""The viewer windows that this desk has opened: add one, ask how they are, tell them the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from parfocal.viewer import Viewer, ViewerStatus


class Viewers(QObject):
    """The viewer children, newest last; those that ended are forgotten."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewers: list[Viewer] = []

    def add(self, viewer: Viewer) -> None:
        """Keep a started viewer: the status bar shows its light, closing the window ends it."""
        self._viewers.append(viewer)
        self.changed.emit()

    def statuses(self) -> tuple[ViewerStatus, ...]:
        """How each viewer is."""
        return tuple(viewer.status() for viewer in self._viewers)

    def set_dark(self, dark: bool) -> None:
        """Tell every viewer that can listen which theme to wear."""
        for viewer in self._viewers:
            if viewer.status().state in ("ready", "busy"):
                viewer.request("theme", dark=dark)

    def close_all(self, timeout: float = 5.0) -> None:
        """End every viewer and its process."""
        while self._viewers:
            self._viewers.pop().close(timeout)
        self.changed.emit()
