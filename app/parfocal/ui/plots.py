"""Colours of pyqtgraph's plots: `follow_theme` keeps a plot that exists in step with the theme."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from PyQt6.QtGui import QColor

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme


def set_colors(background: QColor, foreground: QColor) -> None:
    """Set what new plots look like, if pyqtgraph is in use at all (its import costs 0.4 s)."""
    pyqtgraph = sys.modules.get("pyqtgraph")
    if pyqtgraph is not None:
        pyqtgraph.setConfigOption("background", background)
        pyqtgraph.setConfigOption("foreground", foreground)


def follow_theme(plot: Any, theme: Theme) -> None:
    """Give a PlotWidget the theme's colours, now and after every change."""

    def recolor() -> None:
        plot.setBackground(theme.color("canvas"))
        for axis in plot.getPlotItem().axes.values():
            axis["item"].setPen(theme.color("line"))
            axis["item"].setTextPen(theme.color("muted"))

    set_colors(theme.color("canvas"), theme.color("text"))
    recolor()
    theme.changed.connect(recolor)
    plot.destroyed.connect(lambda: theme.changed.disconnect(recolor))
