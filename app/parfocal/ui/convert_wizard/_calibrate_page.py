"""Correct what the sources say of themselves: what was guessed is marked, and can be changed."""

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QSplitter

from parfocal.convert import Inspection
from parfocal.ui.convert_wizard._draft import DraftItem
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._inspector import Inspector
from parfocal.ui.convert_wizard._item_form import ItemForm
from parfocal.ui.convert_wizard._page import Page
from parfocal.ui.convert_wizard._words import can_be_corrected
from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["CalibratePage"]

LIST_WIDTH = 150


class CalibratePage(Page):
    """The items at the left when there are several; one of them at the right."""

    def __init__(self, theme: Theme, history: DraftHistory, inspector: Inspector) -> None:
        super().__init__(
            tr("How large is a voxel, and where does each field lie?"),
            tr("What nobody says was guessed, and is marked. Ctrl+Z takes an edit back."),
        )
        self._theme, self._history, self._inspector = theme, history, inspector
        self._shown: tuple[int, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Items"))
        self.list.currentRowChanged.connect(self._show_current)
        self.list.setMinimumWidth(LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = ItemForm(theme, history)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.list)
        splitter.addWidget(self.form)
        splitter.setSizes([170, 640])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        self.column.addWidget(splitter, 1)

    def enter(self) -> None:
        self._inspector.look(self._history.draft.items)
        self.refresh()

    def refresh(self) -> None:
        items = self._history.draft.items
        shown = tuple(
            number
            for number, item in enumerate(items)
            if can_be_corrected(self._inspector.shown(item))
        )
        if shown != self._shown or self.list.count() != len(shown):
            self._fill(shown)
        for row, number in enumerate(shown):
            self._dress(self.list.item(row), items[number])
        self.list.setVisible(len(shown) > 1)
        self._show_current()

    def obstacle(self) -> str:
        wanted = self._history.draft.wanted
        if not wanted:
            return tr("Everything is left out.")
        if not self._inspector.ready(wanted):
            return tr("Looking into the files…")
        found = [self._inspector.of(item) for item in wanted]
        if all(one is not None and one.problem for one in found):
            return tr("Nothing of it can be brought in as it is.")
        return ""

    def focus(self) -> None:
        if self.list.isVisible():
            self.list.setFocus()
        else:
            self.form.focus()

    def _fill(self, shown: tuple[int, ...]) -> None:
        before = self.list.currentRow()
        self._shown = shown
        self.list.blockSignals(True)
        self.list.clear()
        for number in shown:
            item = self._history.draft.items[number]
            row = QListWidgetItem(item.source.name)
            row.setToolTip(str(item.source))
            self.list.addItem(row)
        self.list.setCurrentRow(min(max(0, before), len(shown) - 1))
        self.list.blockSignals(False)

    def _dress(self, row: QListWidgetItem | None, item: DraftItem) -> None:
        """A mark for what has to be looked at."""
        found = self._inspector.of(item)
        if row is None or found is None:
            return
        if not item.wanted:
            drawing, token, words = "minus", "muted", tr("left out")
        elif found.problem:
            drawing, token, words = "alert-circle-outline", "error", found.problem
        elif found.guessed or found.guessed_axes:
            drawing, token, words = "alert-outline", "warn", tr("something was guessed")
        else:
            drawing, token, words = "check", "ok", tr("nothing was guessed")
        row.setIcon(icon(drawing, self._theme.color(token)))  # type: ignore[arg-type] # a Token
        row.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.source.name}, {words}")

    def _show_current(self) -> None:
        row = self.list.currentRow()
        self.form.setVisible(0 <= row < len(self._shown))
        if 0 <= row < len(self._shown):
            item = self._history.draft.items[self._shown[row]]
            now = self._inspector.of(item)
            shown = self._inspector.shown(item)
            if now is not None and shown is not None and now.problem:
                shown = _with_problem(shown, now)
            self.form.show_item(self._shown[row], shown, pending=now is None)


def _with_problem(shown: Inspection, now: Inspection) -> Inspection:
    """The last fields that were found, and what is wrong with what was wished since."""
    return replace(shown, problem=now.problem)
