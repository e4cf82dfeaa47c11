"""Show every event of the run in one strip: past opaque, future dim, the current one bordered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from parfocal.ui.strip_cells import CellFacts, StripCells, facts_of_cell
from parfocal.ui.strip_look import GAP, kind_tiles, kind_word, paint_kind
from parfocal.ui.strip_marks import StripMarks, outcome_word
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parfocal.plan import Schedule
    from parfocal.ui.theme import Theme

__all__ = ["EventStrip"]

FUTURE_OPACITY = 0.32
LEAST_CURSOR_WIDTH = 3.0
BORDER = 2.0
GAP_FROM_CELL_WIDTH = 6  # narrower cells touch: a gap would eat them


class EventStrip(QWidget):
    """One cell for each event, wait and hold, painted once a size into an image.

    A fill for each run of one kind took 0.75 ms where 100,000 cells came to 715 runs; the image
    is put together from the kinds' tiles, one look-up for all columns, in a tenth of that.
    """

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells = StripCells()
        self._schedule: Schedule | None = None
        self._marks = StripMarks()
        self._done = 0
        self._current: int | None = None
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint32] | None = None  # the image's own memory
        self._tiles: NDArray[np.uint32] | None = None
        self._tiles_ratio = 1.0
        self.setAccessibleName(tr("Event strip"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._change_colors)

    @property
    def cells(self) -> StripCells:
        """What is shown."""
        return self._cells

    @property
    def done(self) -> int:
        """How many cells are past."""
        return self._done

    @property
    def current(self) -> int | None:
        """The cell that has the cursor."""
        return self._current

    def set_kinds(self, kinds: Sequence[str]) -> None:
        """Show cells of these kinds, none of them done."""
        self._show(StripCells(kinds), None)

    def set_schedule(self, schedule: "Schedule") -> None:
        """Show a schedule's events, waits and holds; the tooltip then knows when each is due."""
        self._show(StripCells.of_schedule(schedule), schedule)

    def set_progress(self, done: int, current: int | None) -> None:
        """Say how many cells are past and which one (from 0) is going on now, if any."""
        if (done, current) == (self._done, self._current):
            return
        self._done, self._current = done, current
        self.setAccessibleDescription(self.words_of(done - 1 if current is None else current))
        self.update()

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Which outcomes of stimulations are marked."""
        return self._marks.present

    def set_light(self, light: Sequence[tuple[int, str]]) -> None:
        """Mark what became of stimulations: of each its event, from 0, and its outcome.

        The list only grows while a plan is shown, so that what was marked is not marked again.
        """
        if self._schedule is None or len(light) == self._marks.taken:
            return
        if len(light) < self._marks.taken:
            self._marks = StripMarks(self._cells.count)
        for event, outcome in light[self._marks.taken :]:
            self._marks.mark(self._schedule.cell_of_event(event), outcome)
        self.update()

    def words_of(self, cell: int | None) -> str:
        """What a cell is, in words: which event, of which kind, and when it is due."""
        if cell is None or not 0 <= cell < self._cells.count:
            return ""
        kind = kind_word(self._cells.kind(cell))
        if self._schedule is None:
            words = tr("{n} of {m}: {kind}")
            return words.format(n=number(cell + 1), m=number(self._cells.count), kind=kind)
        words = _in_words(facts_of_cell(self._schedule, cell), kind, self._schedule.events)
        outcome = self._marks.outcome(cell)
        return f"{words}; {outcome_word(outcome)}" if outcome else words

    def cell_at(self, x: float) -> int | None:
        """The cell at a place in this widget's coordinates."""
        return self._cells.at(x / max(1, self.width()))

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

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self.words_of(cell), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        self.paint(QPainter(self))

    def paint(self, painter: QPainter) -> None:
        """Paint the whole strip: the cells from their image, made anew after a change of size."""
        if not self._cells.count:
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("(no events loaded)"))
            return
        image = self._cells_image()
        edge = round(self.cell_rect(self._done).left() * image.devicePixelRatio())
        for left, right, opacity in ((0, edge, 1.0), (edge, image.width(), FUTURE_OPACITY)):
            part = QRect(left, 0, right - left, image.height())
            if part.width() > 0:
                painter.setOpacity(opacity)
                painter.drawImage(_scaled(part, image.devicePixelRatio()), image, QRectF(part))
        painter.setOpacity(1.0)
        self._paint_cursor(painter)
        self._marks.paint(painter, QRectF(self.rect()), self._theme)

    def forget_image(self) -> None:
        """Have the next paint make the cells' image anew, as a change of size does."""
        self._image = None

    def _paint_cursor(self, painter: QPainter) -> None:
        rect = self.cursor_rect()
        if rect is None:
            return
        color = self._theme.color("text")
        if rect.width() <= 2 * BORDER + 1:
            painter.fillRect(rect, color)
            return
        paint_kind(painter, rect, self._cells.kind(cast("int", self._current)), self._theme)
        painter.setPen(QPen(color, BORDER))
        painter.drawRect(rect.adjusted(BORDER / 2, BORDER / 2, -BORDER / 2, -BORDER / 2))

    def _show(self, cells: StripCells, schedule: "Schedule | None") -> None:
        self._cells, self._schedule = cells, schedule
        self._done, self._current = 0, None
        self._marks = StripMarks(cells.count)
        self.forget_image()
        self.update()

    def _cells_image(self) -> QImage:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        if self._image is None or (self._image.width(), self._image.height()) != (width, height):
            columns = self._cells.columns(width)
            # only gaps are seen through: without them the past is a mere copy
            gaps = self._cells.count * GAP_FROM_CELL_WIDTH * ratio <= width
            if gaps:
                lefts = self._cells.lefts(width)[1:]
                for line in range(1, round(ratio) + 1):
                    columns[lefts - line] = GAP
            if self._tiles is None or self._tiles_ratio != ratio:
                self._tiles, self._tiles_ratio = kind_tiles(self._theme, ratio), ratio
            tiles, side = self._tiles, self._tiles.shape[0]
            rows = np.take(tiles, columns * np.intp(side) + np.arange(width) % side, axis=1)
            self._pixels = np.take(rows, np.arange(height) % side, axis=0)
            form = QImage.Format.Format_ARGB32_Premultiplied if gaps else QImage.Format.Format_RGB32
            self._image = QImage(self._pixels.data, width, height, 4 * width, form)  # type: ignore[arg-type] # any buffer will do, the stub knows bytes only
            self._image.setDevicePixelRatio(ratio)
        return self._image

    def _change_colors(self) -> None:
        self._tiles = None
        self.forget_image()
        self.update()


def _scaled(part: QRect, ratio: float) -> QRectF:
    return QRectF(part.x() / ratio, 0, part.width() / ratio, part.height() / ratio)


def _in_words(facts: CellFacts, kind: str, events: int) -> str:
    if facts.event is None and facts.seconds is not None:
        what = tr("{kind} of {s} s").format(kind=kind, s=_seconds(facts.seconds))
    elif facts.event is None:
        what = f"{kind}: {facts.message}" if facts.message else kind
    else:
        words = tr("event {n} of {m}: {kind}")
        what = words.format(n=number(facts.event), m=number(events), kind=kind)
    if facts.due_s is None:
        return what
    return tr("{what}, due at {time}").format(what=what, time=_due(facts.due_s))


def _due(seconds: float) -> str:
    """Since the start; tenths where they tell one event from the next."""
    if seconds < 60:
        return tr("{s} s").format(s=_seconds(seconds))
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}"


def _seconds(seconds: float) -> str:
    return number(seconds, 0 if seconds == int(seconds) else 1)
