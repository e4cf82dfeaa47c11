"""Show the newest frame of the chosen channel with its histogram; drag the edges for contrast."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QTabBar, QVBoxLayout, QWidget

from parfocal.ui.run_workspace._contrast import Contrast, auto_contrast, histogram, sample
from parfocal.ui.run_workspace._plot_theme import dress_axes
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.plan import Schedule
    from parfocal.scope import Frame
    from parfocal.ui.latest_frames import LatestFrames
    from parfocal.ui.theme import Theme

__all__ = ["FramePanel"]

HISTOGRAM_HEIGHT = 56


class FramePanel(QWidget):
    """Frames are taken by reference when the window has time; those in between are never drawn."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fields: tuple[str, ...] = ()
        self._contrasts: dict[int, Contrast] = {}  # chosen by hand, by channel
        self._shown: Frame | None = None
        self._setting_region = False
        self.channels = QTabBar()
        self.channels.setExpanding(False)
        self.channels.setDrawBase(False)
        self.channels.setAccessibleName(tr("Channel of the latest frame"))
        self.channels.currentChanged.connect(self._channel_chosen)
        self.automatic = QCheckBox(tr("Auto contrast"))
        self.automatic.setChecked(True)
        self.automatic.toggled.connect(self._automatic_toggled)
        self.caption = QLabel(tr("no frame yet"))
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._build_pictures()
        self._lay_out()
        theme.changed.connect(self._dress)
        self._dress()

    def bind(self, schedule: "Schedule") -> None:
        """Forget the last run's frames and name this one's channels."""
        self._fields = tuple(field.name for field in schedule.fields)
        self._contrasts.clear()
        self._shown = None
        self.image.clear()
        self.bars.setData([], [])
        self.caption.setText(tr("no frame yet"))
        self.channels.blockSignals(True)  # else it asks for frames tab by tab
        while self.channels.count():
            self.channels.removeTab(0)
        for channel in schedule.channels:
            self.channels.addTab(channel.name)
        self.channels.blockSignals(False)
        self.automatic.setChecked(True)

    def refresh(self, frames: "LatestFrames") -> None:
        """Draw the chosen channel's newest frame if it is not what is shown already."""
        frame = frames.newest(max(0, self.channels.currentIndex()))
        if frame is not None and frame is not self._shown:
            self._draw(frame)

    def _draw(self, frame: "Frame") -> None:
        first = self._shown is None or self._shown.pixels.shape != frame.pixels.shape
        self._shown = frame
        few = sample(frame.pixels)
        contrast = self._contrasts.get(frame.index[2])
        if contrast is None or self.automatic.isChecked():
            contrast = auto_contrast(few)
        self.image.setImage(frame.pixels, autoLevels=False, levels=contrast)
        if first:
            self.view.autoRange(padding=0)
        edges, counts = histogram(few)
        self.bars.setData(edges, np.log1p(counts))
        self._place_region(contrast)
        self.caption.setText(self._describe(frame))

    def _describe(self, frame: "Frame") -> str:
        t, p, _, z = frame.index
        height, width = frame.pixels.shape[:2]
        field = self._fields[p] if p < len(self._fields) else str(p + 1)
        words = tr("field {field} · t {t} · z {z} · {width} × {height}")
        return words.format(field=field, t=t + 1, z=z + 1, width=width, height=height)

    def _place_region(self, contrast: Contrast) -> None:
        self._setting_region = True
        self.region.setRegion(contrast)
        self._setting_region = False

    def _region_dragged(self) -> None:
        if self._setting_region or self._shown is None:
            return
        contrast = Contrast(*self.region.getRegion())
        self._contrasts[self._shown.index[2]] = contrast
        self.automatic.setChecked(False)
        self.image.setLevels(contrast)

    def _automatic_toggled(self) -> None:
        if self._shown is None:
            return
        if self.automatic.isChecked():
            self._contrasts.clear()
            self._draw(self._shown)
        else:
            self._contrasts.setdefault(self._shown.index[2], Contrast(*self.region.getRegion()))

    def _channel_chosen(self) -> None:
        self._shown = None

    def _build_pictures(self) -> None:
        self.graphics = pg.GraphicsView()
        self.graphics.setAccessibleName(tr("Latest frame"))
        self.view: Any = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self.image: Any = pg.ImageItem(axisOrder="row-major", autoDownsample=True)
        self.view.addItem(self.image)
        self.graphics.setCentralItem(self.view)
        self.histogram: Any = pg.PlotWidget()
        self.histogram.setAccessibleName(tr("Histogram of the latest frame"))
        self.histogram.setFixedHeight(HISTOGRAM_HEIGHT)
        self.histogram.setMouseEnabled(x=False, y=False)
        self.histogram.setMenuEnabled(False)
        self.histogram.hideButtons()
        self.histogram.hideAxis("left")
        self.bars: Any = self.histogram.plot([], [], stepMode="center", fillLevel=0)
        self.region: Any = pg.LinearRegionItem(swapMode="block")
        self.region.sigRegionChanged.connect(self._region_dragged)
        self.histogram.addItem(self.region)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.channels, 1)
        top.addWidget(self.automatic)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.graphics, 1)
        layout.addWidget(self.caption)
        layout.addWidget(self.histogram)

    def _dress(self) -> None:
        theme = self._theme
        self.graphics.setBackground(theme.color("canvas"))
        self.histogram.setBackground(theme.color("canvas"))
        dress_axes(self.histogram.getPlotItem(), theme, self.font())
        fill = theme.color("muted")
        fill.setAlphaF(0.55)
        self.bars.setPen(pg.mkPen(theme.color("muted")))
        self.bars.setBrush(pg.mkBrush(fill))
        band = theme.color("accent")
        for line in self.region.lines:
            line.setPen(pg.mkPen(band, width=2))
            line.setHoverPen(pg.mkPen(band, width=3))
        band.setAlphaF(0.15)
        self.region.setBrush(pg.mkBrush(band))
