"""Light, dark or as the system has it: `color` gives the named colours, `changed` says when."""

from __future__ import annotations

from typing import Literal, get_args

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QColor

from parfocal.ui.settings import Appearance

Token = Literal[
    "imaging", "stimulation", "reference", "wait", "hold", "autofocus",
    "ok", "warn", "error", "info", "muted", "accent", "text", "surface", "canvas", "line",
]  # fmt: skip
TOKENS: tuple[Token, ...] = get_args(Token)


class Theme(QObject):
    """The colours in use. Ask again after `changed`; nothing keeps a colour by itself."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None, appearance: Appearance = "system") -> None:
        super().__init__(parent)
        self.appearance = appearance

    @property
    def dark(self) -> bool:
        """Whether the window is dark now."""
        return self.appearance == "dark"

    def set_appearance(self, appearance: Appearance) -> None:
        """Wear light, dark, or what the system wears."""
        self.appearance = appearance
        self.changed.emit()

    def color(self, token: Token) -> QColor:
        """The colour of one thing; the same thing has the same colour everywhere."""
        return QColor("gray")
