"""Show the parts of a strip's preview beside each other, as large as there is room."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from parfocal.ui.text import tr

__all__ = ["PreviewView"]

GAP = 6


class PreviewView(QWidget):
    """The projection along z, as it goes out with the report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: tuple[QImage, ...] = ()
        self.words = ""
        self.setAccessibleName(tr("Preview of the strip"))
        self.setMinimumSize(QSize(120, 80))

    def show_parts(self, parts: tuple[QImage, ...], words: str) -> None:
        """Show these, or the words when there are none."""
        self.parts, self.words = parts, words
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Qt asks for all of it."""
        painter = QPainter(self)
        if not self.parts:
            painter.setPen(self.palette().placeholderText().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self.words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        beside = self.parts[0].width() <= self.parts[0].height() * len(self.parts)
        count = len(self.parts)
        room = QSize(
            (self.width() - GAP * (count + 1)) // count if beside else self.width() - 2 * GAP,
            self.height() - 2 * GAP if beside else (self.height() - GAP * (count + 1)) // count,
        )
        for number, part in enumerate(self.parts):
            size = part.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            step = number * ((room.width() if beside else room.height()) + GAP)
            left = GAP + (step if beside else 0) + (room.width() - size.width()) / 2
            top = GAP + (0 if beside else step) + (room.height() - size.height()) / 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), part)
