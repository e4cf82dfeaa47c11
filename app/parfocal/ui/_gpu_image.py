"""Draw a camera's picture with vispy: the graphics card applies the contrast and scales it."""

import re
from functools import cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QSize, pyqtSignal
from PyQt6.QtGui import QColor, QOffscreenSurface, QOpenGLContext, QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from parfocal.ui.contrast import Contrast

__all__ = ["GpuImage", "graphics_card_is_there"]

SOFTWARE = re.compile(r"(?i)llvmpipe|softpipe|swiftshader|gdi generic|basic render|swr")

# every card of the last 15 years takes that; a larger picture is drawn from every n-th pixel
LARGEST_TEXTURE = 8192
# what a texture can hold as it is
TEXTURES = (np.uint8, np.uint16, np.float32)


@cache
def graphics_card_is_there() -> bool:
    """Whether vispy can draw here, and faster than the processor.

    Over a remote desktop Windows often offers OpenGL 1.1 only. Where the processor plays the
    graphics card every repaint of the window goes through it: live view held the window up for
    120 ms on two busy cores.
    """
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return False
    try:
        if context.format().version() < (2, 1):
            return False
        from vispy.gloo import gl

        return SOFTWARE.search(str(gl.glGetParameter(gl.GL_RENDERER))) is None
    finally:
        context.doneCurrent()


class GpuImage(QWidget):
    """The wheel zooms, dragging moves, a double click shows all of it again."""

    view_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from vispy import app, scene

        app.use_app("pyqt6")
        self._visuals: Any = scene.visuals
        # keys=None: else Escape closes the canvas and F11 takes it out of the window
        self._canvas: Any = scene.SceneCanvas(keys=None, parent=self)
        self._view: Any = self._canvas.central_widget.add_view(camera="panzoom")
        self._view.camera.aspect = 1
        self._view.camera.flip = (False, True, False)
        self._drawn: Any = None
        self._kind: Any = None
        self._seen: tuple[float, ...] = ()
        self.image: NDArray[Any] | None = None
        self.levels = Contrast(0, 1)
        self._stale = False
        native: QWidget = self._canvas.native
        native.setMinimumSize(QSize(1, 1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(native)
        self._canvas.events.draw.connect(self._look_at_view)
        self._canvas.events.mouse_double_click.connect(self._fit_again)

    def show_pixels(self, pixels: NDArray[Any], levels: Contrast) -> None:
        """Draw this picture at the next repaint; of several between two of them only the last."""
        self.image, self.levels = pixels, levels
        if self.isVisible():
            self._upload()
        else:  # vispy would keep every picture until it can draw
            self._stale = True

    def set_levels(self, levels: Contrast) -> None:
        """The pixel values that are black and white."""
        self.levels = levels
        if self._drawn is not None:
            self._drawn.clim = tuple(levels)
            self._canvas.update()

    def clear(self) -> None:
        """Show nothing."""
        self.image, self._stale = None, False
        if self._drawn is not None:
            self._drawn.visible = False
            self._canvas.update()

    def fit(self) -> None:
        """Show all of the picture."""
        if self.image is not None:
            rows, columns = self.image.shape[:2]
            self._view.camera.set_range((0, columns), (0, rows), margin=0)

    def place_in_image(self, point: QPointF) -> tuple[float, float]:
        """Which x and y of the picture are at a point of this widget."""
        if self._drawn is None:
            return 0.0, 0.0
        x, y = self._view.scene.transform.imap((point.x(), point.y()))[:2]
        return float(x), float(y)

    def set_background(self, color: QColor) -> None:
        """What is beside the picture."""
        self._canvas.bgcolor = color.name()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._stale:
            self._upload()

    def _upload(self) -> None:
        self._stale = False
        pixels = self.image
        if pixels is None:
            return
        step = ceil(max(pixels.shape[:2]) / LARGEST_TEXTURE)
        shown = pixels[::step, ::step]
        if shown.dtype not in TEXTURES:
            shown = shown.astype(np.float32)
        if self._drawn is None or (shown.dtype, step) != self._kind:
            self._make(shown, step)
        else:
            self._drawn.set_data(shown)
            self._drawn.clim = tuple(self.levels)
        self._drawn.visible = True
        self._canvas.update()

    def _make(self, pixels: NDArray[Any], step: int) -> None:
        if self._drawn is not None:
            self._drawn.parent = None
        self._kind = (pixels.dtype, step)
        self._drawn = self._visuals.Image(
            pixels,
            clim=tuple(self.levels),
            cmap="grays",
            texture_format="auto",
            interpolation="nearest",
            parent=self._view.scene,
        )
        from vispy.visuals.transforms import STTransform

        self._drawn.transform = STTransform(scale=(step, step))

    def _fit_again(self, _event: object) -> None:
        self.fit()

    def _look_at_view(self, _event: object) -> None:
        rect = self._view.camera.rect
        size = float(self.width()), float(self.height())
        seen = (rect.left, rect.bottom, rect.width, rect.height, *size)
        if seen != self._seen:
            self._seen = seen
            self.view_changed.emit()
