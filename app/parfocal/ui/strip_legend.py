"""Say which colour and hatch is which kind, and put the event strip above it."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from parfocal.ui.event_strip import EventStrip
from parfocal.ui.strip_look import kind_word, paint_kind
from parfocal.ui.strip_marks import OUTCOMES, outcome_word, paint_mark
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.plan import Schedule
    from parfocal.ui.theme import Theme

__all__ = ["Legend", "StripWithLegend"]


class Legend(QWidget):
    """Which colour and hatch is which kind; the kind of the current event is opaque."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: tuple[str, ...] = ()
        self._outcomes: tuple[str, ...] = ()
        self._active: str | None = None
        self.setAccessibleName(tr("Legend of the event strip"))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
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

    def set_outcomes(self, outcomes: tuple[str, ...]) -> None:
        """Name these outcomes of stimulations behind the kinds."""
        if outcomes != self._outcomes:
            self._outcomes = outcomes
            self.updateGeometry()
            self.update()

    def set_active(self, kind: str | None) -> None:
        """Stress one kind."""
        if kind != self._active:
            self._active = kind
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()), self._line_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._widths(), default=0), self._line_height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's own name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's own name
        return self._line_height() * (1 + max((line for _, line in self._places(width)), default=0))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        height = self._line_height()
        named = (*self._kinds, *self._outcomes)
        for one, (left, line) in zip(named, self._places(self.width()), strict=True):
            top = line * height
            stressed = self._active in (None, one) or one in self._outcomes
            painter.setOpacity(1.0 if stressed else 0.55)
            swatch = QRectF(left, top + (height - 12) / 2, 18, 12)
            if one in self._outcomes:
                paint_mark(painter, swatch.center(), one, self._theme)
            else:
                paint_kind(painter, swatch, one, self._theme)
            painter.setPen(self._theme.color("text"))
            area = QRectF(left + 24, top, self.width(), height)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, _word(one))

    def _line_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _widths(self) -> list[int]:
        metrics = self.fontMetrics()
        named = (*self._kinds, *self._outcomes)
        return [metrics.horizontalAdvance(_word(one)) + 38 for one in named]

    def _places(self, width: int) -> list[tuple[int, int]]:
        """Where each kind's word is: from the left, and in which line; a narrow place has two."""
        places: list[tuple[int, int]] = []
        left, line = 0, 0
        for wide in self._widths():
            if left and left + wide - 14 > width:  # the last gap may be cut
                left, line = 0, line + 1
            places.append((left, line))
            left += wide
        return places


class StripWithLegend(QWidget):
    """The strip with its legend under it."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = EventStrip(theme)
        self.legend = Legend(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.strip)
        layout.addWidget(self.legend)

    def set_schedule(self, schedule: "Schedule") -> None:
        """Show a schedule's events, waits and holds."""
        self.strip.set_schedule(schedule)
        self.legend.set_kinds(self.strip.cells.present)
        self.legend.set_outcomes(())

    def set_progress(self, done: int, current: int | None) -> None:
        """Move the cursor."""
        self.strip.set_progress(done, current)
        self.legend.set_active(None if current is None else self.strip.cells.kind(current))

    def set_light(self, light: "Sequence[tuple[int, str]]") -> None:
        """Mark what became of stimulations: of each its event, from 0, and its outcome."""
        self.strip.set_light(light)
        self.legend.set_outcomes(self.strip.outcomes)


def _word(named: str) -> str:
    return outcome_word(named) if named in OUTCOMES else kind_word(named)
