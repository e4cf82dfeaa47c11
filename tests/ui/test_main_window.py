"""The window: starts light, shows one status, keeps its layout, asks before it stops a run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from parfocal.plan import compile_schedule, demo_experiment
from parfocal.run import RunState, RunStatus
from parfocal.ui import Desk, MainWindow
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.settings import Settings
from parfocal.ui.text import number
from ui.shell_parts import PlainWorkspace, plain_workspaces


class PretendedRun(AcquisitionController):
    """A controller whose run is told to it."""

    shown: RunStatus | None = None
    going = False
    cancelled: tuple[str, ...] = ()

    @property
    def busy(self) -> bool:
        return self.going

    def status(self) -> RunStatus | None:
        return self.shown

    def cancel(self, reason: str = "") -> None:
        self.cancelled = (*self.cancelled, reason)


@pytest.fixture
def pretended(tmp_path: Path, qtbot: QtBot) -> Desk:
    desk = Desk(Settings(tmp_path / "settings.json"), PretendedRun())
    yield desk
    desk.close()


def opened(desk: Desk, qtbot: QtBot) -> MainWindow:
    window = MainWindow(desk, plain_workspaces())
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled):
        window.show()
    return window


def test_the_window_is_painted_before_a_workspace_is_made(desk: Desk, qtbot: QtBot) -> None:
    made: list[str] = []

    def maker(name: str) -> Any:
        def make(desk: Desk) -> PlainWorkspace:
            made.append(name)
            return PlainWorkspace(desk)

        return make

    prepared: list[int] = []
    window = MainWindow(
        desk,
        {name: maker(name) for name in plain_workspaces()},
        prepare=(lambda: prepared.append(len(made)),),
    )
    qtbot.addWidget(window)
    assert window._pages["design"]._words.text() == "Design is being opened…"
    before: list[int] = []
    window.first_painted.connect(lambda: before.append(len(made)))
    with qtbot.waitSignal(window.settled):
        window.show()
    assert before == prepared == [0]
    assert made[0] == "design"
    assert sorted(made) == sorted(plain_workspaces())


def test_the_title_names_the_document_and_dots_what_is_unsaved(desk: Desk, qtbot: QtBot) -> None:
    window = opened(desk, qtbot)
    assert window.windowTitle() == "Parfocal"
    desk.set_document("drug response 3.parfocal.yaml", unsaved=True)
    assert window.windowTitle() == "drug response 3.parfocal.yaml • — Parfocal"
    desk.set_document("drug response 3.parfocal.yaml", unsaved=False)
    assert window.windowTitle() == "drug response 3.parfocal.yaml — Parfocal"


def test_one_status_reaches_the_visible_workspace_and_no_other(
    pretended: Desk, qtbot: QtBot
) -> None:
    window = opened(pretended, qtbot)
    run = window.show_workspace("run")
    jobs = window.show_workspace("jobs")
    window.show_workspace("run")
    jobs.statuses.clear()
    pretended.controller.shown = RunStatus(state=RunState.RUNNING)
    qtbot.waitUntil(lambda: len(run.statuses) > 3 and run.statuses[-1] is not None)
    assert jobs.statuses == []


def test_the_status_bar_speaks_in_words(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    bar = window.status_bar
    assert bar.state.words.text() == "No microscope is open"
    bar.refresh(
        RunStatus(
            state=RunState.RUNNING,
            name="kinase",
            event=312,
            events=1440,
            free_seconds=3 * 3600 + 40 * 60,
            buffer_bytes=21,
            buffer_limit=100,
        )
    )
    assert bar.state.words.text() == "Running — kinase, event 312 of " + number(1440)
    assert bar.disk.text() == "disk 3 h 40 min"
    assert bar.buffer.text() == "buffer 21 %"
    bar.refresh(RunStatus(state=RunState.WAITING, wait_remaining_s=90))
    assert bar.state.words.text() == "Waiting — next event in 1 min 30 s"
    for state in RunState:
        bar.refresh(RunStatus(state=state))
        assert bar.state.words.text()


def test_a_remark_stands_a_while_when_nothing_runs(open_desk: Desk, qtbot: QtBot) -> None:
    window = opened(open_desk, qtbot)
    window.refresh()
    assert window.status_bar.state.words.text() == "Ready — demo microscope"
    open_desk.live_view = True  # a person in Design shall know that the sample bleaches
    window.refresh()
    assert window.status_bar.state.words.text() == "Live view is on — demo microscope"
    open_desk.live_view = False
    open_desk.say("Saved.")
    window.refresh()
    assert window.status_bar.state.words.text() == "Saved."


def test_the_room_on_the_disk_is_asked_in_the_background(desk: Desk, qtbot: QtBot) -> None:
    window = opened(desk, qtbot)
    qtbot.waitUntil(lambda: "GB free" in window.status_bar.disk.text())
    assert desk.tasks.listed() == ()


def test_a_store_opens_in_store_and_a_plan_in_design(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(desk, qtbot)
    store, plan = tmp_path / "one.ome.zarr", tmp_path / "one.parfocal.yaml"
    store.mkdir()
    plan.write_text("")
    desk.open_path(store)
    assert window.workspace == "store"
    desk.open_path(plan)
    assert window.workspace == "design"
    assert window.show_workspace("store").opened == [store]
    assert window.show_workspace("design").opened == [plan]
    assert desk.settings.values.recent_files[:2] == (plan, store)
    assert desk.actions.trigger("file.recent")
    assert [entry.text for entry in window.palette_panel.shown()] == [plan.name, store.name]
    desk.open_path(tmp_path / "gone")
    assert "gone" in desk.toasts.history[-1].text


def test_what_could_not_be_read_is_not_among_the_recent(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened(desk, qtbot)
    design = window.show_workspace("design")
    assert isinstance(design, PlainWorkspace)
    design.readable = False
    plan = tmp_path / "no-plan.yaml"
    plan.write_text("")
    desk.open_path(plan)
    assert design.opened == [plan]
    assert desk.settings.values.recent_files == ()


def test_a_long_trouble_stays_in_one_line_and_in_the_window(desk: Desk, qtbot: QtBot) -> None:
    window = opened(desk, qtbot)
    high = window.status_bar.height()
    desk.controller.microscope_problem = "MMCore said:\n" + 40 * "a device did not answer "
    window.refresh()
    bar = window.status_bar
    assert bar.state.words.toolTip().startswith("MMCore said: a device")
    assert bar.sizeHint().height() <= high
    assert window.minimumSizeHint().width() <= window.minimumWidth()
    assert bar.bell.isVisible()


def test_the_layout_comes_back_at_the_next_start(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "settings.json"
    first = Desk(Settings(path))
    window = opened(first, qtbot)
    window.resize(1111, 777)
    first.actions.trigger("view.messages")
    window.show_workspace("jobs")
    window.close()
    second = Desk(Settings(path))
    again = opened(second, qtbot)
    assert (again.width(), again.height()) == (1111, 777)
    assert again.messages.isVisible()
    assert again.workspace == "jobs"
    second.actions.trigger("view.reset_layout")
    assert not again.messages.isVisible()
    assert (again.width(), again.height()) == (1280, 800)
    assert second.toasts.history == []
    again.close()


@pytest.mark.parametrize(
    "broken", [{"layout": "bm90IGEgbGF5b3V0"}, {"layout": "€"}, {"geometry": "AAAA", "layout": "A"}]
)
def test_a_broken_layout_is_passed_over_with_a_toast(
    tmp_path: Path, qtbot: QtBot, broken: dict[str, str]
) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.change(**broken)
    desk = Desk(settings)
    window = opened(desk, qtbot)
    assert window.isVisible()
    assert "layout" in desk.toasts.history[-1].text
    window.close()


def test_a_setting_that_was_passed_over_and_a_home_that_is_read_only_are_told(
    tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "config" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"version": 1, "theme": "pink"}')
    desk = Desk(Settings(path))
    assert "theme" in desk.toasts.history[0].text
    assert desk.toasts.history[0].sticky
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("in the way")
    desk.settings.change(theme="dark")
    assert "cannot be kept" in desk.toasts.history[-1].text
    desk.close()


def test_without_a_run_the_window_leaves_at_once(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    assert window.close()
    assert not window.isVisible()
    assert window.left_clean


def test_unsaved_work_may_keep_the_window_open(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    answers = [False, True]
    pretended.close_guards.append(lambda: answers.pop(0))
    assert not window.close()
    assert window.isVisible()
    assert window.close()


def test_a_signal_is_never_answered_with_a_question(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    asked: list[bool] = []
    pretended.close_guards.append(lambda: bool(asked.append(True)))
    window.leave()  # what SIGTERM does
    assert not window.isVisible()
    assert asked == []


def question_button(window: MainWindow, words: str) -> QPushButton:
    box = window._closing.question
    assert box is not None
    return next(b for b in box.findChildren(QPushButton) if words in b.text().replace("&", ""))


def test_closing_during_a_run_asks_and_keeps_running(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    pretended.controller.going = True
    assert not window.close()
    assert not window.close()
    assert window._closing.question.defaultButton().text().replace("&", "") == "Keep running"
    qtbot.keyClick(window._closing.question, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window._closing.question is None
    assert pretended.controller.cancelled == ()
    pretended.controller.going = False


def test_closing_during_a_run_stops_it_and_leaves_when_the_store_is_closed(
    pretended: Desk, qtbot: QtBot
) -> None:
    window = opened(pretended, qtbot)
    controller = pretended.controller
    controller.going = True
    window.close()
    qtbot.mouseClick(question_button(window, "Stop the run and close"), Qt.MouseButton.LeftButton)
    assert controller.cancelled == ("the window was closed",)
    assert window.isVisible()
    assert not window.close()
    assert window._closing.question is None
    controller.going = False
    controller.run_finished.emit(None)
    assert not window.isVisible()


def test_a_signal_stops_the_run_without_a_question(pretended: Desk, qtbot: QtBot) -> None:
    window = opened(pretended, qtbot)
    controller = pretended.controller
    controller.going = True
    window.leave()
    window.leave()
    assert window._closing.question is None
    assert len(controller.cancelled) == 1
    controller.going = False
    controller.run_finished.emit(None)
    assert not window.isVisible()


def test_during_a_run_the_bar_says_where_the_field_is(pretended: Desk, qtbot: QtBot) -> None:
    """The stage is not read then: it stood at x 0 while the field at 150 was taken."""
    bar = opened(pretended, qtbot).status_bar
    pretended.controller.run = SimpleNamespace(schedule=compile_schedule(demo_experiment()))
    bar.refresh(RunStatus(state=RunState.RUNNING, field=2, fields=2))
    assert bar.stage.text() == f"x {number(150, 1)}  y {number(0, 1)}  µm"
    bar.refresh(RunStatus(state=RunState.COMPLETED, field=2, fields=2))
    assert bar.stage.text() == ""
