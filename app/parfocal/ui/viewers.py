"""Open napari windows on stores and live runs, ask how they are, and tell them the theme."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.ui.tasks import Task, Tasks
    from parfocal.viewer import RingAddress, Viewer, ViewerStatus
    from parfocal.wiring import Session

__all__ = ["Viewers"]

LOOK_EVERY_MS = 500


class Viewers(QObject):
    """The viewer children of this desk, newest last; one for a store, however often it is asked
    for. One that ended is forgotten; if it failed, `failed` says why."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)  # a sentence
    _came = pyqtSignal()  # from whichever thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from parfocal.viewer import OpenViewers

        self._book = OpenViewers()
        self._undressed: list[Viewer] = []  # were starting when the theme changed
        self._dark = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._came.connect(self._welcome)

    def __len__(self) -> int:
        return len(self.viewers())

    def open_store(self, path: Path) -> Viewer | None:
        """Start a viewer on a store and return at once; None (and `failed`) when that cannot be.

        The one that shows it already comes to the front instead.
        """
        return self._open(path, None)

    def open_live(self, session: Session) -> Viewer | None:
        """Start a viewer on a run that is going on: its store, and its newest frames."""
        return self._open(session.run.store, session.live)

    def add(self, viewer: Viewer) -> None:
        """Keep a started viewer: the status bar shows its light, closing the window ends it."""
        self._book.add(viewer)
        self._came.emit()

    def keep_open(self, viewer: Viewer, tasks: Tasks) -> None:
        """Let a viewer outlive this window; `failed` says when that cannot be."""
        tasks.quietly(
            "keep a viewer open",
            lambda _: viewer.detach(),
            on_done=lambda _: self._look(),
            on_failed=self.failed.emit,
            owner=self,
        )

    def meet_again(self, tasks: Tasks) -> None:
        """Look, in the background, for viewers that outlived an earlier window, and hold them."""
        tasks.quietly("viewers left open", _meet_all, on_done=self._welcome_back, owner=self)

    def viewers(self) -> tuple[Viewer, ...]:
        """All of them, oldest first."""
        return self._book.viewers()

    def statuses(self) -> tuple[ViewerStatus, ...]:
        """How each viewer is."""
        return tuple(viewer.status() for viewer in self.viewers())

    @property
    def dark(self) -> bool:
        """Whether the viewers wear the dark theme."""
        return self._dark

    def set_dark(self, dark: bool) -> None:
        """Dress all viewers; one that is still starting follows when it is ready."""
        self._dark = dark
        self._undressed = list(self.viewers())
        self._dress()

    def close_all(self, timeout: float = 5.0) -> None:
        """End every viewer and its process, but those that somebody wanted to keep."""
        self._timer.stop()
        self._undressed.clear()
        for viewer in reversed(self.viewers()):
            self._book.remove(viewer)
            if viewer.kept:
                with contextlib.suppress(ParfocalError):  # the end of our process lets go of it too
                    viewer.detach(timeout)
            else:
                viewer.close(timeout)
        self.changed.emit()

    def _open(self, store: Path, live: RingAddress | None) -> Viewer | None:
        try:
            viewer, _ = self._book.open(store, live, dark=self._dark)
        except ParfocalError as refusal:
            self.failed.emit(str(refusal))
            return None
        self._came.emit()
        return viewer

    def _welcome(self) -> None:
        self._timer.start()
        self.changed.emit()

    def _welcome_back(self, met: list[Viewer]) -> None:
        for viewer in met:
            self._book.add(viewer)
            self._undressed.append(viewer)
            self._came.emit()

    def _look(self) -> None:
        self._dress()
        ended = [v for v in self.viewers() if v.status().state in ("exited", "detached")]
        for viewer in ended:
            self._book.remove(viewer)
            problem = viewer.status().problem
            viewer.close()
            if problem:
                self.failed.emit(f"{viewer.title}: {problem}")
        if ended:
            self.changed.emit()
        if not self.viewers():
            self._timer.stop()

    def _dress(self) -> None:
        for viewer in tuple(self._undressed):
            if viewer.status().state in ("ready", "busy"):
                viewer.request("theme", dark=self._dark)
                self._undressed.remove(viewer)
            elif viewer not in self.viewers():
                self._undressed.remove(viewer)


def _meet_all(_: Task) -> list[Viewer]:
    """Those that nobody holds. One that does not answer, or was just met elsewhere, is let be."""
    from parfocal.viewer import Viewer, detached_viewers

    met = []
    for record in detached_viewers():
        with contextlib.suppress(ParfocalError):
            met.append(Viewer.meet(record))
    return met
