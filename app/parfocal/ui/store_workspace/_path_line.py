"""A path in one line: what has no room is left out in its middle, the tooltip has it whole."""

from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel


class PathLine(QLabel):
    """Paths have no place at which a line could be broken."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.setToolTip(str(path))

    def minimumSizeHint(self) -> QSize:
        """Qt asks how small it may become."""
        return QSize(60, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Qt asks for the words."""
        painter = QPainter(self)
        room = self.contentsRect()
        told = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, told)
