"""Write down what happened in this run, line by line, from the statuses that were polled."""

from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus

__all__ = ["RunLog"]

MOST_LINES = 5000


class RunLog(QPlainTextEdit):
    """Changes of state, errors, skipped frames and held-back events, each with its time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last: RunStatus | None = None
        self.setReadOnly(True)
        self.setMaximumBlockCount(MOST_LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setPlaceholderText(tr("What happens in the run is written here."))
        self.setAccessibleName(tr("Log of this run"))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.SmallestReadableFont))

    def begin(self) -> None:
        """Start on a new run."""
        self._last = None
        self.clear()

    def follow(self, status: "RunStatus") -> None:
        """Write what is new since the last status."""
        for line in changes(self._last, status):
            self.write(line)
        self._last = status

    def write(self, line: str) -> None:
        """Write one line with the time of day."""
        self.appendPlainText(f"{datetime.now():%H:%M:%S}  {line}")


def changes(last: "RunStatus | None", now: "RunStatus") -> list[str]:
    """What became different, in sentences."""
    lines = []
    if last is None:
        lines.append(tr("records into {path}").format(path=now.store))
    if last is None or last.state != now.state:
        done = tr("{state} at event {n} of {m}").format(
            state=now.state, n=number(now.event), m=number(now.events)
        )
        lines.append(f"{done}: {now.reason}" if now.reason else done)
    if last is not None and last.revision != now.revision:
        words = tr("the plan was changed: {n} events, {f} frames now")
        lines.append(words.format(n=number(now.events), f=number(now.frames_expected)))
    if now.frames_skipped > (last.frames_skipped if last else 0):
        lines.append(tr("{n} frames skipped so far").format(n=number(now.frames_skipped)))
    if now.blocked_s >= (int(last.blocked_s) if last else 0) + 1:
        words = tr("storage held the run back, {s} s so far")
        lines.append(words.format(s=number(now.blocked_s, 1)))
    known = {(error.source, error.message) for error in last.errors} if last else set()
    lines += [
        f"{error.source}: {error.message}"
        for error in now.errors
        if (error.source, error.message) not in known
    ]
    if now.fatal is not None and (last is None or last.fatal is None):
        lines.append(f"{now.fatal.source}: {now.fatal.message}")
    return lines
