"""The Store workspace recovers what a killed recording left, and says what came of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from parfocal.store import check, info
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.tasks import TaskState
from ui.store_parts import select

VICTIM = """
import os, sys, time
import numpy as np
from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
planned = [(t, 0, 0, 0) for t in range(4)]
spec = RecordingSpec("cells", [FieldInfo("here")], [ChannelInfo("DAPI")], planned,
                     [60.0 * t for t in range(4)], (32, 32), "uint16")
recording = Recording.create(sys.argv[1], spec)
for index in planned[:3]:
    recording.put(index, np.full((32, 32), index[0], np.uint16))
while len(recording.committed()) < 3:
    time.sleep(0.01)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def killed(desk: Desk) -> Path:
    path = desk.settings.values.data_folder / "cells.ome.zarr"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-c", VICTIM, str(path)], timeout=60)
    assert done.returncode == -signal.SIGKILL
    return path


def test_a_killed_recording_is_recovered_with_one_click(
    qtbot: QtBot, desk: Desk, killed: Path
) -> None:
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 720)
    workspace.show()
    select(qtbot, workspace, killed)
    assert "⚠ interrupted" in workspace.details.state.text()
    assert workspace.row.recover_button.isEnabled()
    workspace.row.recover_button.click()
    qtbot.waitUntil(lambda: desk.tasks.listed()[0].state.final)
    assert desk.tasks.listed()[0].state is TaskState.DONE, desk.tasks.listed()[0].error
    said = "cells.ome.zarr: Recovered: 3 of 4 planes are there."
    qtbot.waitUntil(lambda: bool(desk.toasts.history) and desk.toasts.history[-1].text == said)
    assert desk.toasts.history[-1].kind == "warn"
    qtbot.waitUntil(lambda: "recovered" in workspace.details.state.text())
    assert not workspace.row.recover_button.isEnabled()
    assert info(killed).state == "recovered"
    assert check(killed, deep=True).ok


def test_the_action_is_for_what_was_interrupted(qtbot: QtBot, desk: Desk, killed: Path) -> None:
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    assert not desk.actions.trigger("store.recover")
    select(qtbot, workspace, killed)
    assert desk.actions.trigger("store.recover")
    qtbot.waitUntil(lambda: desk.tasks.listed()[0].state.final)
    qtbot.waitUntil(lambda: "recovered" in workspace.details.state.text())
    assert not desk.actions.trigger("store.recover")
