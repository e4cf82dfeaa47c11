"""See what goes on in the background, stop it, do it again."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.empty_state import EmptyState
from parfocal.ui.icons import icon
from parfocal.ui.jobs_workspace._model import (
    MESSAGE,
    PROGRESS,
    WHAT,
    JobsModel,
    state_words,
)
from parfocal.ui.jobs_workspace._progress import ProgressDelegate
from parfocal.ui.jobs_workspace._rows import make_rows
from parfocal.ui.tasks import TaskStatus
from parfocal.ui.text import time_in_words, tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk


class SessionTasks(QWidget):
    """The table of this session's tasks, and the details of the one that is selected."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._model = JobsModel(desk.tasks, desk.theme, self)
        self.table = QTableView()
        self.details = QPlainTextEdit()
        self.cancel_button = QPushButton(tr("&Cancel"))
        self.retry_button = QPushButton(tr("Retry"))
        self.clear_button = QPushButton(tr("C&lear finished"))
        self._places = QStackedLayout(self)
        self._places.addWidget(self._make_empty_state())
        self._places.addWidget(self._make_page())
        self._model.rowsInserted.connect(self._on_rows)
        self._model.modelReset.connect(self._on_rows)
        self._model.dataChanged.connect(self._show_selected)
        self.cancel_button.clicked.connect(self._cancel)
        self.retry_button.clicked.connect(self._retry)
        self.clear_button.clicked.connect(desk.tasks.clear_finished)
        desk.theme.changed.connect(self._dress)
        self._dress()
        self._on_rows()

    def refresh(self, _status: "RunStatus | None") -> None:
        """Let the clocks of running tasks go on; called at 10 Hz while visible."""
        self._model.tick()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.table.setFocus()

    def _make_empty_state(self) -> QWidget:
        return EmptyState(
            tr("Nothing goes on in the background"),
            tr(
                "Checks of stores appear here, with their progress and what came of them. "
                "Start one with Check in the Store workspace."
            ),
        )

    def _make_page(self) -> QWidget:
        self._set_up_table()
        self.details.setReadOnly(True)
        self.details.setPlaceholderText(tr("Select a row to read its details."))
        self.details.setAccessibleName(tr("Details of the selected job"))
        buttons = QHBoxLayout()
        title = QLabel(tr("Jobs of this session"))
        title.setBuddy(self.table)
        buttons.addWidget(title)
        buttons.addStretch()
        for button in (self.cancel_button, self.retry_button, self.clear_button):
            buttons.addWidget(button)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setSizes([420, 180])
        splitter.setChildrenCollapsible(False)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addLayout(buttons)
        layout.addWidget(splitter, 1)
        return page

    def _set_up_table(self) -> None:
        selection = make_rows(
            self.table,
            self._model,
            tr("Jobs of this session"),
            stretch=MESSAGE,
            widths=(280, 110, 150, 90, 90),
        )
        self.table.setItemDelegateForColumn(PROGRESS, ProgressDelegate(self.table))
        selection.selectionChanged.connect(self._show_selected)

    def _selected(self) -> TaskStatus | None:
        selection = self.table.selectionModel()
        rows = selection.selectedRows(WHAT) if selection is not None else []
        return self._model.status(rows[0].row()) if rows else None

    def _on_rows(self) -> None:
        count = self._model.rowCount()
        self._places.setCurrentIndex(1 if count else 0)
        if count and self._selected() is None:
            self.table.selectRow(count - 1)
        self._show_selected()

    def _show_selected(self) -> None:
        status = self._selected()
        self.cancel_button.setEnabled(status is not None and not status.state.final)
        self.retry_button.setEnabled(status is not None and status.state.final)
        text = "" if status is None else _details(status)
        if self.details.toPlainText() != text:
            self.details.setPlainText(text)

    def _cancel(self) -> None:
        if (status := self._selected()) is not None:
            self._desk.tasks.cancel(status.number)

    def _retry(self) -> None:
        if (status := self._selected()) is not None:
            self._desk.tasks.retry(status.number)
            self.table.selectRow(self._model.rowCount() - 1)

    def _dress(self) -> None:
        self.cancel_button.setIcon(icon("close"))
        self.retry_button.setIcon(icon("refresh"))
        self.clear_button.setIcon(icon("broom"))


def _details(status: TaskStatus) -> str:
    lines = [status.name, state_words(status.state)]
    if status.took_s is not None:
        lines[1] += tr(" after {time}").format(time=time_in_words(status.took_s))
    lines += [text for text in (status.error or status.message, status.details) if text]
    return "\n".join(lines)
