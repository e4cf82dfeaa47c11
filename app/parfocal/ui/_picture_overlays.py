"""What lies over a picture: a scale bar, and the rectangle with which a region is chosen."""

from collections.abc import Callable
from math import floor, log10

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QRubberBand, QWidget

from parfocal.ui.text import number, tr

__all__ = ["RegionDrawer", "ScaleBar", "bar_length"]

BAR_HEIGHT = 4
MARGIN = 12
LEAST_ROOM = 2  # px that are left beside it; places are rounded
SMALLEST_DRAG = 5  # px; less is a click


def bar_length(visible_um: float) -> float:
    """A round length of at most a quarter of what is visible: 1, 2 or 5 times a power of ten."""
    if visible_um <= 0:
        return 0.0
    most = visible_um / 4
    power = 10.0 ** floor(log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))


class ScaleBar(QWidget):
    """A white bar with its length above it, dark around both so that it shows on any picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._pixels = 0.0
        self.words = ""
        self.hide()

    def show_scale(self, um_per_point: float, seen: QRectF) -> None:
        """Show the bar in a corner of what is `seen` of a picture, of which one logical pixel is so
        many µm (0: not known). Where it has no room there is none: beside it, it measures nothing.
        """
        length = bar_length(um_per_point * seen.width())
        if length <= 0:
            self.hide()
            return
        self._pixels = length / um_per_point
        decimals = max(0, -floor(log10(length)))
        self.words = tr("{length} µm").format(length=number(length, decimals))
        self.setAccessibleName(tr("Scale bar of {words}").format(words=self.words))
        text = QFontMetricsF(self.font())
        width = max(self._pixels, text.horizontalAdvance(self.words)) + 8
        size = QSize(round(width), round(text.height()) + BAR_HEIGHT + 10)
        room_x, room_y = seen.width() - size.width(), seen.height() - size.height()
        if min(room_x, room_y) < LEAST_ROOM:
            self.hide()
            return
        left = seen.left() + min(MARGIN, room_x / 2)
        top = seen.bottom() - size.height() - min(MARGIN, room_y / 2)
        self.setGeometry(QRect(QPoint(round(left), round(top)), size))
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(0, 0, 0, 170)  # also over a white surround
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setPen(QColor("white"))
        area = self.rect().adjusted(4, 2, -4, -BAR_HEIGHT - 6)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.words)
        left = (self.width() - self._pixels) / 2
        top = self.height() - BAR_HEIGHT - 5
        painter.fillRect(QRectF(left, top, self._pixels, BAR_HEIGHT), QColor("white"))
        painter.end()


class RegionDrawer(QWidget):
    """Lies over the picture until a rectangle was drawn on it, or Escape pressed."""

    drawn = pyqtSignal(int, int, int, int)  # x, y, width, height in pixels of the picture
    left = pyqtSignal()

    def __init__(self, parent: QWidget, place: Callable[[QPointF], tuple[float, float]]) -> None:
        super().__init__(parent)
        self._place = place
        self._from: QPoint | None = None
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def begin(self) -> None:
        """Wait for a rectangle."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._from = None
        self._band.hide()
        self.show()
        self.raise_()
        self.setFocus()

    def end(self) -> None:
        """Want none any more."""
        if self.isVisible():
            self._band.hide()
            self.hide()
            self.left.emit()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().toPoint()
            self._band.setGeometry(QRect(self._from, QSize()))
            self._band.show()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._from is not None:
            self._band.setGeometry(QRect(self._from, event.position().toPoint()).normalized())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._from is None:
            return
        band = QRect(self._from, event.position().toPoint()).normalized()
        self._from = None
        if min(band.width(), band.height()) < SMALLEST_DRAG:
            self._band.hide()
            return
        x0, y0 = self._place(QPointF(band.topLeft()))
        x1, y1 = self._place(QPointF(band.bottomRight()))
        left, top = round(min(x0, x1)), round(min(y0, y1))
        width, height = round(max(x0, x1)) - left, round(max(y0, y1)) - top
        self.end()
        self.drawn.emit(left, top, width, height)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.end()
            return
        super().keyPressEvent(event)
