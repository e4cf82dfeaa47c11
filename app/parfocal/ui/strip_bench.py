"""Paint the event strip for the benchmark, and beside it the same area filled once."""

import time
from statistics import median

from PyQt6.QtGui import QColor, QImage, QPainter

from parfocal.ui._application import application
from parfocal.ui.event_strip import EventStrip
from parfocal.ui.strip_cells import KINDS
from parfocal.ui.theme import Theme

__all__ = ["StripPaint"]

STRETCHES = 1000  # of one kind each: they change in nearly every column of a strip in a window


class StripPaint:
    """A strip of many events and an image to paint it into; times are medians in ms."""

    def __init__(self, events: int, width: int, height: int, paints: int) -> None:
        self._application = application()
        self._paints = paints
        self._strip = EventStrip(Theme())
        self._strip.resize(width, height)
        self.kinds = kinds_of(events)
        self._strip.set_kinds(self.kinds)
        self._image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        self._done = 0

    def whole(self) -> float:
        """A paint after a change of size: everything anew."""
        return self._median(anew=True)

    def again(self) -> float:
        """A paint at a refresh: the cursor has moved, the cells' image is there."""
        return self._median(anew=False)

    def fill(self) -> float:
        """One fill of the whole area."""
        color = QColor("#1a73c7")
        times = []
        for _ in range(self._paints):
            began = time.perf_counter()
            painter = QPainter(self._image)
            painter.fillRect(0, 0, self._image.width(), self._image.height(), color)
            painter.end()
            times.append(time.perf_counter() - began)
        return 1000 * median(times)

    def _median(self, *, anew: bool) -> float:
        times = []
        for _ in range(self._paints):
            self._done = (self._done + 997) % len(self.kinds)
            self._strip.set_progress(self._done, self._done)
            if anew:
                self._strip.forget_image()
            began = time.perf_counter()
            painter = QPainter(self._image)
            self._strip.paint(painter)
            painter.end()
            times.append(time.perf_counter() - began)
        return 1000 * median(times)


def kinds_of(events: int) -> tuple[str, ...]:
    """All kinds by turns."""
    stretch = max(1, events // STRETCHES)
    return tuple(KINDS[event // stretch % len(KINDS)] for event in range(events))
