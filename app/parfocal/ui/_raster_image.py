"""Draw a camera's picture with pyqtgraph, where there is no graphics card: looks the same."""

from typing import Any

import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from parfocal.ui.contrast import Contrast

__all__ = ["RasterImage"]


class RasterImage(QWidget):
    """Has the face of GpuImage."""

    view_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._graphics = pg.GraphicsView()
        self._view: Any = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self._item: Any = pg.ImageItem(axisOrder="row-major", autoDownsample=True)
        self._item.mouseDoubleClickEvent = lambda _event: self.fit()
        self._view.addItem(self._item)
        self._view.sigRangeChanged.connect(self._changed)
        self._graphics.setCentralItem(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._graphics)

    @property
    def image(self) -> NDArray[Any] | None:
        """What is shown."""
        shown: NDArray[Any] | None = self._item.image
        return shown

    @property
    def levels(self) -> Contrast:
        """The pixel values that are black and white."""
        return Contrast(*self._item.levels)

    def show_pixels(self, pixels: NDArray[Any], levels: Contrast) -> None:
        """Draw this picture at the next repaint."""
        self._item.setImage(pixels, autoLevels=False, levels=levels)

    def set_levels(self, levels: Contrast) -> None:
        """The pixel values that are black and white."""
        self._item.setLevels(levels)

    def clear(self) -> None:
        """Show nothing."""
        self._item.clear()

    def fit(self) -> None:
        """Show all of the picture."""
        self._view.autoRange(padding=0)

    def place_in_image(self, point: QPointF) -> tuple[float, float]:
        """Which x and y of the picture are at a point of this widget."""
        where = self._view.mapSceneToView(self._graphics.mapToScene(point.toPoint()))
        return where.x(), where.y()

    def set_background(self, color: QColor) -> None:
        """What is beside the picture."""
        self._graphics.setBackground(color)

    def _changed(self, *_: object) -> None:
        self.view_changed.emit()
