"""The jobs that are not over, of strips and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.jobs_workspace import _changes as changes
from parfocal.ui.jobs_workspace._conversions import BatchLine, Conversions
from parfocal.ui.jobs_workspace._progress import FractionDelegate
from parfocal.ui.jobs_workspace._queue_model import PROGRESS, WHY, QueueModel
from parfocal.ui.jobs_workspace._rows import make_rows
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.jobs import Overview, QueueLine
    from parfocal.ui.desk import Desk
    from parfocal.ui.jobs_workspace._queue_model import Line

__all__ = ["QueueTable"]

BROKEN = frozenset({"failed", "parked"})
ROW = 24
WIDTHS = (120, 260, 120, 120, 80, 90)


class QueueTable(QWidget):
    """A row a job; `strip_chosen` when one of a strip is looked at."""

    strip_chosen = pyqtSignal(str)
    counted = pyqtSignal()  # conversions came or went

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.model = QueueModel(desk.theme, self)
        self.table = QTableView()
        self.retry = QPushButton(icon("refresh"), tr("Retry the jo&b"))
        self.cancel = QPushButton(icon("close"), tr("Cance&l the job"))
        self.open = QPushButton(icon("open-in-new"), tr("Open the &conversion"))
        self.words = QLabel()
        self.conversions = Conversions(desk, self)
        self._batches: tuple[BatchLine, ...] = ()
        self._jobs: tuple[QueueLine, ...] = ()
        self._selected: int | None = None
        self._set_up()
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        for button in (self.open, self.cancel, self.retry):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        self.retry.clicked.connect(self._retry)
        self.cancel.clicked.connect(self._cancel)
        self.open.clicked.connect(self._open)
        self.conversions.changed.connect(self._show_batches)
        self._look()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.model.rowCount()

    def show_overview(self, overview: Overview) -> None:
        """The queue is another one now."""
        self._jobs = overview.lines
        self.words.setText(_summary(overview))
        self._fill()

    def _show_batches(self, lines: tuple[BatchLine, ...]) -> None:
        self._batches = lines
        self._fill()
        self.counted.emit()

    def _fill(self) -> None:
        self.model.show((*self._batches, *self._jobs))
        row = None if self._selected is None else self.model.row_of(self._selected)
        if row is not None:
            self.table.selectRow(row)
        self._look()

    def line(self) -> Line | None:
        """The job that is selected."""
        selection = self.table.selectionModel()
        rows = selection.selectedRows() if selection is not None else []
        return self.model.line(rows[0].row()) if rows else None

    def _set_up(self) -> None:
        selection = make_rows(
            self.table,
            self.model,
            tr("Jobs that are not over"),
            stretch=WHY,
            widths=WIDTHS,
            height=ROW,
        )
        self.table.setItemDelegateForColumn(PROGRESS, FractionDelegate(self.table))
        selection.currentRowChanged.connect(lambda *_: self._chosen())
        selection.selectionChanged.connect(lambda *_: self._look())

    def _chosen(self) -> None:
        line = self.line()
        if line is not None and line.id != self._selected:
            self._selected = line.id
            if line.strip is not None and self.table.hasFocus():
                self.strip_chosen.emit(line.strip)

    def _look(self) -> None:
        line = self.line()
        # a clean-up shows first what it would take away: beside the grid
        consents = line is not None and line.kind in {"cleanup", "purge"}
        batch = isinstance(line, BatchLine)
        again = line is not None and (line.state in BROKEN or line.attempt > 0)
        self.retry.setEnabled(again and not consents and not batch)
        self.cancel.setEnabled(line is not None and not batch)
        self.open.setEnabled(batch)

    def _open(self) -> None:
        line = self.line()
        if isinstance(line, BatchLine):
            self._desk.show_batch(line.batch)

    def _retry(self) -> None:
        if (line := self.line()) is not None:
            self._do("retry a job", changes.retried((line.id,)))

    def _cancel(self) -> None:
        if (line := self.line()) is not None:
            self._do("cancel a job", changes.cancelled((line.id,)))

    def _do(self, name: str, work: changes.Change) -> None:
        self._desk.queue.change(
            name,
            work,
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
        )


def _summary(overview: Overview) -> str:
    """What the rows do not say."""
    parts = []
    if overview.more:
        words = tr("{n} more stages wait for others")
        parts.append(words.format(n=number(overview.more)))
    if done := overview.counts.get("done", 0):
        parts.append(tr("{n} are done").format(n=number(done)))
    if overview.letters_waiting:
        words = tr("{n} messages wait to be delivered")
        parts.append(words.format(n=number(overview.letters_waiting)))
    if overview.letters_failed:
        words = tr("{n} messages could not be delivered")
        parts.append(words.format(n=number(overview.letters_failed)))
    return "; ".join(parts)
