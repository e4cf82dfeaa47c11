"""Drawings for actions and states: `icon("play")` in the colour of the text around it.

The glyphs are files in `resources/icons`; `packaging/icons.txt` names them, and how to add one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from PyQt6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from parfocal import ParfocalError
from parfocal.ui.resources import resource

APP_ICON = "parfocal"


class IconMissingError(ParfocalError):
    """An icon was asked for that is not shipped."""


def icon(name: str, color: QColor | None = None) -> QIcon:
    """A shipped icon by its Material Design name, crisp at every scale, tinted from the palette.

    Without a colour it follows the palette by itself, also after the theme changed.
    """
    return QIcon(TintedGlyph(name, color))


def app_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    return QIcon(str(resource(f"{APP_ICON}.svg")))


class TintedGlyph(QIconEngine):
    """Draws one glyph in the palette's colour at the moment of drawing.

    A QIcon made of pixmaps keeps its colour: after a switch to dark it is black on black.
    """

    def __init__(self, name: str, color: QColor | None = None) -> None:
        super().__init__()
        self._name, self._color = name, color
        if name not in _shipped():  # it fails where it was written, not at the first paint
            raise IconMissingError(
                f"there is no icon {name} ({_path(name)}); name it in packaging/icons.txt"
            )

    def clone(self) -> QIconEngine:
        return TintedGlyph(self._name, self._color)

    def iconName(self) -> str:  # noqa: N802 - Qt's own
        return self._name

    def paint(
        self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, _state: QIcon.State
    ) -> None:
        if painter is None:
            return
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        painter.drawPixmap(rect.topLeft(), self._drawn(rect.size(), ratio, mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        return self._drawn(size, 1.0, mode)

    def scaledPixmap(  # noqa: N802 - Qt's own
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float
    ) -> QPixmap:
        return self._drawn(size, scale, mode)

    def _drawn(self, size: QSize, ratio: float, mode: QIcon.Mode) -> QPixmap:
        color = tint(mode, self._color)
        drawn = _draw(self._name, color.rgba(), round(size.width() * ratio))
        pixmap = QPixmap(drawn)
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


def tint(mode: QIcon.Mode, color: QColor | None = None) -> QColor:
    """The colour for a glyph in a mode: the text beside it decides."""
    palette = QApplication.palette()
    if mode == QIcon.Mode.Disabled:
        return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    if mode == QIcon.Mode.Selected:
        return palette.color(QPalette.ColorRole.HighlightedText)
    return color or palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText)


@cache
def _shipped() -> frozenset[str]:
    """Every glyph that there is: one look into the folder, most of them are not drawn at first."""
    return frozenset(path.stem for path in resource("icons", "mdi").glob("*.svg"))


@lru_cache(maxsize=512)
def _glyph(name: str) -> bytes:
    return _path(name).read_bytes()


def _path(name: str) -> Path:
    return resource("icons", "mdi", f"{name}.svg")


@lru_cache(maxsize=1024)
def _draw(name: str, rgba: int, side: int) -> QPixmap:
    color = QColor.fromRgba(rgba)
    renderer = QSvgRenderer(
        QByteArray(_glyph(name).replace(b"currentColor", color.name().encode()))
    )
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(color.alphaF())
    renderer.render(painter, QRectF(QPointF(), QRectF(pixmap.rect()).size()))
    painter.end()
    return pixmap
