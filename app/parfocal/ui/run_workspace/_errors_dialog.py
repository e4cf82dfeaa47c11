"""List what went wrong in a run: where, what, how often, and the details of the chosen one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.run import RunError

__all__ = ["ErrorsDialog"]


class ErrorsDialog(QDialog):
    """Not modal: the run goes on and so does whoever watches it."""

    def __init__(self, errors: "Sequence[RunError]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Errors of this run"))
        self.resize(720, 420)
        self._errors = tuple(errors)
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("Errors"))
        self.list.setHeaderLabels([tr("Where"), tr("What"), tr("Times")])
        for error in self._errors:
            QTreeWidgetItem(self.list, [error.source, error.message, number(error.count)])
        header = self.list.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName(tr("Details of the chosen error"))
        self.list.currentItemChanged.connect(self._show_details)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.list)
        parts.addWidget(self.details)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(parts)
        layout.addWidget(buttons)
        if self._errors:
            self.list.setCurrentItem(self.list.topLevelItem(0))

    def _show_details(self) -> None:
        row = self.list.indexOfTopLevelItem(self.list.currentItem())
        if 0 <= row < len(self._errors):
            error = self._errors[row]
            self.details.setPlainText(error.traceback or f"{error.type}: {error.message}")
