"""How each kind of event looks and is called, everywhere: its colour, its hatch, its word."""

from typing import TYPE_CHECKING, cast

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter

from parfocal.ui.strip_cells import KINDS
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parfocal.ui.theme import Theme, Token

__all__ = ["GAP", "kind_tiles", "kind_word", "paint_kind"]

HATCH = 8  # px after which every brush pattern of Qt repeats itself
GAP = len(KINDS)
# Colour alone does not reach everybody; imaging, by far the most, stays plain.
HATCHES: dict[str, Qt.BrushStyle] = {
    "stimulation": Qt.BrushStyle.BDiagPattern,
    "reference": Qt.BrushStyle.VerPattern,
    "wait": Qt.BrushStyle.Dense6Pattern,
    "hold": Qt.BrushStyle.DiagCrossPattern,
}


def paint_kind(painter: QPainter, area: QRectF, kind: str, theme: "Theme") -> None:
    """Fill `area` as one kind of event looks everywhere: its colour and its hatch."""
    color = theme.color(cast("Token", kind))
    painter.fillRect(area, color)
    hatch = HATCHES.get(kind)
    if hatch is not None:
        ink = QColor("black" if color.lightnessF() > 0.5 else "white")
        ink.setAlphaF(0.5)
        painter.fillRect(area, QBrush(ink, hatch))


def kind_tiles(theme: "Theme", ratio: float) -> "NDArray[np.uint32]":
    """Side by side a square tile of each kind's colour and hatch, and one of nothing: a gap."""
    scale = max(1, round(ratio))
    drawn = QImage(HATCH * (GAP + 1), HATCH, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    for rank, kind in enumerate(KINDS):
        paint_kind(painter, QRectF(rank * HATCH, 0, HATCH, HATCH), kind, theme)
    painter.end()
    bits = drawn.constBits()
    assert bits is not None  # an image of a fixed size
    pixels = np.frombuffer(bits.asstring(drawn.sizeInBytes()), np.uint32)
    return pixels.reshape(HATCH, -1).repeat(scale, 0).repeat(scale, 1)


def kind_word(kind: str) -> str:
    """What a person calls a kind."""
    return {
        "imaging": tr("imaging"),
        "stimulation": tr("stimulation"),
        "reference": tr("reference"),
        "wait": tr("wait"),
        "hold": tr("hold"),
    }[kind]
