"""The sections at the left of the form: choose one to go there, and see where one is wrong."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QIcon, QPixmap
from PyQt6.QtWidgets import QListWidget, QListWidgetItem

from parfocal.ui.icons import icon
from parfocal.ui.scan_form._page import Page
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["SectionList"]

SIDE = 16


class SectionList(QListWidget):
    """Follows the form, and leads it when a person chooses."""

    def __init__(self, theme: Theme, page: Page) -> None:
        super().__init__()
        self._theme, self._page = theme, page
        self.setAccessibleName(tr("Sections of the form"))
        self.setSpacing(2)
        self.setIconSize(QSize(SIDE, SIDE))
        nothing = QPixmap(SIDE, SIDE)
        nothing.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(nothing)  # so that a mark moves no word
        for section in page.sections:
            self.addItem(QListWidgetItem(self._blank, section.title))
        self.setFixedWidth(self.sizeHintForColumn(0) + 24)
        self.setCurrentRow(0)
        self.currentRowChanged.connect(self._lead)
        theme.changed.connect(self.mark)
        bar = page.verticalScrollBar()
        if bar is not None:
            bar.valueChanged.connect(self._follow)

    def mark(self) -> None:
        """Put a mark where something is said to be wrong."""
        mark = icon("alert-circle-outline", self._theme.color("error"))
        for row, section in enumerate(self._page.sections):
            item = self.item(row)
            if item is None:
                continue
            wrong = any(self._page.is_wrong(place) for place in self._page.places(section))
            item.setIcon(mark if wrong else self._blank)
            words = tr("{section}: something is wrong").format(section=section.title)
            spoken = words if wrong else section.title
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _lead(self, row: int) -> None:
        self._page.show_section(self._page.sections[row].key)

    def _follow(self) -> None:
        if self.hasFocus():  # a person leads
            return
        keys = [section.key for section in self._page.sections]
        before = self.blockSignals(True)
        self.setCurrentRow(keys.index(self._page.visible_section()))
        self.blockSignals(before)
