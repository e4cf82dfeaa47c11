"""Say which colour and hatch is which kind, and put the event strip above it."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from parfocal.ui.event_strip import EventStrip
from parfocal.ui.strip_look import kind_word, paint_kind
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.plan import Schedule
    from parfocal.ui.theme import Theme

__all__ = ["Legend", "StripWithLegend"]


class Legend(QWidget):
    """Which colour and hatch is which kind; the kind of the current event is opaque."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: tuple[str, ...] = ()
        self._active: str | None = None
        self.setAccessibleName(tr("Legend of the event strip"))
        theme.changed.connect(self.update)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is named."""
        return self._kinds

    @property
    def active(self) -> str | None:
        """The kind that is stressed."""
        return self._active

    def set_kinds(self, kinds: tuple[str, ...]) -> None:
        """Name these kinds."""
        self._kinds = kinds
        self.updateGeometry()
        self.update()

    def set_active(self, kind: str | None) -> None:
        """Stress one kind."""
        if kind != self._active:
            self._active = kind
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = sum(metrics.horizontalAdvance(kind_word(kind)) + 38 for kind in self._kinds)
        return QSize(width, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        left = 0
        for kind in self._kinds:
            word = kind_word(kind)
            painter.setOpacity(1.0 if self._active in (None, kind) else 0.55)
            swatch = QRectF(left, (self.height() - 12) / 2, 18, 12)
            paint_kind(painter, swatch, kind, self._theme)
            painter.setPen(self._theme.color("text"))
            advance = metrics.horizontalAdvance(word)
            area = QRectF(left + 24, 0, advance + 2, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
            left += advance + 38


class StripWithLegend(QWidget):
    """The strip with its legend under it."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = EventStrip(theme)
        self.legend = Legend(theme)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.legend)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.strip)
        layout.addLayout(below)

    def set_schedule(self, schedule: "Schedule") -> None:
        """Show a schedule's events, waits and holds."""
        self.strip.set_schedule(schedule)
        self.legend.set_kinds(self.strip.cells.present)

    def set_progress(self, done: int, current: int | None) -> None:
        """Move the cursor."""
        self.strip.set_progress(done, current)
        self.legend.set_active(None if current is None else self.strip.cells.kind(current))
