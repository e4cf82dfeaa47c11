"""A new plan begins with the channel that the microscope stands at, not with the first listed."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._standing_channel import StandingChannel
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.tasks import WORKERS_PER_LANE

PATIENCE_MS = 30_000


def test_a_new_plan_begins_with_the_channel_that_the_microscope_stands_at(
    qtbot: QtBot, open_desk: Desk
) -> None:
    design, scope = DesignWorkspace(open_desk), MicroscopeWorkspace(open_desk)
    qtbot.addWidget(design)
    qtbot.addWidget(scope)
    page = design.phase_page

    def begins_with() -> str:
        channel = page.first_channel
        return "" if channel is None else f"{channel.group} {channel.config}"

    qtbot.waitUntil(lambda: "Channel" in scope.presets.boxes, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: begins_with() == "Channel DAPI", timeout=PATIENCE_MS)
    for there in ("Rhodamine", "FITC"):
        scope.presets.boxes["Channel"].textActivated.emit(there)
        qtbot.waitUntil(
            lambda there=there: begins_with() == f"Channel {there}", timeout=PATIENCE_MS
        )
    assert open_desk.actions.trigger("file.new")
    (only,) = design.document.experiment.phases
    assert [(one.group, one.config) for one in only.sequence.channels] == [("Channel", "FITC")]
    page.show_standing("Channel", "")  # at none of them
    assert begins_with() == f"Channel {page._groups['Channel'][0]}" != "Channel FITC"


def test_a_run_that_began_meanwhile_is_not_disturbed(
    qtbot: QtBot, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    microscope, tasks = open_desk.controller.microscope, open_desk.tasks
    assert microscope is not None
    asked, done, go = [], list[None](), threading.Event()
    groups = microscope.channel_groups
    monkeypatch.setattr(microscope, "channel_groups", lambda: (asked.append(1), groups())[1])
    for _ in range(WORKERS_PER_LANE):
        tasks.quietly("hold the threads up", lambda _task: go.wait(30))
    standing = StandingChannel(open_desk, open_desk)
    with monkeypatch.context() as now:
        standing.look()
        tasks.quietly("come after it", lambda _task: None, on_done=done.append)
        now.setattr(type(open_desk.controller), "busy", True)
        go.set()
        qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)
        qtbot.wait(50)
        assert asked == []
    with qtbot.waitSignal(standing.told, timeout=PATIENCE_MS):
        standing.look()
    assert asked == [1]
