"""The Viewers panel: what it says of each viewer, and that the keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui._viewer_list import DROPPED, SHOWN, STATE, STORE, TITLE
from parfocal.ui._viewer_said import ViewerSaid
from parfocal.ui._viewer_words import LIGHTS, WORST_FIRST
from parfocal.ui.desk import Desk
from parfocal.ui.settings import Settings
from parfocal.ui.viewers_panel import OFFERED, ViewersPanel
from parfocal.viewer import ViewerState, ViewerStatus
from ui.shell_parts import active_window
from ui.viewer_parts import STORE_PATH, StillViewer, record_of

READY = ViewerStatus(ViewerState.READY, 4, 9354, 9310, 44, title="overview", store=STORE_PATH)
ENDED = ViewerStatus(
    ViewerState.EXITED,
    exit_code=-9,
    problem="the viewer was ended by signal 9: Killed",
    title="detail",
    store=STORE_PATH,
)
STATES = {
    "Starting (3 queued)": replace(READY, state=ViewerState.STARTING, queued=3),
    "Ready": READY,
    "Ready, kept open": replace(READY, kept=True),
    "Busy": replace(READY, state=ViewerState.BUSY, queued=1),
    "Not responding": replace(READY, state=ViewerState.NOT_RESPONDING),
    "Exited (3)": replace(ENDED, exit_code=3),
    "Exited (signal 9)": ENDED,
}


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> Iterator[MainWindow]:
    made = active_window(desk, qtbot)
    desk.actions.trigger("view.viewers")
    yield made
    made.close()


def panel_of(window: MainWindow, *statuses: ViewerStatus) -> ViewersPanel:
    for status in statuses:
        window.desk.viewers.add(StillViewer(status))
    window.viewers.look()
    return window.viewers


def texts(panel: ViewersPanel, row: int = 0) -> list[str]:
    item = panel.list.topLevelItem(row)
    assert item is not None
    return [item.text(column) for column in range(panel.list.columnCount())]


def able(panel: ViewersPanel) -> set[str]:
    panel._desk.actions.refresh()
    shown = {key for key, button in panel.buttons.items() if button.isVisible()}
    return {key.removeprefix("viewer.") for key in shown if panel.buttons[key].isEnabled()}


def test_an_empty_panel_says_what_to_do(window: MainWindow) -> None:
    panel = panel_of(window)
    assert panel._empty.isVisible()
    assert not panel.list.isVisible()
    assert able(panel) == {"show_store"}


@pytest.mark.parametrize("words", STATES)
def test_each_state_has_its_words_and_a_light(window: MainWindow, words: str) -> None:
    panel = panel_of(window, STATES[words])
    assert texts(panel)[STATE] == words
    assert not panel.list.topLevelItem(0).icon(STATE).isNull()


def test_every_state_of_a_viewer_has_a_light_of_its_own_word_and_a_rank() -> None:
    assert set(LIGHTS) == set(WORST_FIRST) == {str(state) for state in ViewerState}


def test_a_row_is_changed_in_place_and_what_is_chosen_stays_chosen(window: MainWindow) -> None:
    panel = panel_of(window, READY, replace(READY, title="detail"))
    panel.list.choose(("viewer", 2))
    item = panel.list.currentItem()
    viewer = window.desk.viewers.rows()[1].viewer
    assert isinstance(viewer, StillViewer)
    viewer.shown = replace(viewer.shown, displayed=9311, dropped=45)
    panel.look()
    assert panel.list.currentItem() is item
    row = texts(panel, 1)
    assert (row[TITLE], row[SHOWN], row[DROPPED]) == ("detail", "9311", "45")
    assert row[STORE] == str(STORE_PATH)


def test_what_can_be_done_follows_how_the_chosen_one_is(window: MainWindow) -> None:
    hung = replace(READY, state=ViewerState.NOT_RESPONDING)
    panel = panel_of(window, READY, hung, ENDED)
    window.desk.viewers.kept.add(record_of(77, "yesterday's"))
    expected = {
        ("viewer", 1): {"restart", "keep_open", "close", "said"},
        ("viewer", 2): {"restart", "close", "end", "said"},
        ("viewer", 3): {"restart", "said", "remove"},
        ("before", 77): {"attach", "leave"},
    }
    for key, actions in expected.items():
        panel.list.choose(key)
        assert able(panel) == actions | {"show_store"}, key
        assert panel.reason.isVisible() == (key == ("viewer", 3))
    panel.list.choose(("viewer", 3))
    assert panel.reason.text() == "The viewer was ended by signal 9: Killed"


def test_what_an_ended_viewer_said_opens_as_a_text_that_is_copied(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.desk.viewers.add(StillViewer(ENDED, log="Traceback\nMemoryError: no room\n"))
    panel = window.viewers
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    (said,) = window.findChildren(ViewerSaid)
    for part in ("detail", "signal 9", str(STORE_PATH), "MemoryError: no room"):
        assert part in said.words.toPlainText()
    said.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == said.words.toPlainText()
    said.close()


def test_rows_and_buttons_are_reached_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    panel = panel_of(window, READY, ENDED)
    panel.list.setFocus()
    panel.list.choose(("viewer", 1))
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.list.chosen_number() == 2
    reached = set()
    for _ in range(8):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert panel.buttons["viewer.show_store"] in reached
    assert panel.buttons["viewer.restart"] in reached
    remove = panel.buttons["viewer.remove"]
    assert remove in reached
    qtbot.keyClick(remove, Qt.Key.Key_Space)
    assert len(window.desk.viewers) == 1
    for button in panel.buttons.values():
        assert button.accessibleName()
    assert panel.list.accessibleName()


def test_the_context_menu_offers_what_the_buttons_do(window: MainWindow, qtbot: QtBot) -> None:
    panel = panel_of(window, READY)
    panel.list.customContextMenuRequested.emit(QPoint(5, 5))
    (menu,) = panel.findChildren(QMenu)
    assert {action.objectName() for action in menu.actions()} >= set(OFFERED["going"])
    menu.close()


def test_a_store_that_is_dropped_is_opened_and_a_plan_is_left_to_the_window(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(window.desk.viewers, "open_store", opened.append)

    def dropped(name: str) -> bool:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(name)])
        action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(5, 5), action, data, Qt.MouseButton.LeftButton, keys)
        enter.ignore()
        window.viewers.dragEnterEvent(enter)
        if enter.isAccepted():
            window.viewers.dropEvent(
                QDropEvent(QPointF(5, 5), action, data, Qt.MouseButton.LeftButton, keys)
            )
        return enter.isAccepted()

    assert dropped(str(STORE_PATH))
    assert not dropped("/data/plan.parfocal.yaml")
    assert opened == [STORE_PATH]


def test_new_takes_the_store_that_is_looked_at_then_the_run(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, opened = window.desk, []
    monkeypatch.setattr(desk.viewers, "open_another", opened.append)
    assert not desk.actions.trigger("viewer.new"), "there is nothing to show"
    last, renamed = Path("/data/last run.ome.zarr"), Path("/data/drug.ome.zarr")
    desk.controller.run = SimpleNamespace(store=last)  # type: ignore[assignment]
    assert desk.actions.trigger("viewer.new")
    desk.store_renamed.emit(last, renamed)
    assert desk.actions.trigger("viewer.new")
    desk.store_renamed.emit(renamed, last)
    assert desk.actions.trigger("viewer.new")
    desk.chosen_store = lambda: STORE_PATH
    assert desk.actions.trigger("viewer.new")
    assert opened == [last, renamed, last, STORE_PATH]
    desk.controller.run = None


def test_the_light_of_the_status_bar_is_that_of_the_worst_and_opens_the_panel(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.desk.actions.trigger("view.viewers")
    assert window.viewers.isHidden()
    light = window.status_bar.viewer
    panel_of(window, READY)
    window.refresh()
    assert light.words.text() == "viewer ready"
    wide = light.words.fontMetrics().horizontalAdvance("viewer ready")
    qtbot.waitUntil(lambda: light.words.width() >= wide)
    panel_of(window, replace(READY, state=ViewerState.NOT_RESPONDING), READY)
    window.refresh()
    assert light.words.text() == "3 viewers, not responding"
    qtbot.mouseClick(light, Qt.MouseButton.LeftButton)
    assert window.viewers.isVisible()
    qtbot.keyClick(light, Qt.Key.Key_Space)
    assert window.viewers.isHidden()


def test_a_hidden_panel_asks_nothing_and_a_shown_one_asks_by_itself(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = panel_of(window, READY)
    assert panel._timer.isActive()
    assert panel._timer.interval() == 500
    viewer = window.desk.viewers.rows()[0].viewer
    assert isinstance(viewer, StillViewer)
    viewer.shown = replace(READY, displayed=9400)
    qtbot.waitUntil(lambda: texts(panel)[SHOWN] == "9400")
    assert viewer.asked == [], "drawn from statuses alone"
    window.desk.actions.trigger("view.viewers")
    assert not panel._timer.isActive()


def test_viewers_that_are_still_open_are_told_at_the_start_and_open_the_panel(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of(77, "yesterday's")
    monkeypatch.setattr("parfocal.viewer.detached_viewers", lambda: (record,))
    window = active_window(desk, qtbot)
    qtbot.waitUntil(lambda: bool(desk.toasts.history))
    toast = desk.toasts.history[-1]
    assert "still open" in toast.text
    toast.buttons[0][1]()
    assert window.viewers.isVisible()
    assert texts(window.viewers)[STATE] == "Kept open"
    assert able(window.viewers) == {"attach", "leave", "show_store"}
    desk.actions.trigger("viewer.leave")
    assert window.viewers.list.topLevelItemCount() == 0
    window.close()


def test_the_panel_is_where_it_was_at_the_next_start(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "settings.json"
    for shown_before in (False, True):
        desk = Desk(Settings(path))
        window = active_window(desk, qtbot)
        assert window.viewers.isVisible() is shown_before
        assert desk.actions.action("view.viewers").isChecked() is shown_before
        if not shown_before:
            desk.actions.trigger("view.viewers")
        window.close()


def test_the_two_docks_share_a_place_and_the_one_that_is_asked_for_comes_to_the_front(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.desk.actions.trigger("view.messages")
    qtbot.waitUntil(lambda: not window.messages.visibleRegion().isEmpty())
    assert window.viewers.visibleRegion().isEmpty()
    window.desk.actions.trigger("view.viewers")
    qtbot.waitUntil(lambda: not window.viewers.visibleRegion().isEmpty())
    window.desk.actions.trigger("view.viewers")
    assert window.viewers.isHidden()
    assert not window.messages.isHidden()


def test_whether_a_run_opens_a_viewer_is_ticked_and_kept(window: MainWindow) -> None:
    settings, action = window.desk.settings, window.desk.actions.action("run.viewer")
    assert (settings.values.viewer_at_start, action.isChecked()) == (False, False)
    assert window.desk.actions.trigger("run.viewer")
    assert (settings.values.viewer_at_start, action.isChecked()) == (True, True)
    assert Settings(settings.path).values.viewer_at_start
