"""Open napari windows on stores and live runs, ask how they are, and tell them the theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.viewer import RingAddress, Viewer, ViewerStatus
    from parfocal.wiring import Session

__all__ = ["Viewers"]

LOOK_EVERY_MS = 500


class Viewers(QObject):
    """The viewer children of this desk, newest last. One that ended is forgotten; if it failed,
    `failed` says why."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)  # a sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewers: list[Viewer] = []
        self._undressed: list[Viewer] = []  # were starting when the theme changed
        self._dark = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def __len__(self) -> int:
        return len(self._viewers)

    def open_store(self, path: Path) -> Viewer | None:
        """Start a viewer on a store and return at once; None (and `failed`) when that cannot be."""
        return self._open(path, None)

    def open_live(self, session: Session) -> Viewer | None:
        """Start a viewer on a run that is going on: its store, and its newest frames."""
        return self._open(session.run.store, session.live)

    def add(self, viewer: Viewer) -> None:
        """Keep a started viewer: the status bar shows its light, closing the window ends it."""
        self._viewers.append(viewer)
        self._timer.start()
        self.changed.emit()

    def statuses(self) -> tuple[ViewerStatus, ...]:
        """How each viewer is."""
        return tuple(viewer.status() for viewer in self._viewers)

    @property
    def dark(self) -> bool:
        """Whether the viewers wear the dark theme."""
        return self._dark

    def set_dark(self, dark: bool) -> None:
        """Dress all viewers; one that is still starting follows when it is ready."""
        self._dark = dark
        self._undressed = list(self._viewers)
        self._dress()

    def close_all(self, timeout: float = 5.0) -> None:
        """End every viewer and its process."""
        self._timer.stop()
        self._undressed.clear()
        while self._viewers:
            self._viewers.pop().close(timeout)
        self.changed.emit()

    def _open(self, store: Path, live: RingAddress | None) -> Viewer | None:
        from parfocal.viewer import Viewer

        viewer = Viewer(title=store.name, dark=self._dark)
        try:
            viewer.start(store, live)
        except ParfocalError as refusal:
            self.failed.emit(str(refusal))
            return None
        self.add(viewer)
        return viewer

    def _look(self) -> None:
        self._dress()
        ended = [viewer for viewer in self._viewers if viewer.status().state == "exited"]
        for viewer in ended:
            self._viewers.remove(viewer)
            problem = viewer.status().problem
            viewer.close()
            if problem:
                self.failed.emit(f"{viewer.title}: {problem}")
        if ended:
            self.changed.emit()
        if not self._viewers:
            self._timer.stop()

    def _dress(self) -> None:
        for viewer in tuple(self._undressed):
            if viewer.status().state in ("ready", "busy"):
                viewer.request("theme", dark=self._dark)
                self._undressed.remove(viewer)
            elif viewer not in self._viewers:
                self._undressed.remove(viewer)
