"""Three steps for a newcomer: shown at a first start, done one by one, closed once for good."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.first_steps import LOOK_MS
from parfocal.ui.settings import Settings
from ui.shell_parts import active_window


def test_the_steps_are_done_one_by_one_on_the_demo_microscope_only(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = open_desk
    window = active_window(desk, qtbot)
    steps = window.first_steps
    assert steps.bar is None
    steps.begin()
    assert steps.bar.isVisible()
    run, look, folder = steps.steps
    assert [one.button.isEnabled() for one in steps.steps] == [True, False, True]
    started: list[Path] = []
    monkeypatch.setattr(desk.controller, "start", lambda _plan, store: started.append(store))

    desk.controller.asked_profile = "the real one"
    run.button.click()
    assert started == []
    assert "demo microscope only" in desk.toasts.history[-1].text
    desk.controller.asked_profile = "demo"
    run.button.click()
    assert started[0].parent == desk.settings.values.data_folder
    assert window.workspace == "run"
    desk.controller.run_finished.emit(SimpleNamespace(store=started[0], state="cancelled"))
    assert not run.done
    desk.controller.run_finished.emit(SimpleNamespace(store=started[0], state="completed"))
    assert run.done
    assert run.mark.accessibleName() == "Step 1, done"

    shown: list[Path] = []
    state = "starting"
    monkeypatch.setattr(desk.viewers, "open_store", shown.append)
    monkeypatch.setattr(
        desk.viewers, "statuses_of", lambda _store: (SimpleNamespace(state=state),) * len(shown)
    )
    look.button.click()
    qtbot.wait(LOOK_MS + 100)
    assert shown == started
    assert not look.done
    state = "ready"
    qtbot.waitUntil(lambda: look.done, timeout=30_000)
    assert not steps._timer.isActive()

    asked: list[Any] = []
    desk.actions.bind("store.open_folder", lambda: asked.append(window.workspace))
    folder.button.click()
    assert asked == ["store"]
    assert not Settings(desk.settings.path).values.tour_closed
    desk.settings.change(store_folders=(tmp_path,))
    assert folder.done
    assert Settings(desk.settings.path).values.tour_closed


def test_once_closed_they_come_from_the_help_menu_only(desk: Desk, qtbot: QtBot) -> None:
    window = active_window(desk, qtbot)
    window.first_steps.begin()
    assert window.minimumSizeHint().width() <= window.minimumWidth()
    window.first_steps.steps[0].button.click()
    assert "No microscope was open" in desk.toasts.history[-1].text
    qtbot.waitSignal(desk.controller.microscope_opened, timeout=30_000).wait()
    window.first_steps.close_button.click()
    assert window.first_steps.bar is None
    window.first_steps.begin()
    assert window.first_steps.bar is None
    assert desk.actions.trigger("help.tour")
    assert window.first_steps.bar.isVisible()
    assert Settings(desk.settings.path).values.tour_closed
