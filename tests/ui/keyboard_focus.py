"""Give a window the keyboard, as a person does who clicks on it."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

PATIENCE_MS = 20_000


def take_keyboard(qtbot: QtBot, window: QWidget) -> None:
    """Ask for it until it is given: X refuses it to a window that is not on the screen yet."""

    def has_it() -> bool:
        if not window.isActiveWindow():
            window.activateWindow()
        return window.isActiveWindow()

    qtbot.waitUntil(has_it, timeout=PATIENCE_MS)
