"""Draw one row of the tree: a folder, or a store with its picture, state, size and date."""

from PyQt6.QtCore import QModelIndex, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPalette, QPixmap, QPixmapCache
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._model import NODE_ROLE
from parfocal.ui.store_workspace._node import Kind, Node
from parfocal.ui.store_workspace._pixmap import pixmap_of
from parfocal.ui.store_workspace._words import ended_words, size_words, state_token
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme, Token

PICTURE = 44
MARGIN = 5


class StoreDelegate(QStyledItemDelegate):
    """All rows are of one height, which spares the view to ask for that of 10,000."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Qt asks how tall a row is."""
        lines = option.fontMetrics.height()
        return QSize(160, max(PICTURE, 2 * lines + 4) + 2 * MARGIN)

    def initStyleOption(  # noqa: N802 - Qt's own name
        self, option: QStyleOptionViewItem | None, index: QModelIndex
    ) -> None:
        """Qt prepares a row; its words and picture are drawn by `paint`."""
        super().initStyleOption(option, index)
        if option is not None:
            option.text = ""

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for the row."""
        super().paint(painter, option, index)
        if painter is None:
            return
        node: Node = index.data(NODE_ROLE)
        painter.save()
        painter.setClipRect(option.rect)
        if node.kind is Kind.STORE:
            self._paint_store(painter, option, node)
        else:
            self._paint_folder(painter, option, node)
        painter.restore()

    def _paint_folder(self, painter: QPainter, option: QStyleOptionViewItem, node: Node) -> None:
        room = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        drawing = "lan-disconnect" if node.problem else "folder-outline"
        side = 20
        spot = QRect(room.left(), room.center().y() - side // 2 + 1, side, side)
        # tinted for the row: on a selected one it would be dark on blue
        icon(drawing, self._color(option, "warn" if node.problem else "text")).paint(painter, spot)
        font = QFont(option.font)
        font.setBold(node.kind is Kind.PROJECT)
        painter.setFont(font)
        note = node.note
        if node.kind is Kind.PROJECT:
            note += f" · {node.path.parent}"
        token: Token = "warn" if node.problem else "muted"
        self._two_lines(painter, option, room.adjusted(side + 8, 0, 0, 0), node.name, note, token)

    def _paint_store(self, painter: QPainter, option: QStyleOptionViewItem, node: Node) -> None:
        room = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        picture = QRect(room.left(), room.center().y() - PICTURE // 2 + 1, PICTURE, PICTURE)
        self._paint_picture(painter, picture, node, self._color(option, "muted"))
        words = room.adjusted(PICTURE + 9, 0, 0, 0)
        seen = node.glimpse
        if seen is None:
            self._two_lines(painter, option, words, node.name, tr("looking…"), "muted")
            return
        state = ended_words(seen.state, seen.planes)
        second = self._two_lines(painter, option, words, node.name, state, state_token(seen.state))
        metrics = option.fontMetrics
        rest = second.adjusted(metrics.horizontalAdvance(state + "  "), 0, 0, 0)
        size = size_words(seen.size, whole=seen.size_is_whole)
        told = f"{size} · {seen.modified:%Y-%m-%d}"
        painter.setPen(self._color(option, "muted"))
        elided = metrics.elidedText(told, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, elided)

    def _two_lines(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        room: QRect,
        name: str,
        note: str,
        token: Token,
    ) -> QRect:
        """A name and a line under it; where that line is."""
        metrics = painter.fontMetrics()
        first = QRect(
            room.left(), room.center().y() - metrics.height() - 1, room.width(), metrics.height()
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._color(option, "text"))
        elide = Qt.TextElideMode.ElideMiddle
        painter.drawText(first, middle, metrics.elidedText(name, elide, first.width()))
        painter.setFont(option.font)
        second = first.translated(0, metrics.height() + 3)
        painter.setPen(self._color(option, token))
        told = option.fontMetrics.elidedText(note, Qt.TextElideMode.ElideRight, second.width())
        painter.drawText(second, middle, told)
        return second

    def _color(self, option: QStyleOptionViewItem, token: Token) -> QColor:
        if option.state & QStyle.StateFlag.State_Selected:
            return option.palette.color(QPalette.ColorRole.HighlightedText)
        return self._theme.color(token)

    def _paint_picture(self, painter: QPainter, room: QRect, node: Node, color: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        pixmap = _pixmap(node)
        if pixmap is None:
            painter.setOpacity(0.5)
            icon("image-outline", color).paint(painter, room.adjusted(11, 11, -11, -11))
            painter.setOpacity(1.0)
            return
        size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(room.topLeft(), size)
        target.moveCenter(room.center())
        painter.drawPixmap(target, pixmap)


def _pixmap(node: Node) -> QPixmap | None:
    """The picture of a store, from Qt's own cache: it is bounded, and forgets the oldest."""
    seen = node.glimpse
    if seen is None or seen.picture is None:
        return None
    key = f"{seen.path} {max(seen.stamp)}"
    kept: QPixmap | None = QPixmapCache.find(key)
    if kept is not None:
        return kept
    made = pixmap_of(seen.picture)
    QPixmapCache.insert(key, made)
    return made
