"""The Run workspace follows real runs by polling, and its buttons do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
import useq
from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.run import RunState, RunStatus
from parfocal.ui.desk import Desk
from parfocal.ui.run_workspace import RunWorkspace

PATIENCE_MS = 20_000


def experiment(timepoints: int, interval: float) -> Experiment:
    sequence = useq.MDASequence(
        time_plan={"interval": interval, "loops": timepoints},
        channels=[{"config": "DAPI", "exposure": 5}, {"config": "FITC", "exposure": 5}],
        stage_positions=[{"x": 0, "y": 0, "name": "a"}, {"x": 60, "y": 30, "name": "b"}],
    )
    return experiment_from_sequence(sequence, "short")


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk) -> RunWorkspace:
    made = RunWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1190, 700)
    made.show()
    return made


def follow(qtbot: QtBot, workspace: RunWorkspace, desk: Desk, state: RunState) -> RunStatus:
    """Refresh as the window does until the chip could say this state."""
    seen: list[RunStatus] = []

    def reached() -> bool:
        status = desk.controller.status()
        workspace.refresh(status)
        if status is not None and status.state is state:
            seen.append(status)
        return bool(seen)

    qtbot.waitUntil(reached, timeout=PATIENCE_MS)
    return seen[-1]


def test_before_the_first_run_it_says_what_to_do(qtbot: QtBot, workspace: RunWorkspace) -> None:
    shown = [b.text() for b in workspace.findChildren(QPushButton) if b.isVisible()]
    assert shown == ["Run the demo experiment", "Go to Design"]


def test_the_keyboard_is_on_the_demo_first_and_near_stop_later(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk
) -> None:
    workspace.focus()
    assert workspace.focusWidget() is workspace.demo_button
    open_desk.controller.start(
        experiment(1, 0), open_desk.settings.values.data_folder / "a.ome.zarr"
    )
    follow(qtbot, workspace, open_desk, RunState.COMPLETED)
    workspace.focus()
    assert workspace.focusWidget() is workspace.header.open_viewer


def test_a_store_that_was_renamed_is_opened_where_it_is(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(open_desk.viewers, "open_store", opened.append)
    store = open_desk.settings.values.data_folder / "a.ome.zarr"
    renamed = store.with_name("b.ome.zarr")
    open_desk.controller.start(experiment(1, 0), store)
    follow(qtbot, workspace, open_desk, RunState.COMPLETED)
    # until its thread is done with it, it would be opened as a run that goes on
    qtbot.waitUntil(lambda: not open_desk.controller.busy, timeout=30_000)
    for old, new in ((store, renamed), (renamed, store), (store, renamed)):
        open_desk.store_renamed.emit(old, new)
        workspace.header.open_viewer.click()
    assert opened == [renamed, store, renamed]


def test_go_to_design_goes_to_design(qtbot: QtBot, workspace: RunWorkspace, desk: Desk) -> None:
    button = next(b for b in workspace.findChildren(QPushButton) if b.text() == "Go to Design")
    with qtbot.waitSignal(desk.workspace_requested) as asked:
        button.click()
    assert asked.args == ["design"]


def test_the_demo_button_starts_the_demo_in_the_data_folder(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk
) -> None:
    button = next(b for b in workspace.findChildren(QPushButton) if "demo" in b.text())
    button.click()
    follow(qtbot, workspace, open_desk, RunState.RUNNING)
    assert open_desk.controller.run is not None
    assert open_desk.controller.run.store == open_desk.settings.values.data_folder / "demo.ome.zarr"
    with qtbot.waitSignal(open_desk.controller.run_finished, timeout=PATIENCE_MS):
        open_desk.controller.cancel()


def test_it_is_right_when_no_signal_is_ever_delivered(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, tmp_path: Path
) -> None:
    open_desk.controller.blockSignals(True)
    open_desk.controller.start(experiment(4, 0.1), tmp_path / "silent.ome.zarr")
    status = follow(qtbot, workspace, open_desk, RunState.COMPLETED)
    open_desk.controller.blockSignals(False)
    assert status.frames_stored == 16
    assert workspace.header.chip.text == "COMPLETED"
    assert workspace.strip.strip.cells.count == 8
    assert workspace.numbers.events.text() == "8 / 8"
    assert workspace.numbers.frames.text() == "16 / 16"
    assert [workspace.frame.channels.tabText(i) for i in range(2)] == ["DAPI", "FITC"]
    assert workspace.frame.picture.image.image.shape == (512, 512)
    assert workspace.map.points.data["data"].tolist() == ["a", "b"]
    assert "completed at event 8 of 8" in workspace.log.toPlainText()


def test_the_pause_button_says_what_it_would_do_now(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, tmp_path: Path
) -> None:
    open_desk.controller.start(experiment(200, 0.2), tmp_path / "paused.ome.zarr")
    follow(qtbot, workspace, open_desk, RunState.RUNNING)
    open_desk.actions.refresh()
    action = open_desk.actions.action("run.pause")
    assert action.text() == "Pause"
    action.trigger()
    assert action.text() == "Resume"  # at once: the label follows the request
    follow(qtbot, workspace, open_desk, RunState.PAUSED)
    assert workspace.header.chip.text == "PAUSED"
    action.trigger()
    assert action.text() == "Pause"
    follow(qtbot, workspace, open_desk, RunState.RUNNING)
    with qtbot.waitSignal(open_desk.controller.run_finished, timeout=PATIENCE_MS):
        open_desk.actions.trigger("run.stop")
    follow(qtbot, workspace, open_desk, RunState.CANCELLED)
    assert workspace.header.chip.text == "CANCELLED"


def test_a_refusal_is_told_as_a_toast(
    qtbot: QtBot, workspace: RunWorkspace, desk: Desk, tmp_path: Path
) -> None:
    with qtbot.waitSignal(desk.toasts.posted, timeout=PATIENCE_MS) as told:
        desk.controller.start(experiment(1, 0), tmp_path / "never.ome.zarr")
    assert told.args[0].kind == "error"
    assert "microscope" in told.args[0].text


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_in_both_themes_everything_fits_at_1280_by_800(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, tmp_path: Path, appearance: str
) -> None:
    open_desk.theme.set_appearance(appearance)
    open_desk.controller.start(experiment(3, 0.1), tmp_path / "seen.ome.zarr")
    follow(qtbot, workspace, open_desk, RunState.COMPLETED)
    open_desk.theme.set_appearance("system")
    assert workspace.minimumSizeHint().expandedTo(QSize(1190, 700)) == QSize(1190, 700)
    for name in ("events", "frames", "elapsed", "left", "lag", "rate", "disk", "viewer"):
        value = getattr(workspace.numbers, name)
        assert value.width() >= value.sizeHint().width(), f"{name} is clipped: {value.text()}"
    picture = workspace.grab().toImage()
    colors = {picture.pixel(x, y) for x in range(0, 1190, 7) for y in range(0, 700, 7)}
    assert len(colors) > 40
