"""Mark in the event strip what became of each stimulation: by shape, and by colour beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme, Token

__all__ = ["OUTCOMES", "StripMarks", "outcome_word", "paint_mark"]

# Where several events share one pixel column the last of these wins.
OUTCOMES = ("fired", "fallback", "skipped")
TOKENS: "dict[str, Token]" = {"fired": "ok", "fallback": "warn", "skipped": "error"}
RADIUS = 4.0
ROOM = 2 * RADIUS + 4  # narrower cells have no room for a shape
TICK = 0.45  # of the strip's height; what was skipped goes all the way up


class StripMarks:
    """The outcomes by cell; 100,000 of them come to one number for each pixel column."""

    def __init__(self, cells: int = 0) -> None:
        self._ranks = np.zeros(cells, np.uint8)
        self.taken = 0
        """How many outcomes were marked."""

    @property
    def present(self) -> tuple[str, ...]:
        """Which outcomes there are."""
        return tuple(OUTCOMES[rank - 1] for rank in np.unique(self._ranks) if rank)

    def mark(self, cell: int, outcome: str) -> None:
        """Say what became of the light of a cell; of several the worst stays."""
        self.taken += 1
        if 0 <= cell < self._ranks.size and outcome in OUTCOMES:
            self._ranks[cell] = max(self._ranks[cell], OUTCOMES.index(outcome) + 1)

    def outcome(self, cell: int) -> str:
        """What became of the light of a cell; nothing where there was none, or not yet."""
        rank = int(self._ranks[cell]) if 0 <= cell < self._ranks.size else 0
        return OUTCOMES[rank - 1] if rank else ""

    def paint(self, painter: QPainter, area: QRectF, theme: "Theme") -> None:
        """Shapes where there is room for them, else ticks of different height for what is amiss."""
        count = self._ranks.size
        if not self.taken or not count:
            return
        step = area.width() / count
        if step >= ROOM:
            for cell in np.flatnonzero(self._ranks):
                middle = QPointF(area.left() + (int(cell) + 0.5) * step, area.center().y())
                paint_mark(painter, middle, self.outcome(int(cell)), theme)
            return
        amiss = np.flatnonzero(self._ranks > 1)
        columns = np.zeros(max(1, int(area.width())), np.uint8)
        places = np.minimum(amiss * len(columns) // count, len(columns) - 1)
        np.maximum.at(columns, places, self._ranks[amiss])
        for column in np.flatnonzero(columns):
            outcome = OUTCOMES[int(columns[column]) - 1]
            high = area.height() * (1.0 if outcome == "skipped" else TICK)
            tick = QRectF(area.left() + float(column), area.bottom() - high, 2.0, high)
            painter.fillRect(tick, theme.color(TOKENS[outcome]))


def paint_mark(painter: QPainter, middle: QPointF, outcome: str, theme: "Theme") -> None:
    """A dot for light that was given, a triangle for a fallback, a cross for what was skipped."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("canvas"))
    painter.drawEllipse(middle, RADIUS + 2, RADIUS + 2)
    color, r = theme.color(TOKENS[outcome]), RADIUS - 0.5
    x, y = middle.x(), middle.y()
    if outcome == "fired":
        painter.setBrush(color)
        painter.drawEllipse(middle, r - 0.5, r - 0.5)
    elif outcome == "fallback":
        painter.setBrush(color)
        corners: Sequence[QPointF] = (
            QPointF(x, y - r),
            QPointF(x + r, y + r - 1),
            QPointF(x - r, y + r - 1),
        )
        painter.drawPolygon(QPolygonF(corners))
    else:
        painter.setPen(QPen(color, 2.0))
        s = r - 1
        painter.drawLine(QPointF(x - s, y - s), QPointF(x + s, y + s))
        painter.drawLine(QPointF(x - s, y + s), QPointF(x + s, y - s))
    painter.restore()


def outcome_word(outcome: str) -> str:
    """What a person calls it."""
    return {
        "fired": tr("light given"),
        "fallback": tr("fallback"),
        "skipped": tr("light skipped"),
    }[outcome]
