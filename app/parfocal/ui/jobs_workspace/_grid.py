"""Show thousands of strips at a glance, and let one of them be chosen with mouse or arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from parfocal.ui.jobs_workspace._grid_model import BAND_ROLE, CELL_ROLE, StripGridModel
from parfocal.ui.jobs_workspace._look import LOOKS, paint_standing, standing_words
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.jobs import StripCell

CELL = QSize(30, 24)
TROUBLES = frozenset({"corrupt", "parked", "failed", "asked"})


class StripDelegate(QStyledItemDelegate):
    """Paints a cell; there is one for all of them. Thousands look like one of a few dozen, which
    are drawn once: scrolling by a row takes 7 ms of the processor for 540 visible strips."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._drawn: dict[tuple[object, ...], QPixmap] = {}
        theme.changed.connect(self._drawn.clear)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Qt asks for a cell."""
        if painter is None:
            return
        if (band := index.data(BAND_ROLE)) is not None:
            self._paint_band(painter, option, band)
            return
        cell: StripCell | None = index.data(CELL_ROLE)
        if cell is None:
            return
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        # over what the style fills: the letter of a faint cell could not be read on a selection
        painter.drawPixmap(option.rect.topLeft(), self._picture(cell, option.rect.size(), ratio))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 3, 3)
            painter.restore()

    def _picture(self, cell: StripCell, size: QSize, ratio: float) -> QPixmap:
        part = None if cell.fraction is None else round(cell.fraction * size.width())
        key = (cell.standing, cell.letters, part, size.width(), size.height(), ratio)
        if key not in self._drawn:
            drawn = QPixmap(size * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(self._theme.color("canvas"))
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(0, 0, size.width(), size.height()).adjusted(1, 1, -1, -1)
            paint_standing(painter, rect, cell.standing, cell.letters, self._theme, cell.fraction)
            painter.end()
            self._drawn[key] = drawn
        return self._drawn[key]

    def _paint_band(self, painter: QPainter, option: QStyleOptionViewItem, words: str) -> None:
        """Where the view stands, however far it was scrolled."""
        painter.save()
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        room = QRect(6, option.rect.top(), 10_000, option.rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class StripGrid(QTableView):
    """The grid. `chosen` tells a strip's name; it stays chosen while rows come and go."""

    chosen = pyqtSignal(str)
    entered_strip = pyqtSignal()  # Enter: its details are wanted

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = StripGridModel(self)
        self.strip = ""
        self.setModel(self.grid)
        self.setItemDelegate(StripDelegate(theme, self))
        self.setAccessibleName(tr("Strips: rows are slices, columns are strips"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_up_headers()
        theme.changed.connect(self._redraw)

    def show_strips(self, strips: Sequence[StripCell]) -> None:
        """Show these; what was chosen stays so, and trouble is chosen first."""
        if self.grid.show(strips):
            self.clearSpans()
            if (columns := self.grid.columnCount()) > 1:
                for row in self.grid.bands():
                    self.setSpan(row, 0, 1, columns)
            place = self.grid.place_of(self.strip)
            if not place.isValid():
                place = self.grid.first_of(TROUBLES)
            if not place.isValid() and strips:
                place = self.grid.place_of(strips[-1].id)
            if place.isValid():
                self.setCurrentIndex(place)
                self.scrollTo(place)

    def choose(self, strip: str) -> bool:
        """Choose a strip; False when it is not there."""
        place = self.grid.place_of(strip)
        if place.isValid():
            self.setCurrentIndex(place)
            self.scrollTo(place)
        return place.isValid()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # noqa: N802 - Qt's own
        """Qt moved to another cell."""
        super().currentChanged(current, previous)
        cell = self.grid.cell(current)
        if cell is not None and cell.id != self.strip:
            self.strip = cell.id
            self.chosen.emit(cell.id)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter goes to the details."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_strip.emit()
        else:
            super().keyPressEvent(event)

    def _set_up_headers(self) -> None:
        for header, size in (
            (self.horizontalHeader(), CELL.width()),
            (self.verticalHeader(), CELL.height()),
        ):
            assert header is not None
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(size)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
            header.setSectionsClickable(False)

    def _redraw(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()


class StripLegend(QWidget):
    """What the colours and letters mean."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(tr("Legend of the strips"))
        said = ", ".join(f"{look.letter} {standing_words(name)}" for name, look in LOOKS.items())
        self.setAccessibleDescription(said)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's own
        """Qt asks whether it wraps."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's own
        """Qt asks how high it is when it has so much room."""
        return self._walk(width)[-1][1] + self._line()

    def sizeHint(self) -> QSize:
        """Qt asks what it would like."""
        width = self.width() or 600
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Qt asks for all of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for (x, y), (standing, look) in zip(self._walk(self.width()), LOOKS.items(), strict=True):
            paint_standing(painter, QRectF(x, y + 2, 22, 18), standing, look.letter, self._theme)
            painter.setPen(self._theme.color("muted"))
            room = QRectF(x + 27, y, 400, self._line() - 2)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, standing_words(standing))

    def _walk(self, width: int) -> list[tuple[int, int]]:
        """Where each entry begins."""
        places, x, y = [], 0, 0
        for standing in LOOKS:
            long = 27 + self.fontMetrics().horizontalAdvance(standing_words(standing)) + 14
            if x and x + long > width:
                x, y = 0, y + self._line()
            places.append((x, y))
            x += long
        return places

    def _line(self) -> int:
        return max(22, self.fontMetrics().height() + 6)
