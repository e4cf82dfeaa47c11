"""Snap, watch live, set the exposure; see the picture and its histogram."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.empty_state import EmptyState
from parfocal.ui.icons import icon
from parfocal.ui.microscope_workspace._camera import Camera
from parfocal.ui.picture import Picture
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme


class ImagePanel(QWidget):
    """What the camera sees, with the camera's controls above it."""

    def __init__(self, camera: Camera, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera = camera
        self._size = ""
        self.picture = Picture(theme)
        self.snap_button = QPushButton(tr("&Snap"))
        self.live_button = QPushButton(tr("&Live"))
        self.live_button.setCheckable(True)
        self.exposure = QDoubleSpinBox()
        self.exposure.setRange(0.01, 100_000)
        self.exposure.setDecimals(2)
        self.exposure.setSuffix(tr(" ms"))
        self.exposure.setKeyboardTracking(False)
        self.caption = QLabel()
        self.empty = EmptyState(
            tr("No picture yet"), tr("Snap takes one; Live shows what the camera sees.")
        )
        self._places = QStackedWidget()
        self._places.addWidget(self.empty)
        self._places.addWidget(self.picture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._controls())
        layout.addWidget(self._places, 1)
        self.snap_button.clicked.connect(camera.snap)
        self.live_button.clicked.connect(self.toggle_live)
        self.exposure.valueChanged.connect(camera.set_exposure)
        camera.shot_ready.connect(self._show_shot)
        camera.live_changed.connect(self._on_live)
        camera.exposure_read.connect(self.show_exposure)
        self.dress()

    def toggle_live(self) -> None:
        """Start live view, or end it."""
        if self._camera.live:
            self._camera.stop_live()
        else:
            self._camera.start_live()
        self._on_live(self._camera.live)

    def show_exposure(self, milliseconds: float) -> None:
        """Show what the camera is set to."""
        self.exposure.blockSignals(True)
        self.exposure.setValue(milliseconds)
        self.exposure.blockSignals(False)

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        self.snap_button.setIcon(icon("camera-outline"))
        self._on_live(self._camera.live)

    def _controls(self) -> QHBoxLayout:
        exposure_label = QLabel(tr("&Exposure"))
        exposure_label.setBuddy(self.exposure)
        row = QHBoxLayout()
        row.addWidget(self.snap_button)
        row.addWidget(self.live_button)
        row.addSpacing(12)
        row.addWidget(exposure_label)
        row.addWidget(self.exposure)
        row.addSpacing(12)
        row.addWidget(self.picture.automatic)
        row.addStretch(1)
        row.addWidget(self.caption)
        return row

    def _show_shot(self) -> None:
        shot = self._camera.take()
        if shot is None:
            return
        self._places.setCurrentWidget(self.picture)
        self.picture.show_pixels(shot.pixels)
        self._size = "{1} × {0}".format(*shot.pixels.shape[:2])
        words = self._size
        if shot.per_second is not None:
            words += tr(" · {n} frames/s").format(n=number(shot.per_second, 1))
        self.caption.setText(words)

    def _on_live(self, live: bool) -> None:
        if not live:
            self.caption.setText(self._size)
        self.live_button.setChecked(live)
        self.live_button.setText(tr("Stop &live") if live else tr("&Live"))
        self.live_button.setIcon(icon("video-off-outline" if live else "video-outline"))
