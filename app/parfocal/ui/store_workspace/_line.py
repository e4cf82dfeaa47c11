"""A line of words that can be selected and copied."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel


def line(scale: float = 1.0) -> QLabel:
    """An empty one; a larger one is bold."""
    label = QLabel()
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setBold(scale > 1)
    label.setFont(font)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
