"""Show the newest frame of the chosen channel; each channel keeps the contrast that you gave it."""

import time
from math import inf
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QTabBar, QVBoxLayout, QWidget

from parfocal.ui.contrast import Contrast
from parfocal.ui.picture import Picture
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.plan import Schedule
    from parfocal.scope import Frame
    from parfocal.ui.latest_frames import LatestFrames
    from parfocal.ui.theme import Theme

__all__ = ["FramePanel"]

REST = 3.0  # times as long as the drawing took
LONGEST_REST_S = 0.5  # the first drawing on a graphics card takes a second


class FramePanel(QWidget):
    """Frames are taken by reference when the window has time; those in between are never drawn."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: tuple[str, ...] = ()
        self._sizes = (1, 1)  # timepoints, planes
        self._contrasts: dict[int, Contrast] = {}  # by channel, where chosen by hand
        self._channel = 0
        self._shown: Frame | None = None
        self._pixel_um = 0.0
        self._next_from = self._began = 0.0
        self._painted = QTimer(self)
        self._painted.setSingleShot(True)
        self._painted.timeout.connect(self._rest)
        self.channels = QTabBar()
        self.channels.setExpanding(False)
        self.channels.setDrawBase(False)
        self.channels.setAccessibleName(tr("Channel of the latest frame"))
        self.channels.currentChanged.connect(self._choose_channel)
        self.picture = Picture(theme)
        self.picture.graphics.setAccessibleName(tr("Latest frame"))
        self.picture.histogram.setAccessibleName(tr("Histogram of the latest frame"))
        self.caption = QLabel(tr("no frame yet"))
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.channels, 1)
        top.addWidget(self.picture.automatic)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.caption)

    def bind(self, schedule: "Schedule", pixel_um: float = 0.0) -> None:
        """Forget the last run's frames and name this one's channels."""
        self._pixel_um, self._next_from = pixel_um, 0.0
        self._contrasts.clear()
        self._channel, self._shown = 0, None
        self.picture.clear()
        self.picture.use(None)
        self.caption.setText(tr("no frame yet"))
        self.channels.blockSignals(True)  # else it asks for frames tab by tab
        while self.channels.count():
            self.channels.removeTab(0)
        self.channels.blockSignals(False)
        self.follow(schedule)

    def follow(self, schedule: "Schedule") -> None:
        """Know the fields, sizes and channels that a plan has now; a change only adds channels."""
        self._fields = tuple(field.name for field in schedule.fields)
        self._sizes = (schedule.sizes.t, schedule.sizes.z)
        self.channels.blockSignals(True)
        for channel in schedule.channels[self.channels.count() :]:
            self.channels.addTab(channel.name)
        self.channels.blockSignals(False)

    def refresh(self, frames: "LatestFrames") -> None:
        """Draw the chosen channel's newest frame if it is not what is shown already.

        Whoever asks too often is not answered: drawing takes a quarter of the window's time at
        the most, however slow the graphics are; the frames in between are dropped.
        """
        now = time.perf_counter()
        if now < self._next_from:
            return
        frame = frames.newest(self._channel)
        if frame is not None and frame is not self._shown:
            self._shown = frame
            self._next_from, self._began = inf, now
            self.picture.show_pixels(frame.pixels, self._pixel_um)
            self.caption.setText(self._describe(frame))
            self._painted.start()

    def _rest(self) -> None:
        """The timer fires when the loop has painted."""
        now = time.perf_counter()
        self._next_from = now + min(LONGEST_REST_S, REST * (now - self._began))

    def _choose_channel(self, channel: int) -> None:
        if self.picture.automatic.isChecked():
            self._contrasts.pop(self._channel, None)
        else:
            self._contrasts[self._channel] = self.picture.contrast
        self._channel, self._shown = max(0, channel), None
        self._next_from = 0.0
        self.picture.use(self._contrasts.get(self._channel))

    def _describe(self, frame: "Frame") -> str:
        t, p, _, z = frame.index
        height, width = frame.pixels.shape[:2]
        field = self._fields[p] if p < len(self._fields) else tr("field {n}").format(n=p + 1)
        # "n/m", since napari beside it counts from 0
        words = tr("{field} · t {t} · z {z} · {width} × {height}")
        (ts, zs) = self._sizes
        return words.format(
            field=field, t=f"{t + 1}/{ts}", z=f"{z + 1}/{zs}", width=width, height=height
        )
