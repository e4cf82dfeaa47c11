"""A Navigate experiment as a rig leaves it, a window to drop it on, and its wizard."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from parfocal.convert import BatchSnapshot, change_control, forget_batch, known_batches
from parfocal.ui import MainWindow
from parfocal.ui.convert_wizard._wizard import CHOOSE, ConvertWizard
from parfocal.ui.desk import Desk
from ui.shell_parts import plain_workspaces

PATIENCE_MS = 120_000
PLACES = [[640.0 * n, 7.0, 30.0, 1.5, 5.0 + n] for n in range(4)]
VOXEL = (2.5, 0.2, 0.1)


def navigate_run(folder: Path, saved_in: str = r"\\rig-2\data\Mouse\CELL_004") -> Path:
    """Four positions of two channels as N5: the step is negative, the folder is one of Windows,
    position 2 is a placeholder without a block, and the last one was stopped in its first channel.
    """
    from convert.bdv_stores import SHAPE, write_n5

    folder.mkdir(parents=True)
    channels = {
        f"channel_{n}": {"is_selected": True, "laser": laser}
        for n, laser in enumerate(("488nm", "561nm"), 1)
    }
    told = {
        "Saving": {
            "root_directory": "E:\\Data",
            "save_directory": saved_in,
            "file_type": "N5",
        },
        "MicroscopeState": {
            "microscope_name": "Nanoscale",
            "step_size": -VOXEL[0],
            "number_z_steps": SHAPE[0],
            "timepoints": 1,
            "is_multiposition": True,
            "channels": channels,
        },
        "CameraParameters": {
            "Nanoscale": {"fov_x": 4.0, "fov_y": 6.0, "img_x_pixels": 40, "img_y_pixels": 30}
        },
        "MultiPositions": [["X", "Y", "Z", "THETA", "F"], *PLACES],
    }
    (folder / "experiment.yml").write_text(json.dumps(told))
    taken = [(setup, 0) for setup in range(8) if setup not in (2, 6, 7)]
    write_n5(folder / "CH00_000000.n5", taken, 8, 1)
    return folder


def long_stack(path: Path, planes: int = 40) -> Path:
    """Big enough to be met on its way."""
    shape = (planes, 2048, 2048)
    data = np.lib.format.open_memmap(path, mode="w+", dtype="u2", shape=shape)
    rng = np.random.default_rng(1)
    for number in range(planes):
        data[number] = rng.integers(0, 60_000, shape[1:], dtype="u2")
    return path


@contextmanager
def open_window(
    desk: Desk, qtbot: QtBot, workspaces: dict[str, Any] | None = None
) -> Iterator[MainWindow]:
    """A window whose conversions are all over and forgotten in the end."""
    window = MainWindow(desk, workspaces or plain_workspaces())
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled):
        window.show()
    try:
        yield window
    finally:
        window.conversions.close()
        forget_all(qtbot)


def forget_all(qtbot: QtBot) -> None:
    """Cancel what goes on and forget all of it."""
    for one in known_batches():
        change_control(one.batch.folder, paused=False, cancel=range(len(one.batch.items)))
    qtbot.waitUntil(lambda: not any(one.working for one in known_batches()), timeout=PATIENCE_MS)
    # the lock is gone before the process is, and a thread waits for that
    qtbot.waitUntil(
        lambda: all(one.name != "conversion-worker" for one in threading.enumerate()),
        timeout=PATIENCE_MS,
    )
    for one in known_batches():
        forget_batch(one.batch)


def drop(target: QWidget, *paths: Path) -> None:
    """Drag paths onto a widget and let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, mime, left, none)
    target.dragEnterEvent(enter)
    assert enter.isAccepted()
    target.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, left, none))


def wizard_of(window: MainWindow, qtbot: QtBot) -> ConvertWizard:
    """The newest wizard, once it is there."""
    qtbot.waitUntil(lambda: bool(window.conversions.wizards), timeout=PATIENCE_MS)
    return window.conversions.wizards[-1]


def wizard_with(window: MainWindow, qtbot: QtBot, *paths: Path) -> ConvertWizard:
    """The wizard with these sources chosen."""
    window.conversions.open(paths)
    wizard = wizard_of(window, qtbot)
    qtbot.waitUntil(
        lambda: bool(wizard.history.draft.items) and not wizard.page(CHOOSE).obstacle(),
        timeout=PATIENCE_MS,
    )
    return wizard


def go_on(wizard: ConvertWizard, qtbot: QtBot, to: int) -> None:
    """Press Next until a step is shown and can be left."""
    while wizard.step < to:
        qtbot.waitUntil(wizard.next_button.isEnabled, timeout=PATIENCE_MS)
        wizard.next_button.click()
    qtbot.waitUntil(lambda: not wizard.page(to).obstacle(), timeout=PATIENCE_MS)


def until_told(
    wizard: ConvertWizard, qtbot: QtBot, so: Callable[[BatchSnapshot], object]
) -> BatchSnapshot:
    """Wait for what the wizard's batch says."""

    def is_told() -> None:
        last = None if wizard.watch is None else wizard.watch.last
        assert last is not None
        assert so(last), f"{last}\n{(last.batch.folder / 'worker.log').read_text()}"

    qtbot.waitUntil(is_told, timeout=PATIENCE_MS)
    assert wizard.watch is not None
    assert wizard.watch.last is not None
    return wizard.watch.last
