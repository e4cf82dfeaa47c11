"""The viewers that go on by themselves: look for them, take one up again, or leave it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.tasks import Tasks

if TYPE_CHECKING:
    from parfocal.viewer import Viewer, ViewerRecord

__all__ = ["KeptViewers"]


class KeptViewers(QObject):
    """Those that were kept open, now or before, and those that a program which died left.

    One that was left or taken up is not offered again. Looking and meeting wait in tasks.
    """

    changed = pyqtSignal()
    found = pyqtSignal(int)  # so many that were not known before
    met = pyqtSignal(object, object)  # the Viewer, and the ViewerRecord that led to it
    failed = pyqtSignal(str)  # a sentence

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._left: set[int] = set()
        self.records: tuple[ViewerRecord, ...] = ()

    def look(self) -> None:
        """Find those that are there now."""

        def found(viewers: tuple[ViewerRecord, ...]) -> None:
            before = self.records
            self.records = tuple(one for one in viewers if one.pid not in self._left)
            self.changed.emit()
            if new := len({one.pid for one in self.records} - {one.pid for one in before}):
                self.found.emit(new)

        self._tasks.quietly(
            "look for viewers that were kept open",
            lambda _task: _detached(),
            on_done=found,
            on_failed=self.failed.emit,
            owner=self,
        )

    def add(self, record: ViewerRecord) -> None:
        """Offer one that was just kept open."""
        self._left.discard(record.pid)
        self.records = (*self.records, record)
        self.changed.emit()

    def attach(self, pid: int) -> None:
        """Take one up: `met` when it let us in."""
        record = next(one for one in self.records if one.pid == pid)

        def met(viewer: Viewer) -> None:
            self.leave(pid)
            self.met.emit(viewer, record)

        self._tasks.quietly(
            f"attach {record.title}",
            lambda _task: _met(record),
            on_done=met,
            on_failed=self.failed.emit,
            owner=self,
        )

    def leave(self, pid: int) -> None:
        """Leave it open, and ask no more."""
        self._left.add(pid)
        self.records = tuple(one for one in self.records if one.pid != pid)
        self.changed.emit()


def _detached() -> tuple[ViewerRecord, ...]:
    from parfocal.viewer import detached_viewers

    return detached_viewers()


def _met(record: ViewerRecord) -> Viewer:
    from parfocal.viewer import Viewer

    return Viewer.meet(record)
