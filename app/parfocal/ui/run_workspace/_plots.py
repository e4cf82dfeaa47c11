"""Plot lag, frame interval, throughput, buffer, loop and disk against the time of the run."""

from math import ceil, log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from parfocal.ui.plot_theme import dress_axes, small_font
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.run_workspace._history import RunHistory
    from parfocal.ui.theme import Theme, Token

__all__ = ["Plots"]


class Curve(NamedTuple):
    """One small plot: which figure of a sample, what it is called, its colour, its least top."""

    figure: str
    title: str
    token: "Token"
    least_top: float  # noise of a quiet run must not be blown up to fill the plot


CURVES = (
    Curve("lag_ms", "lag, ms", "accent", 50.0),
    Curve("frame_interval_ms", "frame interval, ms", "imaging", 50.0),
    Curve("mb_per_s", "storage, MB/s", "ok", 10.0),
    Curve("buffer_percent", "buffer, %", "warn", 100.0),
    Curve("react_queued", "loop queue", "stimulation", 4.0),
    Curve("free_gb", "free disk, GB", "hold", 1.0),
)
LEAST_HEIGHT = 100
LEAST_SPAN_S = 10.0
STEP = 1.25


class Plots(QWidget):
    """Six small plots side by side, each over the seconds since the first frame."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.graphics: Any = pg.GraphicsLayoutWidget()
        self.graphics.setAccessibleName(tr("Plots against time"))
        self.graphics.setMinimumHeight(LEAST_HEIGHT)
        self.graphics.ci.layout.setSpacing(4)
        self.graphics.ci.layout.setContentsMargins(4, 4, 8, 2)
        self._ranges: dict[str, tuple[float, float]] = {}
        self.plots: dict[str, Any] = {}
        self.curves: dict[str, Any] = {}
        for column, curve in enumerate(CURVES):
            self._add(curve, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.graphics)
        theme.changed.connect(self._dress)
        self._dress()

    def show_history(self, history: "RunHistory") -> None:
        """Draw all samples.

        The ranges grow in steps: new ones make pyqtgraph draw every axis anew, which was most of
        what six plots cost.
        """
        times = history.elapsed_s
        last = float(times[-1]) if times.size else 0.0
        for curve in CURVES:
            figures = history.figures(curve.figure)
            there = np.isfinite(figures)
            known = figures[there]
            self.curves[curve.figure].setData(times[there], known)
            top = float(known.max()) if known.size else 0.0
            wanted = (step_above(last, LEAST_SPAN_S), step_above(1.05 * top, curve.least_top))
            if wanted != self._ranges.get(curve.figure):
                self._ranges[curve.figure] = wanted
                right, high = wanted
                self.plots[curve.figure].setRange(
                    xRange=(0, right), yRange=(0, high), padding=0.02, disableAutoRange=True
                )

    def _add(self, curve: Curve, column: int) -> None:
        plot = self.graphics.addPlot(row=0, col=column)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.getAxis("left").setWidth(38)
        for axis in ("left", "bottom"):  # a second level of labels crowds so small a plot
            plot.getAxis(axis).setStyle(maxTextLevel=0)
        if curve.figure == "buffer_percent":
            plot.getAxis("left").setTicks([[(value, str(value)) for value in (0, 50, 100)]])
        self.plots[curve.figure] = plot
        self.curves[curve.figure] = plot.plot([], [])

    def _dress(self) -> None:
        self.graphics.setBackground(self._theme.color("canvas"))
        size = f"{small_font(self.font()).pointSizeF():.1f}pt"
        for curve in CURVES:
            plot = self.plots[curve.figure]
            plot.setTitle(tr(curve.title), color=self._theme.color("text"), size=size)
            dress_axes(plot, self._theme, self.font())
            color = self._theme.color(curve.token)
            self.curves[curve.figure].setPen(pg.mkPen(color, width=2))


def step_above(value: float, least: float) -> float:
    """The first of least, least · 1.25, … that is not below the value."""
    return least if value <= least else least * STEP ** ceil(log(value / least, STEP) - 1e-9)
