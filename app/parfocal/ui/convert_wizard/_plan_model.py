"""The plan as a table: what each item is, what is done to it, and what it costs."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor

from parfocal.convert import Inspection
from parfocal.ui.convert_wizard._draft import SUFFIX, DraftItem
from parfocal.ui.convert_wizard._estimate import Rates
from parfocal.ui.convert_wizard._rows import RowsModel
from parfocal.ui.convert_wizard._words import (
    action_words,
    missing_words,
    reason_words,
    short_time,
    voxel_source_words,
    voxel_words,
    what_words,
)
from parfocal.ui.text import size_in_words, tr
from parfocal.ui.theme import Theme

__all__ = ["ITEM", "VOXEL", "WHAT", "PlanModel"]

ITEM, WHAT, ACTION, VOXEL, MISSING, BYTES, TIME = range(7)

Row = tuple[DraftItem, Inspection]


class PlanModel(RowsModel):
    """`named` has an item and the name that was typed for its store."""

    named = pyqtSignal(object, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        titles = (
            tr("Item"), tr("What it is"), tr("What happens"), tr("Voxel size, and who says it"),
            tr("Missing"), tr("Pixels"), tr("Time"),
        )  # fmt: skip
        super().__init__(titles, parent, (BYTES, TIME))
        self._theme = theme
        self.rows: tuple[Row, ...] = ()
        self._taken = frozenset[str]()
        self._rates = Rates()

    def show_plan(self, rows: Sequence[Row], taken: frozenset[str], rates: Rates) -> None:
        """Show these; `taken` are stores that exist already."""
        new = tuple(rows), taken, rates
        if new != (self.rows, self._taken, self._rates):
            self.rows, self._taken, self._rates = new
            self.show_count(len(self.rows))

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == ITEM else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item, found = self.rows[index.row()]
        column, roles = index.column(), Qt.ItemDataRole
        if role == roles.EditRole and column == ITEM:
            return item.name
        if role == roles.DisplayRole:
            return self._text(item, found, column)
        if role == roles.ToolTipRole:
            return self._tip(item, found, column)
        if role == roles.ForegroundRole:
            return self._color(item, found, column)
        if role == roles.TextAlignmentRole:
            return self.alignment(column)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        item, _ = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not str(value).strip() or value == item.name:
            return False
        self.named.emit(item, str(value))
        return True

    def _text(self, item: DraftItem, found: Inspection, column: int) -> str:
        if column == ITEM:
            return item.source.name if found.problem else f"{item.name}{SUFFIX}"
        if column == ACTION:
            return action_words(found)
        if found.problem:
            return reason_words(found) if column == WHAT else "—"
        source = voxel_source_words(found.voxel_source)
        if found.guessed_axes:
            source = tr("⚠ {axes} guessed").format(axes=", ".join(found.guessed_axes))
        return {
            WHAT: what_words(found),
            VOXEL: f"{voxel_words(found)} · {source}",
            MISSING: missing_words(found),
            BYTES: size_in_words(found.bytes),
            TIME: short_time(self._rates.seconds(found)),
        }[column]

    def _tip(self, item: DraftItem, found: Inspection, column: int) -> str:
        if column == ITEM:
            return str(item.source)
        if column == MISSING and found.warnings:
            return "\n".join(found.warnings)
        return reason_words(found) if column == ACTION else self._text(item, found, column)

    def _color(self, item: DraftItem, found: Inspection, column: int) -> QColor | None:
        if found.problem:
            return self._theme.color("error") if column in (WHAT, ACTION) else None
        if column == ITEM and f"{item.name}{SUFFIX}" in self._taken:
            return self._theme.color("warn")
        unsure = (column == VOXEL and found.guessed_axes) or (column == MISSING and found.missing)
        return self._theme.color("warn") if unsure else None
