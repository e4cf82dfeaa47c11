"""Have one viewer wait in the background, so that the next one opens in half the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
from PyQt6.QtCore import QObject, QTimer

from parfocal.ui.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ViewerInWaiting"]

# Late enough after the start, or after one was taken, that nobody waits for the processor
EVERY_MS = 20_000
# It holds 0.2 GB. A computer with less than this free has better use for it, and gets it back
MOST_FREE = 4 << 30
LEAST_FREE = 2 << 30


class ViewerInWaiting(QObject):
    """Looks three times a minute. None is started during a run; one that waits already sleeps."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.bytes_free: Callable[[], int] = lambda: psutil.virtual_memory().available
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        desk.settings.changed.connect(self._follow)

    def begin(self) -> None:
        """From now on."""
        self._timer.start()

    def look(self) -> None:
        """Start one, leave it or let it go, as the choice, the run and the memory have it."""
        wanted = self._desk.settings.values.viewer_waits
        may_start = not self._desk.controller.busy
        self._desk.tasks.quietly(
            "a viewer that waits",
            lambda _: self._have_one(wanted=wanted, may_start=may_start),
            owner=self,
        )

    def _have_one(self, *, wanted: bool, may_start: bool) -> None:
        from parfocal.viewer import keep_one_waiting, let_waiting_go

        free = self.bytes_free()
        if not wanted or free < LEAST_FREE:
            let_waiting_go()
        elif may_start and free > MOST_FREE:
            keep_one_waiting()

    def _follow(self, names: frozenset[str]) -> None:
        if "viewer_waits" in names and not self._desk.settings.values.viewer_waits:
            self.look()
