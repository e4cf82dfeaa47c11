"""Show the session's tasks as a table: one row a task, oldest first."""

from datetime import datetime
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from parfocal.ui.tasks import Tasks, TaskState, TaskStatus
from parfocal.ui.text import time_in_words, tr
from parfocal.ui.theme import Theme, Token

# State by shape, word and colour, so that none of the three is needed alone.
SHAPES = {
    TaskState.QUEUED: "○",
    TaskState.RUNNING: "▶",
    TaskState.DONE: "✓",
    TaskState.FAILED: "✗",
    TaskState.CANCELLED: "■",
}
COLORS: dict[TaskState, Token] = {
    TaskState.QUEUED: "muted",
    TaskState.RUNNING: "accent",
    TaskState.DONE: "ok",
    TaskState.FAILED: "error",
    TaskState.CANCELLED: "muted",
}
WHAT, STATE, PROGRESS, STARTED, TOOK, MESSAGE = range(6)
PROGRESS_ROLE = Qt.ItemDataRole.UserRole + 1
STATUS_ROLE = Qt.ItemDataRole.UserRole + 2


def state_words(state: TaskState) -> str:
    """A state's shape and word."""
    words = {
        TaskState.QUEUED: tr("queued"),
        TaskState.RUNNING: tr("running"),
        TaskState.DONE: tr("done"),
        TaskState.FAILED: tr("failed"),
        TaskState.CANCELLED: tr("cancelled"),
    }
    return f"{SHAPES[state]} {words[state]}"


class JobsModel(QAbstractTableModel):
    """Follows `Tasks.changed`; the statuses themselves are frozen values."""

    def __init__(self, tasks: Tasks, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._theme = theme
        self._rows: list[TaskStatus] = list(tasks.listed())
        tasks.changed.connect(self._hear)
        tasks.cleared.connect(self._reset)
        theme.changed.connect(self._recolor)

    def status(self, row: int) -> TaskStatus:
        """The status that a row shows."""
        return self._rows[row]

    def tick(self) -> None:
        """Let the running rows' clocks go on."""
        for row, status in enumerate(self._rows):
            if status.state is TaskState.RUNNING:
                cell = self.index(row, TOOK)
                self.dataChanged.emit(cell, cell)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many tasks there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many columns there are."""
        return 0 if parent is not None and parent.isValid() else 6

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt asks for a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            tr("What"), tr("State"), tr("Progress"), tr("Started"), tr("Took"), tr("Message"),
        )[section]  # fmt: skip

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt asks what a cell shows."""
        status = self._rows[index.row()]
        if role == STATUS_ROLE:
            return status
        if role == PROGRESS_ROLE:
            return status.progress
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(status, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in (WHAT, MESSAGE):
            return _words(status, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == STATE:
            return self._theme.color(COLORS[status.state])
        return None

    def _hear(self, status: TaskStatus) -> None:
        for row, known in enumerate(self._rows):
            if known.number == status.number:
                self._rows[row] = status
                self.dataChanged.emit(self.index(row, 0), self.index(row, MESSAGE))
                return
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows))
        self._rows.append(status)
        self.endInsertRows()

    def _reset(self) -> None:
        self.beginResetModel()
        self._rows = list(self._tasks.listed())
        self.endResetModel()

    def _recolor(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, STATE), self.index(len(self._rows) - 1, STATE))


def _words(status: TaskStatus, column: int) -> str:
    if column == WHAT:
        return status.name
    if column == STATE:
        return state_words(status.state)
    if column == STARTED and status.started_utc is not None:
        return f"{status.started_utc.astimezone():%H:%M:%S}"
    if column == TOOK:
        return _took(status)
    if column == MESSAGE:
        return status.error or status.message
    return ""


def _took(status: TaskStatus) -> str:
    if status.took_s is not None:
        return time_in_words(status.took_s)
    if status.state is TaskState.RUNNING and status.started_utc is not None:
        since = datetime.now(status.started_utc.tzinfo) - status.started_utc
        return time_in_words(since.total_seconds())
    return ""
