"""Draw one row of the stores: picture, name, and a line of state, size and date."""

from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._model import ENTRY_ROLE, NOTE_ROLE, PATH_ROLE
from parfocal.ui.store_workspace._words import size_words, state_token, state_words
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

PICTURE = 44
MARGIN = 6


class StoreDelegate(QStyledItemDelegate):
    """Folder rows in one line, store rows in two lines beside a picture."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Qt asks how tall a row is."""
        lines = option.fontMetrics.height()
        if _is_folder(index):
            return QSize(100, lines + 10)
        return QSize(160, max(PICTURE, 2 * lines + 4) + 2 * MARGIN)

    def initStyleOption(  # noqa: N802 - Qt's own name
        self, option: QStyleOptionViewItem | None, index: QModelIndex
    ) -> None:
        """Qt prepares a row; the store rows' words and picture are drawn by `paint`."""
        super().initStyleOption(option, index)
        if option is not None and not _is_folder(index):
            option.text = ""
            option.icon = option.icon.__class__()

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for the row."""
        super().paint(painter, option, index)
        if painter is None:
            return
        painter.save()
        if _is_folder(index):
            self._paint_folder(painter, option, index)
        else:
            self._paint_store(painter, option, index)
        painter.restore()

    def _paint_folder(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        note = index.data(NOTE_ROLE)
        text = tr("looking…") if note is None else str(note)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(
            option.rect.adjusted(0, 0, -MARGIN, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            text,
        )

    def _paint_store(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        entry: Entry | None = index.data(ENTRY_ROLE)
        room = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        picture = QRect(room.left(), room.center().y() - PICTURE // 2 + 1, PICTURE, PICTURE)
        self._paint_picture(painter, picture, index)
        left = picture.right() + 10
        metrics = option.fontMetrics
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        top = room.center().y() - metrics.height() - 1
        name = QRect(left, top, room.right() - left, metrics.height())
        painter.setPen(option.palette.color(role))
        painter.drawText(
            name,
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, name.width()),
        )
        second = name.translated(0, metrics.height() + 3)
        if entry is None:
            painter.setPen(option.palette.color(role) if selected else self._theme.color("muted"))
            painter.drawText(second, Qt.AlignmentFlag.AlignVCenter, tr("looking…"))
            return
        state = state_words(entry.state)
        painter.setPen(
            option.palette.color(role) if selected else self._theme.color(state_token(entry.state))
        )
        painter.drawText(second, Qt.AlignmentFlag.AlignVCenter, state)
        rest = second.adjusted(metrics.horizontalAdvance(state + "  "), 0, 0, 0)
        date = f"{entry.modified:%Y-%m-%d}"
        painter.setPen(option.palette.color(role) if selected else self._theme.color("muted"))
        painter.drawText(
            rest,
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(
                f"{size_words(entry)} · {date}", Qt.TextElideMode.ElideRight, rest.width()
            ),
        )

    def _paint_picture(self, painter: QPainter, room: QRect, index: QModelIndex) -> None:
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if pixmap is None:
            painter.setOpacity(0.4)
            icon("image-off-outline").paint(painter, room.adjusted(10, 10, -10, -10))
            painter.setOpacity(1.0)
        else:
            painter.fillRect(room, self._theme.color("canvas"))
            size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(room.topLeft(), size)
            target.moveCenter(room.center())
            painter.drawPixmap(target, pixmap)


def _is_folder(index: QModelIndex | QPersistentModelIndex) -> bool:
    return not index.parent().isValid() and index.data(PATH_ROLE) is not None
