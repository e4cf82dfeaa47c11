"""A table of rows that come and go: the part of Qt's model that is the same for all of them."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QSize,
    Qt,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

__all__ = ["RowsModel", "table_of"]

ROOM = 14


class RowsModel(QAbstractTableModel):
    """Derive and give `data`; call `show_count` whenever rows are new or other."""

    def __init__(
        self, titles: Sequence[str], parent: QObject | None = None, figures: Sequence[int] = ()
    ) -> None:
        """`figures` are the columns of numbers, which stand at the right."""
        super().__init__(parent)
        self._titles = tuple(titles)
        self._figures = frozenset(figures)
        self._count = 0

    def show_count(self, count: int, *, anew: bool = False) -> None:
        """So many rows; all of them are asked again."""
        if anew or count != self._count:
            self.beginResetModel()
            self._count = count
            self.endResetModel()
        elif count:
            last = self.index(count - 1, len(self._titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._titles)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(section)
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Where a column's text stands."""
        flags = Qt.AlignmentFlag
        side = flags.AlignRight if column in self._figures else flags.AlignLeft
        return side | flags.AlignVCenter


class _Roomy(QStyledItemDelegate):
    """Columns as wide as their words leave no word touching the next."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width() + ROOM, size.height())


class TickedTable(QTableView):
    """A table of ours: the theme gives its boxes to tick a frame that can be seen in the dark."""

    def selectionCommand(  # noqa: N802 - Qt's own
        self, index: QModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """What the program chooses is chosen, whatever keys are held.

        Qt has a held Ctrl *toggle* the row: one that was chosen, and is chosen again, is not.
        """
        if event is not None:
            return super().selectionCommand(index, event)
        flags = QItemSelectionModel.SelectionFlag
        return flags.ClearAndSelect | flags.Rows


def table_of(model: RowsModel, name: str, stretched: Sequence[int] = ()) -> QTableView:
    """A view of whole rows; Tab leaves it, the arrows walk in it."""
    table = TickedTable()
    table.setModel(model)
    table.setItemDelegate(_Roomy(table))
    table.setAccessibleName(name)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    assert rows is not None
    assert columns is not None
    rows.hide()
    columns.setHighlightSections(False)
    for column in range(model.columnCount()):
        wide = not stretched or column in stretched
        mode = QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.ResizeToContents
        columns.setSectionResizeMode(column, mode)
    return table
