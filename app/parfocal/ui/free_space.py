"""How much room the data folder's disk has, asked in the background: `bytes_free`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer

from parfocal.ui.tasks import Task, Tasks

EVERY_MS = 15_000


class FreeSpace(QObject):
    """Asks again every 15 s. A network folder that never answers holds up nobody else's look."""

    def __init__(self, tasks: Tasks, folder: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._folder = tasks, folder
        self._asked: Task | None = None
        self.bytes_free: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Ask now and from now on."""
        self.ask()
        self._timer.start()

    def ask(self) -> None:
        """Look once more, unless the last look has not come back yet."""
        if self._asked is not None and not self._asked.status.state.final:
            return
        folder = self._folder()
        self._asked = self._tasks.quietly(
            "free disk",
            lambda _: _free(folder),
            on_done=self._answer,
            on_failed=lambda _: self._answer(None),
            owner=self,
        )

    def _answer(self, bytes_free: int | None) -> None:
        self.bytes_free = bytes_free


def _free(folder: Path) -> int:
    """Room on the disk where the folder is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
