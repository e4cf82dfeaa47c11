"""A bar for something that can fill up: red past 80 %, and it says so by a mark as well."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

__all__ = ["ALARM_FROM", "Meter"]

ALARM_FROM = 0.8


class Meter(QWidget):
    """Shows a fraction with its percentage beside it."""

    def __init__(self, name: str, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._theme = theme
        self.fraction = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    @property
    def alarmed(self) -> bool:
        """Whether it is fuller than it should be."""
        return self.fraction > ALARM_FROM

    @property
    def text(self) -> str:
        """The percentage, with a mark when it is too much."""
        percent = tr("{n} %").format(n=number(100 * self.fraction))
        return f"! {percent}" if self.alarmed else percent

    def set_fraction(self, fraction: float) -> None:
        """Fill to `fraction` of the whole."""
        fraction = min(1.0, max(0.0, fraction))
        if fraction != self.fraction:
            self.fraction = fraction
            self.setAccessibleDescription(self.text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(110, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.fontMetrics().horizontalAdvance(tr("! {n} %").format(n=number(100))) + 6
        bar = QRectF(0.5, (self.height() - 10) / 2, self.width() - room - 1, 10)
        painter.setPen(QPen(self._theme.color("line")))
        painter.setBrush(self._theme.color("canvas"))
        painter.drawRoundedRect(bar, 3, 3)
        full = QRectF(bar)
        full.setWidth(bar.width() * self.fraction)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("error" if self.alarmed else "accent"))
        painter.drawRoundedRect(full, 3, 3)
        painter.setPen(self._theme.color("text"))
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text
        )
