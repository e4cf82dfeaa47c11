"""Keep where the window and its docks are: `restore` at the start, `save` at the end, `reset`."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from PyQt6.QtCore import QByteArray, QRect, QSize
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMainWindow

from parfocal.ui.settings import Settings

# Count it up when docks or bars get other names or places: Qt then passes the old state over.
VERSION = 1
SIZE = QSize(1280, 800)
TITLE_BAR = 36  # nobody knows its height before the first window is shown


def save(window: QMainWindow, settings: Settings) -> None:
    """Keep the window's place and its docks' in the settings."""
    settings.change(
        geometry=_in_letters(window.saveGeometry()),
        layout=_in_letters(window.saveState(VERSION)),
    )


def restore(window: QMainWindow, settings: Settings) -> bool:
    """Put everything where it was; False when what was kept is broken or of another version."""
    values = settings.values
    if not values.geometry and not values.layout:
        _centre(window)
        return True
    geometry, state = _in_bytes(values.geometry), _in_bytes(values.layout)
    if geometry is None or not window.restoreGeometry(geometry):
        _centre(window)
        geometry = None
    restored = state is not None and window.restoreState(state, VERSION)
    return restored and geometry is not None


def reset(window: QMainWindow, first_state: QByteArray, settings: Settings) -> None:
    """Everything as on the first day."""
    window.restoreState(first_state, VERSION)
    _centre(window)
    settings.change(geometry="", layout="")


def _centre(window: QMainWindow) -> None:
    screen = QGuiApplication.primaryScreen()
    if screen is None:
        window.resize(SIZE)
        return
    # a window as high as the screen had its title bar above it, where no mouse comes
    free = screen.availableGeometry().adjusted(0, TITLE_BAR, 0, 0)
    place = QRect(free.topLeft(), SIZE.boundedTo(free.size()))
    place.moveCenter(free.center())
    window.setGeometry(place)


def _in_letters(state: QByteArray) -> str:
    return b64encode(state.data()).decode("ascii")


def _in_bytes(letters: str) -> QByteArray | None:
    try:
        return QByteArray(b64decode(letters, validate=True))
    except (binascii.Error, ValueError):
        return None
