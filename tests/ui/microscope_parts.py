"""The Microscope workspace on the screen, with the demo microscope."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace

PATIENCE_MS = 30_000


def shown(qtbot: QtBot, desk: Desk) -> MicroscopeWorkspace:
    """As large as in the window."""
    workspace = MicroscopeWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    return workspace


def ready(qtbot: QtBot, desk: Desk) -> MicroscopeWorkspace:
    """The same, once it knows its presets and its camera."""
    workspace = shown(qtbot, desk)
    qtbot.waitUntil(
        lambda: "Channel" in workspace.presets.boxes and workspace.camera.now is not None,
        timeout=PATIENCE_MS,
    )
    return workspace
