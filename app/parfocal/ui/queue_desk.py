"""Follow the queue of jobs for the whole window: one thread reads it, starts its worker, and tells.

Nothing of `parfocal.jobs` is imported before there is a queue: it costs half a second, and the
thread pays for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError
from parfocal.ui.tasks import Tasks

if TYPE_CHECKING:
    from parfocal.jobs import Database, Overlook, Overview

__all__ = ["QueueDesk", "queue_path"]

log = logging.getLogger(__name__)

EVERY_S = 1.0
START_AGAIN_S = 15.0
GIVE_WAY = 10.0
"""So many times as long as a look takes it waits before the next: a queue of many thousand strips
costs a tenth of a processor at most."""
PATIENCE_S = 5.0

Change = Callable[["Database"], Any]


def queue_path() -> Path:
    """Where this user's queue lies, as `parfocal.jobs` has it."""
    return platformdirs.user_state_path("parfocal", appauthor=False) / "jobs" / "queue.sqlite"


class QueueDesk(QObject):
    """The window's side of the queue. It reads what the worker, a process of its own, writes."""

    told = pyqtSignal(object)  # an Overview that differs from the last one
    noticed = pyqtSignal(object)  # a tuple of Told: what nobody was shown yet

    def __init__(
        self, tasks: Tasks, parent: QObject | None = None, *, path: Path | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._path = queue_path() if path is None else path
        self.last: Overview | None = None
        self.busy: Callable[[], bool] = lambda: False
        """Whether a run goes on in this window, to which the work gives way."""
        self.works = True
        """Whether it has the work done; else it only looks."""
        self._woken = threading.Event()
        self._left = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> Path:
        """Which queue it is, for good: the thread keeps the file open that it found first."""
        return self._path

    def start(self) -> None:
        """Look from now on, once a second."""
        if self._thread is None and not self._left.is_set():
            # a daemon: a disk that never answers must not keep the program from leaving
            self._thread = threading.Thread(target=self._follow, name="parfocal-queue", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Look at once."""
        self._woken.set()

    def change(
        self,
        name: str,
        work: Change,
        *,
        on_done: Callable[[Any], object] | None = None,
        on_failed: Callable[[str], object] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Do something with the queue off the window's thread, and look at what became of it."""

        def done(result: Any) -> None:
            self.start()
            self.look()
            if on_done is not None:
                on_done(result)

        self._tasks.quietly(
            name,
            lambda _task: _changed(self.path, work),
            on_done=done,
            on_failed=on_failed,
            owner=owner or self,
        )

    def close(self) -> bool:
        """Look no more; the worker goes on. False when a disk did not answer."""
        self._left.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            return not self._thread.is_alive()
        return True

    # -- in the thread

    def _follow(self) -> None:
        overlook: Overlook | None = None
        shown: int | None = None
        started, took = -START_AGAIN_S, 0.0
        while not self._left.is_set():
            self._woken.clear()
            began = time.monotonic()
            if overlook is None and self.path.exists():
                from parfocal.jobs import Overlook

                overlook = Overlook(self.path)
            if overlook is not None:
                overview = overlook.look(busy=self.busy())
                took = time.monotonic() - began
                if self._left.is_set() or sip.isdeleted(self):
                    break
                if overview is not self.last:
                    self.last = overview
                    self.told.emit(overview)
                    shown = self._notice(overview, shown)
                if self._wants_worker(overview) and time.monotonic() - started > START_AGAIN_S:
                    started = time.monotonic()
                    self._start_worker()
            self._woken.wait(max(EVERY_S, GIVE_WAY * took))
        if overlook is not None:
            overlook.close()

    def _wants_worker(self, overview: Overview) -> bool:
        from parfocal.jobs import worker_lives

        # its start alone would take a second of the processors that a run needs
        wanted = self.works and overview.wants_worker and not self.busy()
        return wanted and not worker_lives(self.path)

    def _start_worker(self) -> None:
        from parfocal.jobs import start_worker

        try:
            start_worker(self.path)
        except ParfocalError as problem:
            log.warning("%s", problem)

    def _notice(self, overview: Overview, shown: int | None) -> int | None:
        from parfocal.jobs import mark_told, told_since

        if overview.problem:
            return shown
        try:
            new = told_since(self.path, shown)
            if not new:
                return shown
            shown = new[-1].id  # also when it cannot be written down: this window has shown it
            if not sip.isdeleted(self):
                self.noticed.emit(new)
            _changed(self.path, lambda database: mark_told(database, new))
        except ParfocalError as problem:
            log.warning("%s", problem)
        return shown


def _changed(path: Path, work: Change) -> Any:
    import sqlite3

    from parfocal.jobs import Database, JobError

    database = Database(path)
    try:
        return work(database)
    except sqlite3.Error as problem:
        raise JobError(f"the queue {path} cannot be changed: {problem}") from problem
    finally:
        database.close()
