"""Dress pyqtgraph's plots in the theme's colours; pyqtgraph itself only knows its defaults."""

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt6.QtGui import QFont

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

__all__ = ["dress_axes", "small_font"]


def small_font(font: QFont) -> QFont:
    """A size below the window's: figures at an axis are looked up, not read."""
    smaller = QFont(font)
    smaller.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
    return smaller


def dress_axes(plot: Any, theme: "Theme", font: QFont) -> None:
    """Colour axes, labels and title of one PlotItem."""
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setPen(pg.mkPen(theme.color("line")))
        axis.setTextPen(pg.mkPen(theme.color("muted")))
        axis.setTickFont(small_font(font))
        axis.setStyle(tickLength=-4)
