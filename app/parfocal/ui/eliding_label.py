"""A line of text that ends in … where there is no room for all of it.

superqt has one; its import costs a quarter of the time to the first picture of the window.
"""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel

__all__ = ["ElidingLabel"]

DOTS = "…"


class ElidingLabel(QLabel):
    """Plain text on one line; `text()` is all of it, whatever is seen."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def minimumSizeHint(self) -> QSize:
        dots = self.fontMetrics().horizontalAdvance(DOTS)
        return QSize(min(dots, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        style = self.style()
        if style is None:
            return
        place = self.contentsRect()
        painter = QPainter(self)
        self.drawFrame(painter)
        style.drawItemText(
            painter,
            place,
            int(style.visualAlignment(self.layoutDirection(), self.alignment())),
            self.palette(),
            self.isEnabled(),
            self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width()),
            self.foregroundRole(),
        )
        painter.end()
