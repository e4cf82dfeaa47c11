"""Bring a picture's pixels to the screen."""

from PyQt6.QtGui import QImage, QPixmap

from parfocal.ui.store_workspace._thumbnail import Picture


def pixmap_of(picture: Picture) -> QPixmap:
    """A picture's pixels for the screen."""
    height, width, _colors = picture.pixels.shape
    # QImage borrows the bytes; the pixmap is the copy that stays
    image = QImage(picture.pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image)
