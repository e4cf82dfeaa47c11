"""Open napari children on stores and live runs, and tell all of them the theme."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from parfocal.viewer import Viewer, ViewerStatus
    from parfocal.wiring import Session

__all__ = ["Viewers"]


class Viewers(QObject):
    """The viewers of this desk, newest last; those that ended by themselves leave the list."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)  # a sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewers: list[Viewer] = []
        self._dark = False

    def __len__(self) -> int:
        return len(self._viewers)

    def open_store(self, path: Path) -> "Viewer | None":
        """Start a viewer on a store; returns at once."""
        raise NotImplementedError

    def open_live(self, session: "Session") -> "Viewer | None":
        """Start a viewer on a run that is going on: its store and its newest frames."""
        raise NotImplementedError

    @property
    def dark(self) -> bool:
        """Whether the viewers wear the dark theme."""
        return self._dark

    def set_dark(self, dark: bool) -> None:
        """Dress all viewers, also those still to come."""
        self._dark = dark

    def statuses(self) -> "tuple[ViewerStatus, ...]":
        """How each viewer is, for the status bar's light."""
        return tuple(viewer.status() for viewer in self._viewers)

    def close_all(self, timeout: float = 5.0) -> None:
        """Ask every viewer to close, and end those that do not."""
