"""Show a painted picture: the wheel or + and − zoom, dragging moves, 0 shows all of it again."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["TrialView"]

STEP = 1.25


class TrialView(QGraphicsView):
    """All of the picture, until a person zooms."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fits = True
        scene = QGraphicsScene(self)
        self._item = QGraphicsPixmapItem()
        scene.addItem(self._item)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(tr("Picture with what was found in it"))
        self.setMinimumSize(240, 240)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def picture_size(self) -> tuple[int, int]:
        """Columns and rows of what is shown."""
        pixmap = self._item.pixmap()
        return pixmap.width(), pixmap.height()

    def show_image(self, image: QImage) -> None:
        """Show this picture in the place of the last."""
        self._item.setPixmap(QPixmap.fromImage(image))
        self.setSceneRect(self._item.boundingRect())
        self._fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self._zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        zooms = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: 1 / STEP}
        if event is not None and event.key() in zooms:
            self._zoom(zooms[Qt.Key(event.key())])
        elif event is not None and event.key() == Qt.Key.Key_0:
            self._fits = True
            self._fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _zoom(self, factor: float) -> None:
        self._fits = False
        self.scale(factor, factor)

    def _fit(self) -> None:
        if self._fits:
            self.fitInView(self._item, Qt.AspectRatioMode.KeepAspectRatio)

    def _dress(self) -> None:
        self.setBackgroundBrush(self._theme.color("canvas"))
