"""Edit the channels of a store: a name, a colour and a contrast each."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PyQt6.QtWidgets import QColorDialog, QTableWidgetItem

from parfocal.store import ChannelEdit, StoreEdit
from parfocal.ui.store_workspace._edit_table import EditTable
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._thumbnail import rgb
from parfocal.ui.text import tr

NAME, COLOR, LOW, HIGH = range(4)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ChannelTable(EditTable):
    """One row a channel; Enter or a double click edits a cell, on a colour it asks for one."""

    def __init__(self) -> None:
        headers = (tr("Name"), tr("Colour"), tr("Contrast"), tr("to"))
        super().__init__(tr("Channels"), headers, NAME)
        self._entry: Entry | None = None
        self.cellChanged.connect(self._on_changed)
        self.cellDoubleClicked.connect(self._ask_for_color)

    def show_entry(self, entry: Entry) -> None:
        """Show the channels of this store."""
        self._entry = entry
        names = () if entry.info is None else entry.info.channels
        self._filling = True
        self.setRowCount(len(names))
        for row, name in enumerate(names):
            color = _color(entry, row)
            window = entry.windows[row] if row < len(entry.windows) else None
            low, high = ("", "") if window is None else (f"{window[0]:g}", f"{window[1]:g}")
            for column, text in enumerate((name, color.name().upper(), low, high)):
                item = QTableWidgetItem(text)
                if column == COLOR:
                    item.setIcon(_swatch(color))
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                    item.setToolTip(tr("Double-click, or Enter, for another colour"))
                if column in (LOW, HIGH):
                    item.setTextAlignment(RIGHT)
                self.setItem(row, column, item)
        self._filling = False

    def choose_color(self, row: int, color: QColor) -> None:
        """Give a channel a colour."""
        if color.isValid() and self._entry is not None and color != _color(self._entry, row):
            self._tell(row, ChannelEdit(color=color.name()[1:].upper()), tr("colour"))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt has a key: Enter on a colour asks for one."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
        if event is not None and event.key() in keys and self.currentColumn() == COLOR:
            self._ask_for_color(self.currentRow(), COLOR)
            return
        super().keyPressEvent(event)

    def _ask_for_color(self, row: int, column: int) -> None:
        if column != COLOR or self._entry is None:
            return
        dialog = QColorDialog(_color(self._entry, row), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Colour of {name}").format(name=self._text(row, NAME)))
        dialog.colorSelected.connect(lambda color: self.choose_color(row, color))
        dialog.open()

    def _on_changed(self, row: int, column: int) -> None:
        entry = self._entry
        if self._filling or entry is None or entry.info is None:
            return
        if column == NAME:
            name = self._text(row, NAME)
            if name != entry.info.channels[row]:
                self._tell(row, ChannelEdit(name=name), tr("channel name"))
            return
        try:
            window = float(self._text(row, LOW)), float(self._text(row, HIGH))
        except ValueError:
            self.show_entry(entry)  # what is no number is not kept
            return
        if window != entry.windows[row]:
            self._tell(row, ChannelEdit(window=window), tr("contrast"))

    def _tell(self, row: int, edit: ChannelEdit, what: str) -> None:
        self.edited.emit(StoreEdit(channels={row: edit}), what)

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return (
            ""
            if item is None
            else item.text().strip().replace(",", ".")
            if column >= LOW
            else item.text()
        )


def _color(entry: Entry, row: int) -> QColor:
    told = entry.colors[row] if row < len(entry.colors) else ""
    return QColor.fromRgbF(*rgb(told, row))


def _swatch(color: QColor) -> QIcon:
    pixmap = QPixmap(16, 16)
    pixmap.fill(color)
    return QIcon(pixmap)
