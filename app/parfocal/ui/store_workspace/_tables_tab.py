"""Show the tables of a store: of its frames, of what is missing, and what analyses wrote."""

from PyQt6.QtWidgets import QComboBox

from parfocal.store import TablePreview, preview_tables
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._late_tab import LateTab
from parfocal.ui.store_workspace._sheet import Sheet
from parfocal.ui.store_workspace._table_words import cells
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme


class TablesTab(LateTab[tuple[TablePreview, ...]]):
    """One table at a time, its first rows."""

    def __init__(self, tasks: Tasks, theme: Theme) -> None:
        super().__init__(tasks, theme)
        self._tables: tuple[TablePreview, ...] = ()
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Which table"))
        self.table = Sheet(tr("The first rows"))
        self.column.addWidget(self.which)
        self.column.addWidget(self.table, 1)
        self.which.currentIndexChanged.connect(self._show)

    def read(self, entry: Entry) -> tuple[TablePreview, ...]:
        """Every table's length, and its first rows."""
        return preview_tables(entry.path)

    def clear(self) -> None:
        """Show nothing."""
        self.which.clear()
        self.which.hide()
        self.table.hide()

    def show_told(self, told: tuple[TablePreview, ...]) -> None:
        """Show the first table."""
        self.clear()
        self._tables = told
        if not told:
            self.say(tr("This store has no tables."))
            return
        for one in told:
            self.which.addItem(_title(one))
        self.which.show()
        self.table.show()

    def _show(self, number_: int) -> None:
        if 0 <= number_ < len(self._tables):
            one = self._tables[number_]
            columns = zip(*one.rows, strict=True)
            told = [cells(name, v) for name, v in zip(one.columns, columns, strict=False)]
            self.table.show_rows(one.columns, list(zip(*told, strict=True)))


def _title(one: TablePreview) -> str:
    names = {"frames": tr("Frames"), "missing": tr("Missing planes")}
    name = names.get(one.name, one.name)
    rows = tr("1 row") if one.count == 1 else tr("{n} rows").format(n=number(one.count))
    if one.count > len(one.rows):
        rows += tr(", the first {n} are shown").format(n=number(len(one.rows)))
    return f"{name} · {rows}"
