"""Snap, watch live, set the exposure; see the picture and its histogram."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
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
from parfocal.ui.microscope_workspace._camera import Camera, CameraNow, Shot
from parfocal.ui.note import Note
from parfocal.ui.picture import Picture
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

LONGEST_MS = 10_000_000.0  # what is too long is refused in a sentence, not cut silently


class ImagePanel(QWidget):
    """What the camera sees, with the camera's controls above it."""

    def __init__(self, camera: Camera, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera = camera
        self._size = ""
        self._seen: list[int] = []  # numbers of the newest live frames that were drawn
        self.picture = Picture(theme)
        self.snap_button = QPushButton(tr("S&nap"))
        self.live_button = QPushButton(tr("L&ive"))
        self.live_button.setCheckable(True)
        self.exposure = QDoubleSpinBox()
        self.exposure.setRange(0.0, LONGEST_MS)
        self.exposure.setDecimals(2)
        self.exposure.setSuffix(tr(" ms"))
        self.exposure.setKeyboardTracking(False)
        self.exposure.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.exposure.setAccessibleName(tr("Exposure"))
        self.exposure.setFixedWidth(112)
        self.note = Note(theme, tr("What is wrong with the exposure"))
        self.caption = QLabel()
        self.caption.setAccessibleName(tr("Size and rate of the picture"))
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.empty = EmptyState(
            tr("No picture yet"), tr("Snap takes one; Live shows what the camera sees.")
        )
        self._places = QStackedWidget()
        self._places.addWidget(self.empty)
        self._places.addWidget(self.picture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._controls())
        layout.addWidget(self.note)
        layout.addWidget(self._places, 1)
        # in the row above "94.8 frames/s" was cut at 1280 pixels
        below = QHBoxLayout()
        below.addWidget(self.picture.automatic)
        below.addWidget(self.caption, 1)
        layout.addLayout(below)
        self.snap_button.clicked.connect(camera.snap)
        self.live_button.clicked.connect(self._toggle_live)
        self.exposure.valueChanged.connect(self._set_exposure)
        camera.shot_taken.connect(self.show_shot)
        camera.live_changed.connect(self._on_live)
        camera.read.connect(self._show_exposure)
        self._on_live(live=False)
        self.snap_button.setIcon(icon("camera-outline"))

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What commands the camera."""
        return (self.snap_button, self.live_button, self.exposure)

    def show_shot(self, shot: Shot) -> None:
        """Show this picture; of live frames also how many a second come, and which are drawn."""
        self._places.setCurrentWidget(self.picture)
        self.picture.automatic.show()
        self.picture.show_pixels(shot.pixels, shot.pixel_um)
        self._size = "{1} × {0}".format(*shot.pixels.shape[:2])
        words = self._size
        if shot.per_second is not None and shot.number is not None:
            words += tr(" · {n} frames/s").format(n=number(shot.per_second, 1))
            self._seen = [*self._seen[-19:], shot.number]
            every = (self._seen[-1] - self._seen[0]) / max(1, len(self._seen) - 1)
            if every >= 1.5:
                words += tr(", 1 in {n} shown").format(n=number(every))
        self.caption.setText(words)

    def forget(self) -> None:
        """Show no picture: it was another microscope's."""
        self.picture.clear()
        self.picture.automatic.hide()
        self.caption.clear()
        self._size = ""
        self.note.say("")
        self._places.setCurrentWidget(self.empty)

    def _controls(self) -> QHBoxLayout:
        exposure_label = QLabel(tr("E&xposure"))
        exposure_label.setBuddy(self.exposure)
        row = QHBoxLayout()
        row.addWidget(self.snap_button)
        row.addWidget(self.live_button)
        row.addSpacing(12)
        row.addWidget(exposure_label)
        row.addWidget(self.exposure)
        row.addStretch(1)
        return row

    def _toggle_live(self) -> None:
        self._camera.toggle_live()
        self._on_live(live=self._camera.live)

    def _set_exposure(self, milliseconds: float) -> None:
        self._camera.set_exposure(milliseconds, self._refused)

    def _refused(self, sentence: str) -> None:
        self.note.say(sentence)
        if sentence:
            self._show_exposure(self._camera.now)

    def _show_exposure(self, now: CameraNow | None) -> None:
        if now is None:
            return
        self.exposure.blockSignals(True)
        self.exposure.setValue(now.exposure_ms)
        self.exposure.blockSignals(False)
        limits = now.limits.exposure_ms
        self.exposure.setToolTip(
            tr("Exposure of {camera}").format(camera=now.facts.name)
            if limits is None
            else tr("Exposure of {camera}, {limits} ms").format(
                camera=now.facts.name, limits=limits
            )
        )

    def _on_live(self, live: bool) -> None:
        if not live:
            self.caption.setText(self._size)
            self._seen = []
        self.live_button.setChecked(live)
        self.live_button.setText(tr("Stop l&ive") if live else tr("L&ive"))
        self.live_button.setIcon(icon("video-off-outline" if live else "video-outline"))
