"""Mark over a picture where a projector's spots were seen, each with how far it lies off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.scope import SeenSpot
    from parfocal.ui.picture import Picture

__all__ = ["SpotMarks"]

RADIUS = 9.0
# on any picture, in either theme; they are told apart by their shape, too
USED, LEFT_OUT, UNFITTED = QColor("#4cf08a"), QColor("#ffa040"), QColor("#5fd7ff")
GROUND = QColor(0, 0, 0, 200)


class SpotMarks(QWidget):
    """A ring for a spot that fits, a cross for one that was left out, a broken ring before that."""

    def __init__(self, picture: "Picture") -> None:
        super().__init__(picture.image)
        self._image = picture.image
        self._size = (0, 0)
        self.spots: tuple[SeenSpot, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._image.view_changed.connect(self.update)
        self._image.installEventFilter(self)
        self.hide()

    def show_spots(self, spots: Sequence["SeenSpot"], rows: int, columns: int) -> None:
        """Mark these, over pictures of that size only; none takes the marks away."""
        self.spots, self._size = tuple(spots), (rows, columns)
        used = sum(spot.used for spot in self.spots)
        words = tr("{n} spots of the projector were seen; {used} of them fit")
        self.setAccessibleName(words.format(n=len(self.spots), used=used))
        self.setGeometry(self._image.rect())
        self.setVisible(bool(self.spots))
        self.raise_()
        self.update()

    def place_of(self, spot: "SeenSpot") -> QPointF | None:
        """Where on this widget a spot is; None while another picture is shown."""
        pixels = self._image.image
        if pixels is None or pixels.shape[:2] != self._size:
            return None
        far = QPointF(self.width(), self.height())
        left, top = self._image.place_in_image(QPointF(0, 0))
        right, bottom = self._image.place_in_image(far)
        if left == right or top == bottom:  # nothing was drawn yet
            return None
        row, column = spot.place  # from 0 at the middle of the first pixel
        x = (column + 0.5 - left) / (right - left)
        y = (row + 0.5 - top) / (bottom - top)
        return QPointF(x * far.x(), y * far.y())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._image and event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._image.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for spot in self.spots:
            middle = self.place_of(spot)
            if middle is not None:
                _mark(painter, middle, spot)
        painter.end()


def _mark(painter: QPainter, middle: QPointF, spot: "SeenSpot") -> None:
    fitted = spot.off_px is not None
    color = USED if spot.used else LEFT_OUT if fitted else UNFITTED
    line = Qt.PenStyle.SolidLine if fitted else Qt.PenStyle.DashLine
    for pen in (QPen(GROUND, 4), QPen(color, 2, line)):
        painter.setPen(pen)
        if fitted and not spot.used:
            for way in (1, -1):
                reach = QPointF(RADIUS, way * RADIUS)
                painter.drawLine(middle - reach, middle + reach)
        else:
            painter.drawEllipse(middle, RADIUS, RADIUS)
    if spot.off_px is None:
        return
    words = tr("{n} px").format(n=number(spot.off_px, 1))
    text = painter.fontMetrics().boundingRect(words)
    place = QRectF(0, 0, text.width() + 8, text.height() + 2)
    place.moveCenter(middle + QPointF(0, RADIUS + 4 + place.height() / 2))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(place, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(color)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
