"""Edit the names of a store's fields."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QTableWidgetItem

from parfocal.store import StoreEdit
from parfocal.ui.store_workspace._edit_table import EditTable
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.text import tr

# A plate of 1,536 wells would take a second to list; names of so many are given by a plan
MOST_FIELDS = 1000


class FieldTable(EditTable):
    """Where a field lies, and its name, which can be changed."""

    def __init__(self) -> None:
        super().__init__(tr("Fields"), (tr("Where"), tr("Name")), 1)
        self._names: tuple[str, ...] = ()
        self.cellChanged.connect(self._on_changed)

    def show_entry(self, entry: Entry) -> None:
        """Show the fields of this store."""
        found = entry.info
        self._names = () if found is None else found.fields[:MOST_FIELDS]
        self._filling = True
        self.setRowCount(len(self._names))
        for row, name in enumerate(self._names):
            where = QTableWidgetItem("" if found is None else found.field_paths[row])
            where.setFlags(where.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.setItem(row, 0, where)
            self.setItem(row, 1, QTableWidgetItem(name))
        self._filling = False

    def _on_changed(self, row: int, column: int) -> None:
        item = self.item(row, column)
        if self._filling or column != 1 or item is None or item.text() == self._names[row]:
            return
        self.edited.emit(StoreEdit(field_names={row: item.text()}), tr("field name"))
