"""A table to be read and copied from: rows of words under their headers."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

COPIED = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and what is copied where that is something else: a time without doubt."""

    shown: str
    copied: str = ""


class Sheet(QTableWidget):
    """Nothing can be changed in it; Ctrl+C copies the chosen rows."""

    def __init__(self, name: str) -> None:
        super().__init__(0, 0)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        down.setDefaultSectionSize(self.fontMetrics().height() + 8)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def show_rows(self, headers: Sequence[str], rows: Sequence[Sequence[str | Cell]]) -> None:
        """Show these instead."""
        self.setUpdatesEnabled(False)
        self.clear()
        self.setColumnCount(len(headers))
        self.setHorizontalHeaderLabels(list(headers))
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, told in enumerate(row):
                cell = told if isinstance(told, Cell) else Cell(told)
                item = QTableWidgetItem(cell.shown)
                item.setToolTip(cell.copied or cell.shown)
                item.setData(COPIED, cell.copied or cell.shown)
                self.setItem(number, column, item)
        self.resizeColumnsToContents()
        for column in range(len(headers)):
            self.setColumnWidth(column, min(self.columnWidth(column) + 12, 260))
        header = self.horizontalHeader()
        if header is not None:
            header.setStretchLastSection(True)
        self.setUpdatesEnabled(True)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt has a key: Ctrl+C copies rows as lines with tabs between."""
        clipboard = QGuiApplication.clipboard()
        if event is None or clipboard is None or not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        rows = sorted({index.row() for index in self.selectedIndexes()})
        clipboard.setText("\n".join("\t".join(self._words(row)) for row in rows))

    def _words(self, row: int) -> list[str]:
        items = (self.item(row, column) for column in range(self.columnCount()))
        return ["" if item is None else str(item.data(COPIED)) for item in items]
