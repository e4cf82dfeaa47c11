"""Fields of a profile that are more than one line: ranges, and tables of cameras and of lights."""

from typing import Any

from PyQt6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.text import tr

__all__ = ["FieldError", "RangeField", "TableField", "as_number"]


class FieldError(ValueError):
    """What is written there cannot be read; the sentence says why."""


def as_number(text: str, what: str) -> float:
    """A figure that a person wrote, with a point or a comma."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise FieldError(
            tr("{what}: “{text}” is not a number.").format(what=what, text=text)
        ) from None


class RangeField(QWidget):
    """From and to, both empty where nothing is known."""

    def __init__(self, what: str, unit: str, value: tuple[float, float] | None) -> None:
        super().__init__()
        self._what = what
        self.low, self.high = QLineEdit(), QLineEdit()
        for edit, end in ((self.low, tr("lowest")), (self.high, tr("highest"))):
            edit.setPlaceholderText(tr("not limited"))
            edit.setAccessibleName(f"{what}, {end}")
        if value is not None:
            self.low.setText(f"{value[0]:g}")
            self.high.setText(f"{value[1]:g}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.low)
        row.addWidget(QLabel(tr("to")))
        row.addWidget(self.high)
        row.addWidget(QLabel(unit))

    def value(self) -> tuple[float, float] | None:
        """The two limits; None: none."""
        low, high = self.low.text().strip(), self.high.text().strip()
        if not low and not high:
            return None
        if not low or not high:
            raise FieldError(tr("{what} needs both its ends, or none.").format(what=self._what))
        return as_number(low, self._what), as_number(high, self._what)


class TableField(QWidget):
    """Rows of text that can be added and taken away; a row without its first cell is none."""

    def __init__(self, name: str, columns: tuple[str, ...], tips: tuple[str, ...]) -> None:
        super().__init__()
        self.table = QTableWidget(0, len(columns))
        self.table.setAccessibleName(name)
        self.table.setHorizontalHeaderLabels(columns)
        for column, tip in enumerate(tips):
            item = self.table.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(tip)
        header, rows = self.table.horizontalHeader(), self.table.verticalHeader()
        if header is not None and rows is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            rows.hide()
        self.add_button = QPushButton(icon("plus"), tr("Add"))
        self.remove_button = QPushButton(icon("minus"), tr("Remove"))
        self.add_button.clicked.connect(lambda: self.add())
        self.remove_button.clicked.connect(self._remove)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)

    def add(self, cells: tuple[str, ...] = ()) -> None:
        """One more row."""
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column in range(self.table.columnCount()):
            text = cells[column] if column < len(cells) else ""
            self.table.setItem(row, column, QTableWidgetItem(text))
        if not cells:
            self.table.setCurrentCell(row, 0)
            self.table.editItem(self.table.item(row, 0))

    def rows(self) -> list[list[str]]:
        """What is written, row by row."""
        return [
            [self._text(row, column) for column in range(self.table.columnCount())]
            for row in range(self.table.rowCount())
            if self._text(row, 0)
        ]

    def _text(self, row: int, column: int) -> str:
        item: Any = self.table.item(row, column)
        return "" if item is None else item.text().strip()

    def _remove(self) -> None:
        row = self.table.currentRow()
        self.table.removeRow(row if row >= 0 else self.table.rowCount() - 1)
