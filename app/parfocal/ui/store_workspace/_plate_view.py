"""Choose wells of a plate: by mouse, by arrow keys, whole rows and columns by their headers."""

from PyQt6.QtCore import QModelIndex, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPalette, QPen, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from parfocal.ui.store_workspace._plate_model import FILL_ROLE, PICTURE_ROLE, PlateModel
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

SMALLEST, LARGEST = 14, 72


class PlateView(QTableView):
    """Every well is a square; the plate fits its place, or is scrolled."""

    chosen = pyqtSignal()
    """Other wells are selected, or another one is current."""
    opened = pyqtSignal()
    """Enter or a double click: see the fields of the selected wells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plate = PlateModel(self)
        self.setModel(self.plate)
        self.setItemDelegate(_WellDelegate(theme, self))
        self.setAccessibleName(tr("Wells of the plate"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        viewport = self.viewport()
        assert viewport is not None
        viewport.setBackgroundRole(QPalette.ColorRole.Window)  # the plate is no sheet of paper
        for header in self._headers():
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(SMALLEST)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
            header.setHighlightSections(True)
        self.doubleClicked.connect(lambda _index: self.opened.emit())
        selection = self.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(lambda *_what: self.chosen.emit())
        theme.changed.connect(self._redraw)

    def fields(self) -> tuple[int, ...]:
        """The fields of the selected wells, in the order of the store."""
        found = {n for index in self.selectedIndexes() for n in self.plate.fields_of(index)}
        return tuple(sorted(found))

    def fit(self) -> None:
        """Make the wells as large as the place allows."""
        rows, columns = self.plate.rowCount(), self.plate.columnCount()
        across, down = self._headers()
        if not rows or not columns:
            return
        letters = max(len(name) for name in self.plate.plate.rows)
        down.setFixedWidth(self.fontMetrics().horizontalAdvance("W" * letters) + 12)
        across.setFixedHeight(self.fontMetrics().height() + 6)
        width = self.width() - down.width() - 2
        height = self.height() - across.height() - 2
        side = max(SMALLEST, min(LARGEST, width // columns, height // rows))
        across.setDefaultSectionSize(side)
        down.setDefaultSectionSize(side)
        font = self.font()
        widest = max(len(name) for name in self.plate.plate.columns)
        if self.fontMetrics().horizontalAdvance("0" * widest) + 4 > side:
            font.setPointSizeF(font.pointSizeF() * 0.75)
        across.setFont(font)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt has a key: Enter shows the fields."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt has another size for it."""
        super().resizeEvent(event)
        self.fit()

    def _headers(self) -> tuple[QHeaderView, QHeaderView]:
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        return across, down

    def _redraw(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()


class _WellDelegate(QStyledItemDelegate):
    """A picture where there is one, else how full the well is; a frame when it is selected."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for a well."""
        if painter is None:
            return
        painter.save()
        room = option.rect.adjusted(1, 1, -1, -1)
        fill = float(index.data(FILL_ROLE))
        pixmap = index.data(PICTURE_ROLE)
        if fill < 0:
            painter.setPen(QPen(self._theme.color("line"), 1, Qt.PenStyle.DotLine))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(room.adjusted(2, 2, -2, -2))
        elif pixmap is not None:
            painter.fillRect(room, self._theme.color("canvas"))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(room.topLeft(), size)
            target.moveCenter(room.center())
            painter.drawPixmap(target, pixmap)
        else:
            self._paint_fill(painter, room, fill)
        if 0 <= fill < 1:  # what is missing is said by shape too
            corner = QRect(room.right() - 5, room.top(), 6, 6)
            painter.fillRect(corner, self._theme.color("warn" if fill else "error"))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(room.adjusted(1, 1, -2, -2))
        elif option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Text), 1))
            painter.drawRect(room.adjusted(0, 0, -1, -1))
        painter.restore()

    def _paint_fill(self, painter: QPainter, room: QRect, fill: float) -> None:
        painter.fillRect(room, self._theme.color("line"))
        part = QRect(room)
        part.setTop(room.bottom() + 1 - round(room.height() * fill))
        painter.fillRect(part, self._theme.color("ok"))
