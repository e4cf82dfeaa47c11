"""What the desktop hands over is opened as if it were dropped, also before the window is up."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6 import QtGui, sip
from PyQt6.QtCore import QUrl
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal.jobs import is_scan_file
from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace import JobsWorkspace
from parfocal.ui.opened_files import OpenedFiles
from ui.shell_parts import PlainWorkspace, plain_workspaces
from ui.wizard_parts import PATIENCE_MS, wizard_of

SCAN = "project: mouse-brain-7\nwatch: [/rig/scan]\noutput: /data/stores\n"


@pytest.fixture
def finder(qapp: QApplication, qtbot: QtBot) -> Callable[[Path], None]:
    """Open a file as Qt's part for macOS does; PyQt lets nobody make a QFileOpenEvent."""
    library = Path(QtGui.__file__).parent / "Qt6" / "lib" / "libQt6Gui.so.6"
    if not library.exists():
        pytest.skip("Qt lies somewhere else here")
    handle = ctypes.CDLL(str(library))._ZN22QWindowSystemInterface19handleFileOpenEventERK4QUrl
    handle.argtypes = [ctypes.c_void_p]

    def double_click(path: Path) -> None:
        url = QUrl.fromLocalFile(str(path))
        with qtbot.waitSignal(qapp.file_opened, timeout=PATIENCE_MS) as told:
            handle(sip.unwrapinstance(url))
        assert told.args == [path]

    return double_click


def opened_in(window: MainWindow, name: str) -> list[Path]:
    workspace = window.show_workspace(name)
    assert isinstance(workspace, PlainWorkspace)
    return workspace.opened


def test_a_double_click_opens_plans_and_stores_early_and_late(
    desk: Desk, qapp: QApplication, qtbot: QtBot, tmp_path: Path, finder: Callable[[Path], None]
) -> None:
    early, late = tmp_path / "early.parfocal.yaml", tmp_path / "late.parfocal.yaml"
    for plan in (early, late):
        plan.write_text("parfocal: 1\nitems: []\n")
    store, another = (tmp_path / f"{one}.ome.zarr" for one in ("a", "b"))
    for folder in (store, another):
        folder.mkdir()
    foreign = tmp_path / "foreign.npy"
    np.save(foreign, np.ones((2, 16, 16), "u2"))
    scan = tmp_path / "scan.yaml"
    scan.write_text(SCAN)

    opened = OpenedFiles(qapp)
    finder(early)  # there is no window yet
    window = MainWindow(desk, {**plain_workspaces(), "jobs": JobsWorkspace})
    qtbot.addWidget(window)
    taken: list[bool] = []
    take_drop = desk.take_drop
    desk.take_drop = lambda paths: taken.append(window.populated) or take_drop(paths)
    opened.show_in(window)
    finder(store)  # there is one, and its workspaces are not made
    assert not window.populated
    qtbot.waitUntil(lambda: window.populated, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: opened_in(window, "store") == [store], timeout=PATIENCE_MS)
    assert opened_in(window, "design") == [early]

    window.showMinimized()
    finder(late)
    assert not window.isMinimized()
    opened.take(another)  # a later start
    qtbot.waitUntil(lambda: opened_in(window, "design") == [early, late], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: opened_in(window, "store") == [store, another], timeout=PATIENCE_MS)
    assert set(desk.settings.values.recent_files) == {another, late, store, early}

    finder(scan)
    qtbot.waitUntil(lambda: bool(desk.toasts.history), timeout=PATIENCE_MS)
    assert window.workspace == "jobs"
    offer = desk.toasts.history[-1]
    assert offer.text.startswith("scan.yaml says what becomes of a scan's strips")
    assert (offer.sticky, [name for name, _do in offer.buttons]) == (True, ["Watch it", "Edit it…"])

    opened.take(foreign)
    wizard = wizard_of(window, qtbot)
    qtbot.waitUntil(lambda: len(wizard.history.draft) == 1, timeout=PATIENCE_MS)
    assert wizard.history.draft.items[0].source == foreign
    assert all(taken)  # before that a workspace may not be made
    window.conversions.close()
    opened.deleteLater()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (SCAN, True),
        (SCAN + "clean: keep\n", True),  # a mistake in it is told when it is to be watched
        ("parfocal: 1\nname: a\nitems: []\n", False),
        ("channels: [DAPI]\nmetadata: {project: x, output: y}\n", False),
        ("- project\n", False),
        ("project: [\n", False),
        ("", False),
    ],
)
def test_a_scans_file_is_told_from_a_plan(tmp_path: Path, text: str, is_one: bool) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(text)
    assert is_scan_file(file) is is_one
