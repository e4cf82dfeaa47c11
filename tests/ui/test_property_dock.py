"""The dock of all properties: of this microscope alone, within its limits, and never in a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import useq
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QDockWidget, QTableWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.ui import Desk, MainWindow
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.property_dock import PropertyDock
from parfocal.ui.settings import Settings
from ui.shell_parts import active_window, plain_workspaces

PATIENCE_MS = 20_000


@pytest.fixture
def window(open_desk: Desk, qtbot: QtBot) -> Iterator[MainWindow]:
    made = active_window(open_desk, qtbot)
    yield made
    made.close()


def shown(window: MainWindow, qtbot: QtBot) -> PropertyDock:
    assert window.desk.actions.trigger("microscope.properties")
    qtbot.waitUntil(lambda: window.properties.table is not None, timeout=PATIENCE_MS)
    return window.properties


def cell(dock: PropertyDock, device: str, name: str) -> Any:
    assert dock.table is not None
    rows = dock.table.rows
    numbers = {rows.getRowData(row)[:2]: row for row in range(rows.rowCount())}
    return rows.cellWidget(numbers[device, name], 1)


def test_a_device_that_cannot_be_read_is_told_once_and_the_window_lives_on(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def fail(*_: object) -> None:
        tried.append(None)
        raise RuntimeError("the laser does not answer")

    monkeypatch.setattr("parfocal.ui.property_dock.PropertyTable", fail)
    window.desk.actions.trigger("microscope.properties")
    for _ in range(3):
        window.refresh()
    assert len(tried) == 1
    assert "the laser does not answer" in window.desk.toasts.history[-1].text
    assert window.properties.words.text() == window.desk.toasts.history[-1].text


def test_the_action_shows_and_hides_it_and_its_table_is_made_when_it_is_seen(
    window: MainWindow, qtbot: QtBot
) -> None:
    dock, action = window.properties, window.desk.actions.action("microscope.properties")
    assert (dock.table, dock.isVisible(), action.isChecked()) == (None, False, False)
    shown(window, qtbot)
    assert (dock.isVisible(), action.isChecked()) == (True, True)
    assert dock.windowTitle() == "Properties of demo"
    dock.close()  # by its own cross
    assert (dock.table, action.isChecked()) == (None, False)
    shown(window, qtbot)
    window.desk.actions.trigger("microscope.properties")
    assert (dock.table, dock.isVisible(), action.isChecked()) == (None, False, False)


def test_its_place_comes_back_at_the_next_start(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "settings.json"
    for visible in (False, True):
        desk = Desk(Settings(path))
        window = MainWindow(desk, plain_workspaces())
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.settled):
            window.show()
        assert window.properties.isVisible() is visible
        assert desk.actions.action("microscope.properties").isChecked() is visible
        if visible:
            assert window.dockWidgetArea(window.properties) == Qt.DockWidgetArea.LeftDockWidgetArea
            words = window.properties.words
            qtbot.waitUntil(lambda words=words: "No microscope is open" in words.text())
            desk.actions.trigger("view.reset_layout")
            assert not window.properties.isVisible()
        else:
            window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.properties)
            assert desk.actions.trigger("microscope.properties")
        window.close()


def test_every_row_can_be_read_in_the_dark_and_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    window.desk.theme.set_appearance("dark")
    dock = shown(window, qtbot)
    assert dock.table is not None
    table: QTableWidget = dock.table.rows
    assert table.rowCount() > 20
    cells = [table.cellWidget(row, 1) for row in range(table.rowCount())]
    assert {one.styleSheet() for one in cells if one} == {""}
    items = [table.item(row, 0) for row in range(table.rowCount())]
    assert {item.background().style() for item in items if item} == {Qt.BrushStyle.NoBrush}
    assert cell(dock, "Camera", "Binning").accessibleName() == "Camera Binning"
    assert all(one.accessibleName() for one in cells if one)


def test_the_keyboard_reaches_it_and_finds_a_property(window: MainWindow, qtbot: QtBot) -> None:
    dock = shown(window, qtbot)
    table = dock.table
    assert table is not None
    assert table.search.hasFocus()
    everything = sum(not table.rows.isRowHidden(row) for row in range(table.rows.rowCount()))
    qtbot.keyClicks(table.search, "binning")
    found = [row for row in range(table.rows.rowCount()) if not table.rows.isRowHidden(row)]
    assert 0 < len(found) < everything
    assert all("Binning" in table.rows.item(row, 0).text() for row in found)
    qtbot.keyClick(table.search, Qt.Key.Key_Escape)
    assert dock.isVisible()
    qtbot.keyClick(table.search, Qt.Key.Key_Tab)
    assert table.kinds_button.hasFocus()
    qtbot.keyClick(table.kinds_button, Qt.Key.Key_Space)
    assert table.kinds.isVisible()
    ticks = table.kinds.findChildren(QAbstractButton)
    assert all(tick.focusPolicy() & Qt.FocusPolicy.TabFocus for tick in ticks)
    table.search.clear()
    (none,) = (tick for tick in ticks if tick.text() == "None")
    none.click()
    assert all(table.rows.isRowHidden(row) for row in range(table.rows.rowCount()))


def test_a_property_is_set_within_the_profiles_limits_only(
    qtbot: QtBot, window: MainWindow, open_desk: Desk
) -> None:
    scope = MicroscopeWorkspace(open_desk)
    qtbot.addWidget(scope)
    scope.resize(1200, 740)
    scope.show()
    picture = scope.image.picture.image
    scope.camera.start_live()
    qtbot.waitUntil(lambda: picture.image is not None, timeout=PATIENCE_MS)
    dock = shown(window, qtbot)
    power = cell(dock, "Light", "Power")
    microscope = open_desk.controller.microscope
    assert microscope is not None

    def now() -> float:
        return float(microscope.core.getProperty("Light", "Power"))

    power._on_widget_changed(50.0)  # as when a person turned it
    assert now() == 50
    power._on_widget_changed(500.0)
    assert now() == 50
    assert float(power.value()) == 50
    assert "outside its limits, 0 to 100" in open_desk.toasts.history[-1].text
    cell(dock, "Camera", "Binning")._on_widget_changed("2")  # the core refuses that while live
    qtbot.waitUntil(lambda: picture.image.shape == (256, 256), timeout=PATIENCE_MS)
    assert scope.camera.live
    # the workspace follows what was set here
    qtbot.waitUntil(lambda: scope.region.binning.currentData() == 2, timeout=PATIENCE_MS)
    scope.camera.stop_live()


def test_it_follows_the_microscope_and_says_why_there_is_none(
    qtbot: QtBot, window: MainWindow, open_desk: Desk
) -> None:
    dock, controller = shown(window, qtbot), open_desk.controller
    first = dock.table
    with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
        controller.open_microscope("demo-camera")
        assert dock.table is None, "nothing reads a core that is being closed"
    qtbot.waitUntil(lambda: dock.table is not None, timeout=PATIENCE_MS)
    assert dock.table is not first
    assert dock.windowTitle() == "Properties of demo-camera"
    with qtbot.waitSignal(controller.microscope_closed, timeout=PATIENCE_MS):
        controller.close_microscope()
    qtbot.waitUntil(lambda: "No microscope is open" in dock.words.text(), timeout=PATIENCE_MS)
    assert (dock.table, dock.windowTitle()) == (None, "Properties")
    with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
        controller.open_microscope("safe")
    qtbot.waitUntil(lambda: "Safe mode" in dock.words.text(), timeout=PATIENCE_MS)
    assert dock.table is None


def test_during_a_run_there_is_no_table_and_after_it_there_is(
    qtbot: QtBot, window: MainWindow, open_desk: Desk
) -> None:
    dock, controller = shown(window, qtbot), open_desk.controller
    plan = useq.MDASequence(
        time_plan={"interval": 0.1, "loops": 4}, channels=[{"config": "DAPI", "exposure": 5}]
    )
    output = open_desk.settings.values.data_folder / "run.ome.zarr"
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS):
        controller.start(experiment_from_sequence(plan, "run"), output)
        assert dock.table is None
        qtbot.waitUntil(lambda: "A run is using" in dock.words.text(), timeout=PATIENCE_MS)
        assert open_desk.actions.trigger("microscope.properties")  # hidden and seen again
        assert open_desk.actions.trigger("microscope.properties")
        assert dock.table is None
    qtbot.waitUntil(lambda: dock.table is not None, timeout=PATIENCE_MS)


def test_the_window_is_made_without_importing_the_browser() -> None:
    code = "import parfocal.ui.main_window, sys; assert 'pymmcore_widgets' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert issubclass(PropertyDock, QDockWidget)
