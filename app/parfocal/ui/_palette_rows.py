"""Draw one row of the command palette: icon, text with the found letters bold, shortcut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QRect, Qt
from PyQt6.QtGui import QColor, QFont, QIcon, QPainter, QPalette
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from parfocal.ui.theme import Theme

if TYPE_CHECKING:
    from parfocal.ui.palette import Entry

ICON_SIDE = 20


class EntryDelegate(QStyledItemDelegate):
    """Paints a palette entry in the theme's colours."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        if painter is None:
            return
        entry, places = index.data(Qt.ItemDataRole.UserRole)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(option.palette.highlight())
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 5, 5)
        self._paint_entry(painter, option, entry, places, chosen=chosen)
        painter.restore()

    def _paint_entry(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        entry: Entry,
        places: tuple[int, ...],
        *,
        chosen: bool,
    ) -> None:
        group = QPalette.ColorGroup.Active if entry.enabled else QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        text = option.palette.color(group, role)
        faint = text if chosen else self._theme.color("muted")
        box = option.rect.adjusted(10, 0, -10, 0)
        if entry.drawing is not None:
            mode = QIcon.Mode.Selected if chosen else QIcon.Mode.Normal
            mode = mode if entry.enabled else QIcon.Mode.Disabled
            spot = QRect(box.left(), 0, ICON_SIDE, ICON_SIDE)
            spot.moveTop(box.center().y() - ICON_SIDE // 2)
            entry.drawing.paint(painter, spot, mode=mode)
        box.setLeft(box.left() + ICON_SIDE + 10)
        if entry.shortcut:
            used = self._draw_right(painter, option.font, faint, box, entry.shortcut)
            box.setRight(box.right() - used - 16)
        if entry.detail:
            used = self._draw_right(painter, option.font, faint, box, entry.detail)
            box.setRight(box.right() - used - 16)
        self._draw_found(painter, option.font, text, box, entry.text, places)

    @staticmethod
    def _draw_right(painter: QPainter, font: QFont, color: QColor, box: QRect, text: str) -> int:
        painter.setFont(font)
        painter.setPen(color)
        side = Qt.AlignmentFlag.AlignRight
        metrics = painter.fontMetrics()
        width = min(metrics.horizontalAdvance(text) + 2, box.width() // 2)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return width

    @staticmethod
    def _draw_found(
        painter: QPainter,
        font: QFont,
        color: QColor,
        box: QRect,
        text: str,
        places: tuple[int, ...],
    ) -> None:
        bold = QFont(font)
        bold.setBold(True)
        painter.setPen(color)
        box = QRect(box)
        for place, letter in enumerate(text):
            painter.setFont(bold if place in places else font)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, letter)
            box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(letter))
            if box.width() <= 0:
                return
