"""Draw where the stage may go and where it is; a double click goes there."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.scope import Limits, Range, StagePosition
    from parfocal.ui.theme import Theme

__all__ = ["StageMap"]

MARGIN, HEIGHT_BAR, GAP = 8.0, 16.0, 12.0
LEAST_SPAN_UM = 1000.0
CROSS = 7.0


class StageMap(QWidget):
    """x to the right, y up, the height as a bar at the right."""

    go_wanted = pyqtSignal(float, float)

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._limits: Limits | None = None
        self._place: StagePosition | None = None
        self._field_um = (0.0, 0.0)
        self._seen = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]  # lowest and highest x, y, z that were seen
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Map of the stage; the arrow keys move it"))
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, 190)

    def show_limits(self, limits: "Limits | None") -> None:
        """Where this stage may go; None: no microscope."""
        self._limits = limits
        self._seen = [0.0] * 6
        self.update()

    def show_place(self, place: "StagePosition | None", field_um: tuple[float, float]) -> None:
        """Where it is, and how much the camera sees there."""
        if (place, field_um) == (self._place, self._field_um):
            return
        self._place, self._field_um = place, field_um
        if place is not None:
            for axis, value in enumerate((place.x, place.y, place.z)):
                self._seen[2 * axis] = min(self._seen[2 * axis], value)
                self._seen[2 * axis + 1] = max(self._seen[2 * axis + 1], value)
        self.update()

    # -- Qt's own

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, enabled = self._theme, self.isEnabled()
        painter.fillRect(self.rect(), theme.color("canvas" if enabled else "surface"))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        if self._limits is not None:
            self._draw_plane(painter)
            self._draw_height(painter)
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._plane().contains(event.position()):
            self.go_wanted.emit(*self._um(event.position()))

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if self._limits is not None and self._plane().contains(QPointF(event.pos())):
                x, y = self._um(QPointF(event.pos()))
                words = tr("x {x}, y {y} µm: double click to go there")
                QToolTip.showText(
                    event.globalPos(), words.format(x=number(x, 1), y=number(y, 1)), self
                )
            else:
                QToolTip.showText(event.globalPos(), self.toolTip(), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.update()

    # -- parts

    def _draw_plane(self, painter: QPainter) -> None:
        theme, limits = self._theme, self._limits
        if limits is None:
            return
        x, y = self._range(limits.x_um, 0), self._range(limits.y_um, 1)
        allowed = QRectF(self._point(x[0], y[1]), self._point(x[1], y[0]))
        known = limits.x_um is not None and limits.y_um is not None
        style = Qt.PenStyle.SolidLine if known else Qt.PenStyle.DashLine
        painter.setPen(QPen(theme.color("muted"), 1, style))
        painter.setBrush(theme.color("surface"))
        painter.drawRect(allowed)
        painter.setPen(theme.color("muted"))
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.8)
        painter.setFont(font)
        words = (
            tr("x {x} µm\ny {y} µm").format(x=limits.x_um, y=limits.y_um)
            if known
            else tr("no limits in the profile")
        )
        area = allowed.adjusted(4, 2, -4, -2)
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.drawText(area, int(flags), words)
        if self._place is not None:
            self._draw_place(painter)

    def _draw_place(self, painter: QPainter) -> None:
        place = self._place
        if place is None:
            return
        at, (width, height) = self._point(place.x, place.y), self._field_um
        color = self._theme.color("accent")
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if width > 0 and height > 0:
            scale = self._scale()
            painter.drawRect(
                QRectF(
                    at.x() - width * scale / 2,
                    at.y() - height * scale / 2,
                    width * scale,
                    height * scale,
                )
            )
        painter.drawLine(at - QPointF(CROSS, 0), at + QPointF(CROSS, 0))
        painter.drawLine(at - QPointF(0, CROSS), at + QPointF(0, CROSS))

    def _draw_height(self, painter: QPainter) -> None:
        limits, theme = self._limits, self._theme
        if limits is None:
            return
        low, high = self._range(limits.z_um, 2)
        bar = self._bar()
        style = Qt.PenStyle.DashLine if limits.z_um is None else Qt.PenStyle.SolidLine
        painter.setPen(QPen(theme.color("muted"), 1, style))
        painter.setBrush(theme.color("surface"))
        painter.drawRect(bar)
        if self._place is not None:
            share = (self._place.z - low) / (high - low)
            y = bar.bottom() - min(1.0, max(0.0, share)) * bar.height()
            painter.setPen(QPen(theme.color("accent"), 2.5))
            painter.drawLine(QPointF(bar.left() - 4, y), QPointF(bar.right() + 4, y))

    def _range(self, limit: "Range | None", axis: int) -> tuple[float, float]:
        """The limits, or else what was seen with room around it."""
        if limit is not None and limit.high > limit.low:
            return limit.low, limit.high
        low, high = self._seen[2 * axis], self._seen[2 * axis + 1]
        room = max(LEAST_SPAN_UM - (high - low), 0.2 * (high - low)) / 2
        return low - room, high + room

    def _bar(self) -> QRectF:
        left = self.width() - MARGIN - HEIGHT_BAR
        return QRectF(left, MARGIN, HEIGHT_BAR, self.height() - 2 * MARGIN)

    def _area(self) -> QRectF:
        width = self._bar().left() - GAP - MARGIN
        return QRectF(MARGIN, MARGIN, width, self.height() - 2 * MARGIN)

    def _spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        limits = self._limits
        return (
            self._range(None if limits is None else limits.x_um, 0),
            self._range(None if limits is None else limits.y_um, 1),
        )

    def _scale(self) -> float:
        (x0, x1), (y0, y1) = self._spans()
        area = self._area()
        return min(area.width() / (x1 - x0), area.height() / (y1 - y0))

    def _plane(self) -> QRectF:
        (x0, x1), (y0, y1) = self._spans()
        return QRectF(self._point(x0, y1), self._point(x1, y0))

    def _point(self, x: float, y: float) -> QPointF:
        (x0, x1), (y0, y1) = self._spans()
        scale, middle = self._scale(), self._area().center()
        return QPointF(
            middle.x() + (x - (x0 + x1) / 2) * scale, middle.y() - (y - (y0 + y1) / 2) * scale
        )

    def _um(self, point: QPointF) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self._spans()
        scale, middle = self._scale(), self._area().center()
        return (
            (x0 + x1) / 2 + (point.x() - middle.x()) / scale,
            (y0 + y1) / 2 - (point.y() - middle.y()) / scale,
        )
