"""Background tasks: off the GUI thread, told in it, cancelled, failed, cleared, ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PyQt6.QtCore import QObject, QThread
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal import ParfocalError
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.tasks import Task, Tasks, TaskState


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    assert made.shutdown()


def state(tasks: Tasks) -> TaskState:
    return tasks.listed()[-1].state


def wait_until_over(qtbot: QtBot, tasks: Tasks) -> None:
    qtbot.waitUntil(lambda: all(status.state.final for status in tasks.listed()))


def until_cancelled(task: Task) -> None:
    assert task.cancelled.wait(10)
    task.report()


def test_the_work_is_elsewhere_and_its_result_comes_home(qtbot: QtBot, tasks: Tasks) -> None:
    seen: list[tuple[Any, QThread | None]] = []
    tasks.start(
        "look",
        lambda _task: threading.current_thread().name,
        on_done=lambda name: seen.append((name, QThread.currentThread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    name, thread = seen[0]
    assert name.startswith("parfocal-task")
    assert thread is QApplication.instance().thread()  # type: ignore[union-attr]
    assert tasks.listed()[0].state is TaskState.DONE
    assert tasks.listed()[0].progress == 1.0


def test_progress_and_message_are_told_while_it_runs(qtbot: QtBot, tasks: Tasks) -> None:
    told = []
    tasks.changed.connect(told.append)

    def work(task: Task) -> None:
        task.report(0.25, "a quarter")
        task.report(0.5, "half")

    tasks.start("count", work)
    wait_until_over(qtbot, tasks)
    qtbot.waitUntil(lambda: told[-1].state is TaskState.DONE)
    assert tasks.listed()[0].message == "half"
    assert told[0].state is TaskState.QUEUED
    assert told[-1].took_s is not None


def test_a_refusal_is_a_sentence(qtbot: QtBot, tasks: Tasks) -> None:
    sentences: list[str] = []

    def refuse(_task: Task) -> None:
        raise ParfocalError("/data/x is no store; choose another folder.")

    tasks.start("check", refuse, on_failed=sentences.append)
    qtbot.waitUntil(lambda: bool(sentences))
    assert sentences == ["/data/x is no store; choose another folder."]
    assert tasks.listed()[0].error == sentences[0]
    assert state(tasks) is TaskState.FAILED


def test_a_fault_ends_its_task_and_not_the_thread(
    qtbot: QtBot, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger="parfocal.ui.tasks"):
        for _ in range(4):  # more than there are threads
            tasks.start("divide", lambda _task: 1 / 0)
        tasks.start("still alive", lambda _task: 7)
        wait_until_over(qtbot, tasks)
    assert [status.state for status in tasks.listed()] == [TaskState.FAILED] * 4 + [TaskState.DONE]
    assert tasks.listed()[0].error == "ZeroDivisionError: division by zero"


def test_running_work_is_cancelled_and_queued_work_never_starts(qtbot: QtBot, tasks: Tasks) -> None:
    ran: list[int] = []
    running = [tasks.start(f"wait {n}", until_cancelled) for n in range(2)]
    queued = tasks.start("queued", lambda _task: ran.append(1))
    qtbot.waitUntil(lambda: all(task.status.state is TaskState.RUNNING for task in running))
    queued.cancel()
    assert queued.status.state is TaskState.CANCELLED
    for task in running:
        tasks.cancel(task.status.number)
    wait_until_over(qtbot, tasks)
    assert {status.state for status in tasks.listed()} == {TaskState.CANCELLED}
    assert ran == []


def test_a_retry_is_a_new_task_with_the_same_work(qtbot: QtBot, tasks: Tasks) -> None:
    results: list[int] = []
    first = tasks.start("seven", lambda _task: 7, on_done=results.append)
    wait_until_over(qtbot, tasks)
    again = tasks.retry(first.status.number)
    qtbot.waitUntil(lambda: results == [7, 7])
    assert again.status.number != first.status.number
    assert [status.name for status in tasks.listed()] == ["seven", "seven"]


def test_clearing_forgets_only_what_is_over(qtbot: QtBot, tasks: Tasks) -> None:
    tasks.start("over", lambda _task: None)
    wait_until_over(qtbot, tasks)
    going = tasks.start("going", until_cancelled)
    tasks.clear_finished()
    assert [status.name for status in tasks.listed()] == ["going"]
    going.cancel()


def test_quiet_work_is_not_listed_and_does_not_wait_for_long_work(
    qtbot: QtBot, tasks: Tasks
) -> None:
    long = [tasks.start("long", until_cancelled) for _ in range(4)]
    answers: list[int] = []
    tasks.quietly("look", lambda _task: 3, on_done=answers.append)
    qtbot.waitUntil(lambda: answers == [3])
    assert len(tasks.listed()) == 4
    for task in long:
        task.cancel()


def test_an_owner_that_is_gone_is_not_called(qtbot: QtBot, tasks: Tasks) -> None:
    owner = QObject()
    called: list[object] = []
    gate = threading.Event()
    task = tasks.quietly("late", lambda _task: gate.wait(10), on_done=called.append, owner=owner)
    owner.deleteLater()
    qtbot.wait(10)
    gate.set()
    qtbot.waitUntil(lambda: task.status.state.final)
    qtbot.wait(20)
    assert called == []


def test_only_the_newest_question_is_answered(qtbot: QtBot, tasks: Tasks) -> None:
    owner = QObject(tasks)
    newest = NewestAnswer(tasks, owner)
    answers: list[int] = []
    gate = threading.Event()

    def answer(value: int) -> int:
        gate.wait(10)
        return value

    for value in range(20):
        newest.ask("look", lambda _task, value=value: answer(value), answers.append)
    gate.set()
    qtbot.waitUntil(lambda: bool(answers))
    qtbot.wait(20)
    assert answers == [19]


def test_shutdown_is_bounded_when_work_does_not_listen(qtbot: QtBot) -> None:
    tasks = Tasks()
    gate = threading.Event()
    tasks.start("deaf", lambda _task: gate.wait(10))
    assert not tasks.shutdown(timeout=0.05)
    gate.set()
    assert tasks.shutdown()
    after = tasks.start("too late", lambda _task: None)
    assert after.status.state is TaskState.CANCELLED
