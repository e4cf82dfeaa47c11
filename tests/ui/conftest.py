"""A desk of its own for every test of a panel: own settings and data folder, all ended after it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from parfocal.ui import application
from parfocal.ui import picture as picture_module
from parfocal.ui.desk import Desk
from parfocal.ui.settings import Settings

PATIENCE_MS = 30_000


@pytest.fixture(scope="session", autouse=True)
def what_dask_keeps() -> None:
    """Let dask fail to find jinja2 here, where no widget is on the stack.

    dask.widgets keeps that ImportError with its traceback for good, and with it every local of the
    functions that led to its import: the panel, that first asked for pymmcore-widgets, for one.
    """
    import_module("dask.widgets")


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, with the patience of a computer that does other things too: it waits for 5 s
    where nothing is said, and a run begins later than that beside two other windows."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=PATIENCE_MS)
    qtbot.waitSignal = partial(qtbot.waitSignal, timeout=PATIENCE_MS)
    qtbot.waitSignals = partial(qtbot.waitSignals, timeout=PATIENCE_MS)
    return qtbot


@pytest.fixture(autouse=True)
def no_key_is_held() -> Iterator[None]:
    """Let go of the keys that a test held: Qt remembers Ctrl of the last key that was pressed, and
    the next test's choice in a list was a Ctrl+click."""
    yield
    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWidget(), Qt.Key.Key_Space)
        assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    """A desk without a microscope; new stores go to `tmp_path/data`, and its queue is its own."""
    application()
    made = Desk(Settings(tmp_path / "settings.json"), queue=tmp_path / "queue.sqlite")
    folder = tmp_path / "data"
    folder.mkdir()
    made.settings.change(data_folder=folder)
    yield made
    assert made.close()


@pytest.fixture
def open_desk(desk: Desk, qtbot: QtBot) -> Desk:
    """A desk with the demo microscope open."""
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        desk.controller.open_microscope()
    return desk


@pytest.fixture(params=["gpu", "processor"])
def drawn_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to draw a picture, whatever this computer has."""
    wanted = str(request.param)
    monkeypatch.setattr(picture_module, "graphics_card_is_there", lambda: wanted == "gpu")
    return wanted
