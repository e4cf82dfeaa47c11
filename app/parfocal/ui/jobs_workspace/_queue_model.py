"""Show the jobs that are not over as a table: how far, how fast, what is left, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from parfocal.ui.jobs_workspace._details import STATES
from parfocal.ui.jobs_workspace._look import stage_words
from parfocal.ui.jobs_workspace._progress import FRACTION_ROLE
from parfocal.ui.text import size_in_words, time_in_words, tr
from parfocal.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.jobs import QueueLine
    from parfocal.ui.jobs_workspace._conversions import BatchLine

    Line = QueueLine | BatchLine

WHAT, ABOUT, STATE, PROGRESS, RATE, LEFT, WHY = range(7)


class QueueModel(QAbstractTableModel):
    """Rows keep their places while the jobs are the same ones."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Line, ...] = ()
        theme.changed.connect(self._recolor)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these, in their order."""
        same = [one.id for one in lines] == [one.id for one in self._lines]
        if not same:
            self.beginResetModel()
            self._lines = tuple(lines)
            self.endResetModel()
            return
        before, self._lines = self._lines, tuple(lines)
        for row, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, WHY))

    def line(self, row: int) -> Line:
        """The job of a row."""
        return self._lines[row]

    def row_of(self, job: int) -> int | None:
        """Where a job is."""
        return next((row for row, one in enumerate(self._lines) if one.id == job), None)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many jobs there are."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many columns there are."""
        return 0 if parent is not None and parent.isValid() else 7

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt asks for a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            tr("Stage"), tr("Of"), tr("State"), tr("Progress"), tr("Rate"), tr("Left"), tr("Why"),
        )[section]  # fmt: skip

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt asks what a cell shows."""
        line = self._lines[index.row()]
        if role == FRACTION_ROLE:
            return line.fraction if line.state == "running" else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _words(line, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == STATE:
            return self._theme.color(STATES[str(line.state)][1])
        return None

    def _recolor(self) -> None:
        if self._lines:
            self.dataChanged.emit(self.index(0, STATE), self.index(len(self._lines) - 1, STATE))


def _words(line: Line, column: int) -> str:
    if column == WHAT:
        return stage_words(line.kind)
    if column == ABOUT:
        return line.about
    if column == STATE:
        return f"{STATES[str(line.state)][0]} {_state(str(line.state))}"
    if column == RATE and line.bytes_per_s is not None:
        return tr("{size}/s").format(size=size_in_words(line.bytes_per_s))
    if column == LEFT and line.left_s is not None:
        return time_in_words(line.left_s)
    return line.why if column == WHY else ""


def _state(state: str) -> str:
    return {
        "running": tr("running"),
        "ready": tr("in the queue"),
        "waiting": tr("waits"),
        "failed": tr("failed"),
        "parked": tr("wants a person"),
    }.get(state, state)
