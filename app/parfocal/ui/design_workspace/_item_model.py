"""The plan's items as the rows of a list: edited in place, and moved by dragging."""

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from parfocal.plan import Item
from parfocal.ui.design_workspace._item_words import (
    item_icon,
    item_in_words,
    text_to_edit,
    with_text,
)
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

NOWHERE = QModelIndex()


class ItemModel(QAbstractListModel):
    """Shows items and never changes them itself: it says what a person wants."""

    replaced = pyqtSignal(int, object)
    """The number of an item, and what shall be there."""
    moved = pyqtSignal(int, int)
    """The number of an item, and which number it shall have."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Item, ...] = ()

    def show(self, items: tuple[Item, ...]) -> None:
        """Show these items."""
        if len(items) == len(self._items):
            self._items = items
            self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
            return
        self.beginResetModel()
        self._items = items
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.EditRole:
            return text_to_edit(item)
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(item_icon(item))
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{index.row() + 1}  {item_in_words(item)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr("{what} — F2 edits, Alt+Up and Alt+Down move").format(
                what=item_in_words(item)
            )
        return None

    def setData(
        self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        item = with_text(self._items[index.row()], str(value))
        if item is None:
            return False
        self.replaced.emit(index.row(), item)
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between the rows, never onto one
        flag = Qt.ItemFlag
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsEditable
            | flag.ItemIsDragEnabled
        )

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's own name
        return Qt.DropAction.MoveAction

    def moveRows(  # noqa: N802 - Qt's own name
        self, source: QModelIndex, row: int, count: int, target: QModelIndex, before: int
    ) -> bool:
        """The view calls this when a row was dropped before another one."""
        if count != 1 or source.isValid() or target.isValid() or before in (row, row + 1):
            return False
        self.moved.emit(row, before if before < row else before - 1)
        return True
