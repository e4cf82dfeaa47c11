"""Say the run's state by shape, word and colour at once."""

from math import ceil
from typing import TYPE_CHECKING, NamedTuple, cast

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from parfocal.ui.run_workspace._clock import clock
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.theme import Theme, Token

__all__ = ["LOOKS", "Look", "StateChip", "chip_text"]


class Look(NamedTuple):
    """How a state looks."""

    word: str
    shape: str
    token: str


# Every state of run.md's table. Cancelling and finishing are one word for a person: no further
# frame comes, and what was taken is being written.
LOOKS: dict[str, Look] = {
    "pending": Look("PENDING", "ring", "info"),
    "preparing": Look("PREPARING…", "ring", "info"),
    "running": Look("RUNNING", "play", "ok"),
    "pausing": Look("PAUSING…", "bars", "warn"),
    "paused": Look("PAUSED", "bars", "warn"),
    "waiting": Look("WAITING", "clock", "wait"),
    "holding": Look("HOLDING", "diamond", "hold"),
    "cancelling": Look("STOPPING…", "square", "warn"),
    "finishing": Look("STOPPING…", "square", "info"),
    "completed": Look("COMPLETED", "tick", "ok"),
    "cancelled": Look("CANCELLED", "square", "muted"),
    "failed": Look("FAILED", "cross", "error"),
}
NO_RUN = Look("NO RUN", "ring", "muted")
PADDING = 10
SHAPE = 12


def chip_text(status: "RunStatus | None") -> str:
    """The word of a state, with the countdown while it waits."""
    if status is None:
        return tr(NO_RUN.word)
    word = tr(LOOKS[status.state].word)
    if status.wait_remaining_s is not None and status.state == "waiting":
        return f"{word} {clock(ceil(status.wait_remaining_s))}"
    return word


class StateChip(QWidget):
    """A rounded label that is as wide as its word."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = NO_RUN
        self._text = tr(NO_RUN.word)
        font = QFont(self.font())
        font.setBold(True)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("State of the run: {word}").format(word=self._text))
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """The word that is shown."""
        return self._text

    def show_status(self, status: "RunStatus | None") -> None:
        """Say the state of `status`."""
        look = NO_RUN if status is None else LOOKS[status.state]
        text = chip_text(status)
        if (look, text) == (self._look, self._text):
            return
        self._look, self._text = look, text
        self.setAccessibleName(tr("State of the run: {word}").format(word=text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._text) + SHAPE + 3 * PADDING
        return QSize(width, metrics.height() + 12)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._theme.color(cast("Token", self._look.token))
        ink = readable_on(ground)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        area = QRectF(self.rect())
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        box = QRectF(PADDING, (self.height() - SHAPE) / 2, SHAPE, SHAPE)
        paint_shape(painter, self._look.shape, box, ink)
        painter.setPen(ink)
        left = 2 * PADDING + SHAPE - 3
        painter.drawText(area.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)


def readable_on(ground: QColor) -> QColor:
    """Black or white, whichever contrasts more (by WCAG's relative luminance)."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (ground.redF(), ground.greenF(), ground.blueF()))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor("black" if luminance > 0.179 else "white")


def paint_shape(painter: QPainter, shape: str, box: QRectF, ink: QColor) -> None:
    """Draw a state's sign; drawn and not typed, since fonts lack some of them."""
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    pen = QPen(ink, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    middle = box.center()
    match shape:
        case "play":
            corners = (box.topLeft() + QPointF(1, 0), QPointF(box.right(), middle.y()))
            painter.drawPolygon(QPolygonF([*corners, box.bottomLeft() + QPointF(1, 0)]))
        case "bars":
            width = box.width() / 3
            painter.drawRect(QRectF(box.left(), box.top(), width, box.height()))
            painter.drawRect(QRectF(box.right() - width, box.top(), width, box.height()))
        case "square":
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        case "diamond":
            top, right = QPointF(middle.x(), box.top()), QPointF(box.right(), middle.y())
            bottom, left = QPointF(middle.x(), box.bottom()), QPointF(box.left(), middle.y())
            painter.drawPolygon(QPolygonF([top, right, bottom, left]))
        case "tick" | "cross" | "clock" | "ring":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen)
            painter.drawPath(_line_shape(shape, box))
        case _:
            raise AssertionError(f"no such shape: {shape}")


def _line_shape(shape: str, box: QRectF) -> QPainterPath:
    path = QPainterPath()
    inner = box.adjusted(1, 1, -1, -1)
    middle = box.center()
    if shape == "tick":
        path.moveTo(inner.left(), middle.y() + 1)
        path.lineTo(middle.x() - 1, inner.bottom() - 1)
        path.lineTo(inner.right(), inner.top() + 1)
        return path
    if shape == "cross":
        path.moveTo(inner.topLeft())
        path.lineTo(inner.bottomRight())
        path.moveTo(inner.topRight())
        path.lineTo(inner.bottomLeft())
        return path
    path.addEllipse(inner)
    if shape == "clock":
        path.moveTo(middle.x(), inner.top() + 2.5)
        path.lineTo(middle)
        path.lineTo(inner.right() - 2.5, middle.y())
    return path
