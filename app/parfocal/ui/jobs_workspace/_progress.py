"""Draw progress as a bar in its table cell: of a task of the session, or of a job of the queue."""

from PyQt6.QtCore import QModelIndex, QRect, Qt
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from parfocal.ui.jobs_workspace._model import PROGRESS_ROLE, STATUS_ROLE
from parfocal.ui.tasks import TaskState

FRACTION_ROLE = Qt.ItemDataRole.UserRole + 3


class ProgressDelegate(QStyledItemDelegate):
    """A bar and its percentage; a running task that cannot tell shows a dotted bar."""

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for the cell."""
        super().paint(painter, option, index)
        status = index.data(STATUS_ROLE)
        if painter is None or status.state in (TaskState.QUEUED, TaskState.CANCELLED):
            return
        progress = index.data(PROGRESS_ROLE)
        if status.state is TaskState.FAILED and progress is None:
            return
        paint_bar(painter, option, progress)


class FractionDelegate(QStyledItemDelegate):
    """The same for whatever has a fraction; an empty cell for what has none."""

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for the cell."""
        super().paint(painter, option, index)
        fraction = index.data(FRACTION_ROLE)
        if painter is not None and fraction is not None:
            paint_bar(painter, option, fraction)


def paint_bar(painter: QPainter, option: QStyleOptionViewItem, progress: float | None) -> None:
    """A bar and its percentage; dots where nobody can tell."""
    palette = option.palette
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    roles = QPalette.ColorRole
    text = roles.HighlightedText if selected else roles.Text
    fill = roles.HighlightedText if selected else roles.Highlight
    words = "…" if progress is None else f"{round(100 * progress)} %"
    room = option.rect.adjusted(6, 0, -6, 0)
    text_width = option.fontMetrics.horizontalAdvance("100 %") + 8
    bar = QRect(room.left(), room.center().y() - 3, max(20, room.width() - text_width), 7)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(palette.color(QPalette.ColorRole.Mid))
    painter.setBrush(palette.color(roles.Highlight if selected else roles.Base))
    painter.drawRoundedRect(bar, 3, 3)
    if progress:
        done = QRect(bar)
        done.setWidth(max(4, round(bar.width() * progress)))
        painter.setBrush(palette.color(fill))
        painter.drawRoundedRect(done, 3, 3)
    painter.setPen(palette.color(text))
    aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(option.rect.adjusted(0, 0, -6, 0), aligned, words)
    painter.restore()
