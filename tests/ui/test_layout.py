"""Where the window is put when nothing is kept, or what was kept is let go."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QByteArray, QRect
from PyQt6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from parfocal.ui import layout
from parfocal.ui.settings import Settings


@pytest.mark.parametrize("screen", [QRect(0, 0, 1280, 800), QRect(0, 27, 2560, 1413)])
def test_the_title_bar_is_on_the_screen_however_small_that_is(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: QRect
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    known = SimpleNamespace(availableGeometry=lambda: screen)
    monkeypatch.setattr(layout, "QGuiApplication", SimpleNamespace(primaryScreen=lambda: known))
    layout.reset(window, QByteArray(), Settings(tmp_path / "settings.json"))
    place = window.geometry()
    assert place.top() >= screen.top() + 30
    assert screen.contains(place)
