"""Show the fields' composites next to each other, as large as they fit, names under them."""

import math

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QWidget

from parfocal.ui.store_workspace._pixmap import pixmap_of
from parfocal.ui.store_workspace._thumbnail import Picture
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

GAP = 8


class Pictures(QWidget):
    """Square tiles from the top left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles: list[tuple[str, QPixmap]] = []
        self.setMinimumSize(200, 160)
        theme.changed.connect(self.update)

    def show_pictures(self, pictures: tuple[Picture, ...]) -> None:
        """Show these."""
        self._tiles = [(picture.name, pixmap_of(picture)) for picture in pictures]
        names = ", ".join(name for name, _pixmap in self._tiles)
        self.setAccessibleName(tr("Pictures of {fields}").format(fields=names or tr("nothing")))
        self.update()

    def sizeHint(self) -> QSize:
        """Qt asks how large it would like to be."""
        return QSize(360, 320)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Qt asks for the pictures."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._tiles:
            painter.setPen(self._theme.color("muted"))
            top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(self.rect().adjusted(0, 40, 0, 0), top, tr("no planes to show"))
            return
        words = self.fontMetrics().height() + 4
        columns, side = best_grid(len(self._tiles), self.width(), self.height(), words)
        for place, (name, pixmap) in enumerate(self._tiles):
            row, column = divmod(place, columns)
            room = QRect(column * (side + GAP), row * (side + words + GAP), side, side)
            size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(room.topLeft(), size)
            painter.drawPixmap(target, pixmap)
            painter.setPen(self._theme.color("text"))
            painter.drawText(
                QRect(target.left(), target.bottom() + 3, side, words),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
                self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, side),
            )


def best_grid(count: int, width: int, height: int, words: int) -> tuple[int, int]:
    """How many columns give the largest square tiles, and their side."""
    best = (1, 16)
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        side = min(
            (width - (columns - 1) * GAP) // columns,
            (height - (rows - 1) * GAP) // rows - words,
        )
        if side > best[1]:
            best = (columns, side)
    return best
