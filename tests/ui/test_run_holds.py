"""Holds, waits and changes of the plan in mid-run, as a person at the window meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import useq
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Hold, Item, Phase, Wait
from parfocal.run import RunState, RunStatus
from parfocal.store import info
from parfocal.ui.desk import Desk
from parfocal.ui.run_workspace import RunWorkspace

PATIENCE_MS = 20_000
DRUG = "Pipette the drug, then continue."


def phase(name: str, timepoints: int = 2, channel: str = "DAPI") -> Phase:
    sequence = useq.MDASequence(
        time_plan={"interval": 0.05, "loops": timepoints},
        channels=[{"config": channel, "exposure": 5}],
        stage_positions=[{"x": 0, "y": 0, "name": "a"}, {"x": 60, "y": 30, "name": "b"}],
    )
    return Phase(name=name, sequence=sequence)


def plan(*items: Item) -> Experiment:
    return Experiment(name="drug", items=items)


@pytest.fixture
def workspace(qtbot: QtBot, open_desk: Desk) -> Iterator[RunWorkspace]:
    made = RunWorkspace(open_desk)
    qtbot.addWidget(made)
    made.resize(1190, 700)
    made.show()
    yield made
    if open_desk.controller.busy:
        with qtbot.waitSignal(open_desk.controller.run_finished, timeout=PATIENCE_MS):
            open_desk.controller.cancel()


@pytest.fixture
def start(workspace: RunWorkspace, open_desk: Desk, tmp_path: Path) -> object:
    """Start a plan into `drug.ome.zarr`."""
    store = tmp_path / "drug.ome.zarr"
    return lambda *items: open_desk.controller.start(plan(*items), store)


def follow(qtbot: QtBot, workspace: RunWorkspace, state: RunState, **more: object) -> RunStatus:
    """Refresh as the window does until it shows this state, and these figures."""
    seen: list[RunStatus] = []
    controller = workspace._desk.controller

    def reached() -> bool:
        status = controller.status()
        workspace.refresh(status)
        workspace._desk.actions.refresh()
        wanted = {"state": state, **more}
        if status is not None and all(getattr(status, n) == v for n, v in wanted.items()):
            seen.append(status)
        return bool(seen)

    qtbot.waitUntil(reached, timeout=PATIENCE_MS)
    return seen[-1]


def test_a_hold_says_large_what_is_to_do_and_goes_on_with_continue(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    start(phase("before"), Hold(message=DRUG), phase("after"))
    follow(qtbot, workspace, RunState.HOLDING)
    assert workspace.header.chip.text == "HOLDING"
    assert workspace.hold.isVisible()
    assert workspace.hold.words.text() == DRUG
    assert workspace.hold.words.font().pointSizeF() > 1.3 * workspace.font().pointSizeF()
    assert workspace.strip.strip.cells.kind(workspace.strip.strip.current) == "hold"
    assert workspace.strip.legend.active == "hold"
    assert workspace.map.counter.text() == "2 fields"  # none of them is being taken
    assert list(workspace.map.marker.points()) == []
    assert open_desk.actions.trigger("run.continue")
    follow(qtbot, workspace, RunState.COMPLETED)
    assert not workspace.hold.isVisible()
    assert not open_desk.actions.trigger("run.continue")
    assert workspace.strip.strip.done == workspace.strip.strip.cells.count == 9


def test_a_wait_counts_down_on_its_own_cell_and_a_pause_in_it_says_so(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(phase("before"), Wait(seconds=600), Wait(seconds=500), phase("after"))
    follow(qtbot, workspace, RunState.WAITING)
    assert workspace.header.chip.text in {"WAITING 00:10:00", "WAITING 00:09:59"}
    assert workspace.strip.strip.current == 4
    assert workspace.strip.legend.active == "wait"
    open_desk.actions.trigger("run.pause")
    follow(qtbot, workspace, RunState.PAUSING)
    assert workspace.header.doing.text().startswith("the wait comes to its end first, in 00:")
    assert workspace.strip.strip.current == 4
    open_desk.actions.trigger("run.pause")
    follow(qtbot, workspace, RunState.WAITING)
    button = workspace.header.buttons["run.end_wait"]
    assert (button.text(), button.isEnabled()) == ("Go on now", True)
    monkeypatch.setattr(QApplication, "doubleClickInterval", lambda: 600_000)  # on a slow computer
    button.click()
    follow(qtbot, workspace, RunState.WAITING, phase="500 s")
    button.click()  # a double click ends one wait
    qtbot.wait(200)
    follow(qtbot, workspace, RunState.WAITING, phase="500 s")
    workspace.run_actions._just_ended.stop()
    button.click()
    follow(qtbot, workspace, RunState.COMPLETED)
    assert not button.isEnabled()
    said = [toast.text for toast in open_desk.toasts.history]
    assert any(text.startswith("The wait was ended ") for text in said), said


def test_stopping_is_said_while_it_is_done(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    start(phase("long", 500))
    follow(qtbot, workspace, RunState.RUNNING)
    words = []
    open_desk.controller.run.on_status(lambda status: words.append(status.state))
    open_desk.actions.trigger("run.stop")
    follow(qtbot, workspace, RunState.CANCELLED)
    assert RunState.CANCELLING in words
    assert workspace.header.chip.text == "CANCELLED"


def test_the_rest_of_a_run_is_replaced_by_the_plan_in_design(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    start(phase("before"), Hold(message=DRUG), phase("a long rest", 500))
    follow(qtbot, workspace, RunState.HOLDING)
    open_desk.controller.proposed_plan = lambda: plan(phase("short", 3), Wait(seconds=0.1))
    assert open_desk.actions.trigger("run.change")
    dialog = workspace.run_actions.dialog
    assert dialog is not None
    assert [dialog.items.item(row).text() for row in range(2)] == ["short", "wait 0.1 s"]
    dialog.choose("replace")
    dialog.accept()
    qtbot.waitUntil(lambda: open_desk.tasks.listed()[0].state.final)
    assert open_desk.tasks.listed()[0].error == ""
    status = follow(qtbot, workspace, RunState.COMPLETED)
    assert status.events == 4 + 6
    assert workspace.strip.strip.cells.count == 4 + 6 + 1
    assert "the plan was changed: 10 events" in workspace.log.toPlainText()
    assert info(status.store).state == "completed"


def test_a_plan_that_the_store_cannot_take_is_refused_and_the_run_goes_on_as_it_was(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    start(phase("before"), Hold(message=DRUG))
    follow(qtbot, workspace, RunState.HOLDING)
    open_desk.controller.proposed_plan = lambda: plan(phase("other", 1, "FITC"))
    open_desk.actions.trigger("run.change")
    with qtbot.waitSignal(open_desk.toasts.posted, timeout=PATIENCE_MS) as told:
        workspace.run_actions.dialog.accept()
    assert told.args[0].kind == "error"
    assert "cannot be extended" in told.args[0].text
    assert follow(qtbot, workspace, RunState.HOLDING).events == 4


def test_a_finished_run_is_continued_in_the_same_store(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    open_desk.actions.trigger("run.keep_open")
    assert open_desk.actions.action("run.keep_open").isChecked()
    start(phase("first"))
    follow(qtbot, workspace, RunState.HOLDING)
    assert open_desk.actions.action("run.continue").iconText() == "Close the store"
    assert "the plan is done" in workspace.hold.words.text()
    assert workspace.strip.strip.current is None
    open_desk.controller.proposed_plan = lambda: plan(phase("second", 3))
    open_desk.actions.trigger("run.change")
    dialog = workspace.run_actions.dialog
    assert dialog is not None
    assert dialog.ways.checkedId() == 2  # what a run that holds at its end is asked for
    dialog.accept()
    follow(qtbot, workspace, RunState.HOLDING, events=10)
    open_desk.actions.trigger("run.continue")
    status = follow(qtbot, workspace, RunState.COMPLETED)
    assert info(status.store).acquired == 10


def test_a_change_that_comes_too_late_is_refused_in_a_sentence(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, start
) -> None:
    start(phase("before"), Hold(message=DRUG))
    follow(qtbot, workspace, RunState.HOLDING)
    open_desk.controller.proposed_plan = lambda: plan(phase("late"))
    open_desk.actions.trigger("run.change")
    open_desk.actions.trigger("run.continue")
    follow(qtbot, workspace, RunState.COMPLETED)
    with qtbot.waitSignal(open_desk.toasts.posted, timeout=PATIENCE_MS) as told:
        workspace.run_actions.dialog.accept()
    assert "takes nothing more" in told.args[0].text
    assert not open_desk.actions.trigger("run.change")


def test_a_microscope_that_does_not_answer_is_said_and_can_be_reopened(
    qtbot: QtBot, workspace: RunWorkspace, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = open_desk.controller
    stuck = controller.microscope
    assert stuck is not None
    monkeypatch.setattr(type(stuck), "state", property(lambda one: _state(one is stuck)))
    workspace._pages.setCurrentIndex(1)
    workspace.refresh(None)
    open_desk.actions.refresh()
    assert workspace.stuck.isVisible()
    assert "not answering" in workspace.stuck.words.text()
    with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
        assert open_desk.actions.trigger("microscope.reopen")
    workspace.refresh(None)
    assert controller.microscope is not stuck
    assert not workspace.stuck.isVisible()


def _state(stuck: bool) -> str:
    return "not answering" if stuck else "open"
