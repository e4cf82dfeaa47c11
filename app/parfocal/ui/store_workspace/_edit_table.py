"""A table whose cells are edited where they stand, and told when a person did it."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHeaderView, QTableWidget

LINES = 7  # at least so many rows are seen


class EditTable(QTableWidget):
    """Parts set `_filling` while they write cells themselves."""

    edited = pyqtSignal(object, str)  # a StoreEdit, and what it is about

    def __init__(self, name: str, headers: Sequence[str], wide: int) -> None:
        super().__init__(0, len(headers))
        self._filling = False
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(headers))
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(self.fontMetrics().height() * LINES)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        down.setDefaultSectionSize(self.fontMetrics().height() + 10)
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        across.setHighlightSections(False)
