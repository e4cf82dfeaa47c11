"""Show every event of the run in one strip: past opaque, future dim, the current one bordered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from parfocal.ui.strip_cells import StripCells
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme, Token

__all__ = ["EventStrip", "Legend", "StripWithLegend"]

FUTURE_OPACITY = 0.32
LEAST_CURSOR_WIDTH = 3.0
BORDER = 2.0
GAP_FROM_CELL_WIDTH = 6  # narrower cells touch: a gap would eat them
# Colour alone does not reach everybody; imaging, by far the most, stays plain.
HATCHES: dict[str, Qt.BrushStyle] = {
    "stimulation": Qt.BrushStyle.BDiagPattern,
    "reference": Qt.BrushStyle.VerPattern,
    "wait": Qt.BrushStyle.Dense6Pattern,
    "hold": Qt.BrushStyle.DiagCrossPattern,
}


class EventStrip(QWidget):
    """One cell an event. The cells are painted once a size into a pixmap and shown twice."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells = StripCells()
        self._done = 0
        self._current: int | None = None
        self._picture: QPixmap | None = None
        self.setAccessibleName(tr("Event strip"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._repaint_all)

    @property
    def cells(self) -> StripCells:
        """What is shown."""
        return self._cells

    def set_kinds(self, kinds: Sequence[str]) -> None:
        """Show these events, none of them done."""
        self._cells = StripCells(kinds)
        self._done, self._current = 0, None
        self._repaint_all()

    def set_progress(self, done: int, current: int | None) -> None:
        """Say how many events are past and which one (from 0) is being taken now, if any."""
        if (done, current) == (self._done, self._current):
            return
        self._done, self._current = done, current
        self.setToolTip(tr("event {n} of {m}").format(n=number(done), m=number(self._cells.count)))
        self.update()

    def cell_rect(self, cell: int) -> QRectF:
        """Where a cell is, in this widget's coordinates."""
        step = self.width() / max(1, self._cells.count)
        return QRectF(cell * step, 0, step, self.height())

    def cursor_rect(self) -> QRectF | None:
        """Where the border of the current cell is: at least 3 px wide and always inside."""
        if self._current is None or not 0 <= self._current < self._cells.count:
            return None
        rect = self.cell_rect(self._current)
        if rect.width() < LEAST_CURSOR_WIDTH:
            rect.setLeft(min(rect.center().x(), self.width() - LEAST_CURSOR_WIDTH / 2))
            rect.setLeft(max(0.0, rect.left() - LEAST_CURSOR_WIDTH / 2))
            rect.setWidth(LEAST_CURSOR_WIDTH)
        return rect

    def sizeHint(self) -> QSize:
        return QSize(400, 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 26)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if not self._cells.count:
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("(no events loaded)"))
            return
        picture = self._cells_picture()
        edge = self.cell_rect(self._done).left()
        painter.setOpacity(FUTURE_OPACITY)
        painter.drawPixmap(0, 0, picture)
        painter.setOpacity(1.0)
        painter.setClipRect(QRectF(0, 0, edge, self.height()))
        painter.drawPixmap(0, 0, picture)
        painter.setClipping(False)
        self._paint_cursor(painter)

    def _paint_cursor(self, painter: QPainter) -> None:
        rect = self.cursor_rect()
        if rect is None:
            return
        kind = self._cells.kind(cast(int, self._current))
        painter.fillRect(rect, self._theme.color(cast("Token", kind)))
        color = self._theme.color("text")
        if rect.width() <= 2 * BORDER + 1:
            painter.fillRect(rect, color)
            return
        painter.setPen(QPen(color, BORDER))
        painter.drawRect(rect.adjusted(BORDER / 2, BORDER / 2, -BORDER / 2, -BORDER / 2))

    def _cells_picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self._picture is None or self._picture.size() != size:
            picture = QPixmap(size)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            for start, stop, kind in self._cells.columns(size.width()):
                area = QRectF(start, 0, stop - start, size.height())
                paint_kind(painter, area, kind, self._theme)
            self._paint_gaps(painter, size)
            painter.end()
            picture.setDevicePixelRatio(ratio)
            self._picture = picture
        return self._picture

    def _paint_gaps(self, painter: QPainter, size: QSize) -> None:
        if size.width() < self._cells.count * GAP_FROM_CELL_WIDTH:
            return
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        for cell in range(1, self._cells.count):
            left = self._cells.left(cell, size.width())
            painter.fillRect(QRectF(left - 1, 0, 1, size.height()), QColor(0, 0, 0))

    def _repaint_all(self) -> None:
        self._picture = None
        self.update()


class Legend(QWidget):
    """Which colour and hatch is which kind; the kind of the current event is opaque."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: tuple[str, ...] = ()
        self._active: str | None = None
        self.setAccessibleName(tr("Legend of the event strip"))
        theme.changed.connect(self.update)

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
        width = sum(metrics.horizontalAdvance(_kind_word(kind)) + 38 for kind in self._kinds)
        return QSize(width, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        left = 0
        for kind in self._kinds:
            word = _kind_word(kind)
            painter.setOpacity(1.0 if self._active in (None, kind) else 0.55)
            swatch = QRectF(left, (self.height() - 12) / 2, 18, 12)
            paint_kind(painter, swatch, kind, self._theme)
            painter.setPen(self._theme.color("text"))
            advance = metrics.horizontalAdvance(word)
            area = QRectF(left + 24, 0, advance + 2, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
            left += advance + 38


class StripWithLegend(QWidget):
    """The strip with its legend under it, and how far the run is."""

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

    def set_kinds(self, kinds: Sequence[str]) -> None:
        """Show these events."""
        self.strip.set_kinds(kinds)
        self.legend.set_kinds(self.strip.cells.present)

    def set_progress(self, done: int, current: int | None) -> None:
        """Move the cursor."""
        self.strip.set_progress(done, current)
        self.legend.set_active(None if current is None else self.strip.cells.kind(current))


def paint_kind(painter: QPainter, area: QRectF, kind: str, theme: "Theme") -> None:
    """Fill `area` as one kind of event looks everywhere: its colour and its hatch."""
    color = theme.color(cast("Token", kind))
    painter.fillRect(area, color)
    hatch = HATCHES.get(kind)
    if hatch is not None:
        ink = QColor("black" if color.lightnessF() > 0.5 else "white")
        ink.setAlphaF(0.5)
        painter.fillRect(area, QBrush(ink, hatch))


def _kind_word(kind: str) -> str:
    return {
        "imaging": tr("imaging"),
        "stimulation": tr("stimulation"),
        "reference": tr("reference"),
        "wait": tr("wait"),
        "hold": tr("hold"),
    }[kind]
