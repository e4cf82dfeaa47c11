"""The items of a batch as a table, each with a bar."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter
from PyQt6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionProgressBar,
    QStyleOptionViewItem,
)

from parfocal.convert import BatchItem, BatchSnapshot, ItemProgress, ItemState
from parfocal.ui.convert_wizard._rows import RowsModel
from parfocal.ui.convert_wizard._words import state_words, way_words
from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme, Token

__all__ = ["BAR", "WAY", "BarDelegate", "BatchModel", "RunModel", "state_icon"]

ITEM, STATE, BAR, WAY = range(4)
FRACTION = Qt.ItemDataRole.UserRole + 1

LOOKS: dict[ItemState, tuple[str, Token]] = {
    ItemState.WAITING: ("clock-outline", "muted"),
    ItemState.RUNNING: ("play", "accent"),
    ItemState.PAUSED: ("pause", "warn"),
    ItemState.DONE: ("check-circle", "ok"),
    ItemState.FAILED: ("alert-circle-outline", "error"),
    ItemState.CANCELLED: ("close-circle-outline", "muted"),
}


class BatchModel(RowsModel):
    """The items of a batch: shows one snapshot after the other."""

    def __init__(
        self,
        titles: Sequence[str],
        theme: Theme,
        parent: QObject | None = None,
        figures: Sequence[int] = (),
    ) -> None:
        super().__init__(titles, parent, figures)
        self._theme = theme
        self._now: BatchSnapshot | None = None

    def show_batch(self, snapshot: BatchSnapshot) -> None:
        """Show this one."""
        self._now = snapshot
        self.show_count(len(snapshot.batch.items))

    def at(self, row: int) -> tuple[BatchItem, ItemProgress] | None:
        """What is in a row."""
        if self._now is None or not 0 <= row < len(self._now.batch.items):
            return None
        return self._now.batch.items[row], self._now.progress.items[row]

    @property
    def working(self) -> bool:
        """Whether somebody works on it."""
        return self._now is not None and self._now.working


class RunModel(BatchModel):
    """How far each is."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        titles = tr("Item"), tr("State"), tr("Done"), tr("Rate, time left")
        super().__init__(titles, theme, parent)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        here = self.at(index.row())
        if here is None:
            return None
        (item, now), column, roles = here, index.column(), Qt.ItemDataRole
        if role == FRACTION:
            return now.fraction
        if role in (roles.DisplayRole, roles.AccessibleTextRole):
            return self._text(item.destination.name, now, column, role)
        if role == roles.ToolTipRole:
            return str(item.source) if column == ITEM else self._text("", now, column, role)
        if role == roles.DecorationRole and column == STATE:
            return state_icon(self._theme, now.state, working=self.working)
        if role == roles.ForegroundRole and column in (STATE, WAY):
            return self._color(now)
        return None

    def _text(self, name: str, now: ItemProgress, column: int, role: int) -> str:
        if column == ITEM:
            return name
        if column == STATE:
            return state_words(now.state, working=self.working)
        if column == BAR:
            return "" if role == Qt.ItemDataRole.DisplayRole else f"{now.fraction:.0%}"
        return way_words(now)

    def _color(self, now: ItemProgress) -> QColor | None:
        return self._theme.color("error") if now.state is ItemState.FAILED else None


class BarDelegate(QStyledItemDelegate):
    """Draws a fraction as the style's own bar."""

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        super().paint(painter, option, index)
        fraction = index.data(FRACTION)
        style = QApplication.style()
        if painter is None or style is None or fraction is None:
            return
        bar = QStyleOptionProgressBar()
        middle = option.rect.center().y()
        bar.rect = option.rect.adjusted(6, 0, -6, 0)
        bar.rect.setTop(middle - 8)
        bar.rect.setHeight(17)
        bar.palette, bar.fontMetrics = option.palette, option.fontMetrics
        bar.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Horizontal
        bar.minimum, bar.maximum, bar.progress = 0, 1000, round(1000 * fraction)
        bar.textVisible, bar.text = True, f"{int(100 * fraction)} %"
        bar.textAlignment = Qt.AlignmentFlag.AlignCenter
        style.drawControl(QStyle.ControlElement.CE_ProgressBar, bar, painter)


def state_icon(theme: Theme, state: ItemState, *, working: bool = True) -> QIcon:
    """The shape and colour of a state; without a worker nothing runs and nothing is held."""
    drawing, token = LOOKS[state]
    if not working and state in (ItemState.RUNNING, ItemState.PAUSED):
        drawing, token = "alert-outline", "warn"
    return icon(drawing, theme.color(token))
