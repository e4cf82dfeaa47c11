"""Give a window the keyboard, as a person does who clicks on it, and press keys."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

PATIENCE_MS = 30_000
LOOKS = 5  # each 10 ms after the one before


def take_keyboard(qtbot: QtBot, window: QWidget) -> None:
    """Ask for it until it is given and kept: X refuses it to a window that is not on the screen
    yet, and what it tells of the end of a window before comes late."""
    kept = 0

    def has_it() -> bool:
        nonlocal kept
        kept = kept + 1 if window.isActiveWindow() else 0
        if not kept:
            window.activateWindow()
        return kept == LOOKS

    qtbot.waitUntil(has_it, timeout=PATIENCE_MS)


def press(
    qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """A key for whatever has the keyboard. A part that is made anew takes the keyboard with it:
    then the window has it, as for a person; and X gives it back in its own time."""

    def here() -> QWidget | None:
        return QApplication.focusWidget() or QApplication.activeWindow()

    qtbot.waitUntil(lambda: here() is not None, timeout=PATIENCE_MS)
    qtbot.keyClick(here(), key, modifier)
