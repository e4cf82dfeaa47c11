"""Tell the conversions that the wizard was asked for as lines of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.convert import Batch, BatchSnapshot
    from parfocal.ui.desk import Desk

__all__ = ["BatchLine", "Conversions"]

EVERY_MS = 1000


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch that is not over, with the fields of a job's line."""

    id: int
    kind: str
    about: str
    state: str
    fraction: float
    bytes_per_s: float | None
    left_s: float | None
    why: str
    batch: Batch
    strip: str | None = None
    trouble: str = ""
    attempt: int = 0


class Conversions(QObject):
    """Looks once a second while somebody can see it; nothing is imported while there is none."""

    changed = pyqtSignal(object)  # a tuple of BatchLine

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._answers = NewestAnswer(desk.tasks, self, far=True)
        self._last: tuple[BatchLine, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def watch(self, *, visible: bool) -> None:
        """Look from now on, or look no more."""
        if visible and not self._timer.isActive():
            self.look()
            self._timer.start()
        elif not visible:
            self._timer.stop()

    def look(self) -> None:
        """Look once, unless the last look has not come back yet."""
        if not self._answers.working:
            self._answers.ask("look for conversions", lambda _task: _lines(), self._show)

    def _show(self, lines: tuple[BatchLine, ...]) -> None:
        if lines != self._last:
            self._last = lines
            self.changed.emit(lines)


def _lines() -> tuple[BatchLine, ...]:
    """In a thread."""
    root = platformdirs.user_state_path("parfocal", appauthor=False) / "conversions"
    if not root.is_dir() or not any(root.iterdir()):
        return ()
    from parfocal.convert import known_batches

    open_ = [one for one in known_batches() if one.working or not one.progress.over]
    return tuple(_line(-number_, one) for number_, one in enumerate(open_, 1))


def _line(number_: int, snapshot: BatchSnapshot) -> BatchLine:
    items, progress = snapshot.batch.items, snapshot.progress
    about = str(items[0].destination)
    if len(items) > 1:
        about = tr("{first} and {n} more").format(first=about, n=number(len(items) - 1))
    done = sum(one.state == "done" for one in progress.items)
    why = tr("{n} of {m} items are done").format(n=number(done), m=number(len(items)))
    state = "running"
    if snapshot.interrupted:
        state, why = "parked", tr("Its worker was ended; open it to go on")
    elif snapshot.paused:
        state, why = "ready", tr("paused; {why}").format(why=why)
    rate = max((one.bytes_per_s for one in progress.items if not one.state.final), default=0.0)
    return BatchLine(
        number_,
        items[0].action,
        about,
        state,
        progress.fraction,
        rate or None,
        progress.left_s,
        why,
        snapshot.batch,
    )
