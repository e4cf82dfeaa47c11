"""Jobs lists what goes on, cancels it, does it again, and says so when there is nothing."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from parfocal import ParfocalError
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace._model import MESSAGE, STATE, WHAT
from parfocal.ui.jobs_workspace._session import SessionTasks
from parfocal.ui.tasks import Task, TaskState


def refuse(_task: Task) -> None:
    raise ParfocalError("/data/x is no store; choose another folder.")


def until_cancelled(task: Task) -> None:
    task.report(0.4, "reading")
    assert task.cancelled.wait(10)
    task.report()


def cell(jobs: SessionTasks, row: int, column: int) -> str:
    model = jobs.table.model()
    assert model is not None
    return str(model.index(row, column).data())


def shown(qtbot: QtBot, desk: Desk) -> SessionTasks:
    jobs = SessionTasks(desk)
    qtbot.addWidget(jobs)
    jobs.resize(1000, 600)
    jobs.show()
    return jobs


def test_nothing_to_list_says_what_would_be_here(qtbot: QtBot, desk: Desk) -> None:
    jobs = shown(qtbot, desk)
    assert not jobs.table.isVisible()
    desk.tasks.start("Check x", lambda _task: None)
    qtbot.waitUntil(jobs.table.isVisible)
    qtbot.waitUntil(lambda: desk.tasks.listed()[0].state.final)
    jobs.clear_button.click()
    assert not jobs.table.isVisible()


def test_a_failure_is_told_in_its_row_and_in_full_below(qtbot: QtBot, desk: Desk) -> None:
    jobs = shown(qtbot, desk)
    desk.tasks.start("Check x", refuse)
    qtbot.waitUntil(lambda: "failed" in cell(jobs, 0, STATE))
    assert cell(jobs, 0, WHAT) == "Check x"
    assert cell(jobs, 0, MESSAGE) == "/data/x is no store; choose another folder."
    assert "choose another folder" in jobs.details.toPlainText()
    assert jobs.retry_button.isEnabled()
    assert not jobs.cancel_button.isEnabled()


def test_cancel_and_retry_act_on_the_selected_row(qtbot: QtBot, desk: Desk) -> None:
    jobs = shown(qtbot, desk)
    desk.tasks.start("Check a", until_cancelled)
    desk.tasks.start("Check b", until_cancelled)
    qtbot.waitUntil(lambda: "reading" in cell(jobs, 1, MESSAGE))
    jobs.table.selectRow(1)
    jobs.refresh(None)
    assert not jobs.grab().isNull()
    jobs.cancel_button.click()
    qtbot.waitUntil(lambda: "cancelled" in cell(jobs, 1, STATE))
    assert "running" in cell(jobs, 0, STATE)
    jobs.retry_button.click()
    qtbot.waitUntil(lambda: len(desk.tasks.listed()) == 3)
    assert cell(jobs, 2, WHAT) == "Check b"
    jobs.cancel_button.click()  # the retried one is selected
    qtbot.waitUntil(lambda: desk.tasks.listed()[2].state is TaskState.CANCELLED)
