"""Device dialogs: on this microscope alone, within its limits, and never past its end."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace

PATIENCE_MS = 20_000


def shown(qtbot: QtBot, desk: Desk) -> MicroscopeWorkspace:
    workspace = MicroscopeWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    return workspace


@pytest.fixture
def scope(qtbot: QtBot, open_desk: Desk) -> MicroscopeWorkspace:
    workspace = shown(qtbot, open_desk)
    qtbot.waitUntil(
        lambda: "Channel" in workspace.presets.boxes and workspace.camera.now is not None,
        timeout=PATIENCE_MS,
    )
    return workspace


def shape(scope: MicroscopeWorkspace) -> tuple[int, ...]:
    taken = pixels(scope)
    return () if taken is None else taken.shape


def pixels(scope: MicroscopeWorkspace) -> np.ndarray | None:
    return scope.image.picture.image.image


def go_live(scope: MicroscopeWorkspace, qtbot: QtBot) -> None:
    scope.camera.start_live()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)


def test_every_row_of_the_property_browser_can_be_read_in_the_dark(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    open_desk.theme.set_appearance("dark")
    scope.devices.show("properties")
    table = scope.devices.open["properties"].findChild(QTableWidget)
    assert table is not None
    assert table.rowCount() > 20
    assert {table.cellWidget(row, 1).styleSheet() for row in range(table.rowCount())} == {""}
    items = [table.item(row, 0) for row in range(table.rowCount())]
    assert {item.background().style() for item in items if item} == {Qt.BrushStyle.NoBrush}


def test_a_property_is_set_within_the_profiles_limits_only(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    go_live(scope, qtbot)
    scope.devices.show("properties")
    table = scope.devices.open["properties"].findChild(QTableWidget)
    assert table is not None
    rows = {table.getRowData(row)[:2]: row for row in range(table.rowCount())}  # type: ignore[attr-defined] # theirs
    power = table.cellWidget(rows["Light", "Power"], 1)
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
    binning = table.cellWidget(rows["Camera", "Binning"], 1)
    binning._on_widget_changed("2")  # the core refuses that while its camera is live
    qtbot.waitUntil(lambda: shape(scope) == (256, 256), timeout=PATIENCE_MS)
    assert scope.camera.live
    scope.devices.close_all()
    qtbot.waitUntil(lambda: scope.region.binning.currentData() == 2, timeout=PATIENCE_MS)
    scope.camera.stop_live()


@pytest.mark.parametrize("kind", ["presets", "pixel_sizes"])
def test_a_device_dialog_opens_on_this_microscope_and_goes_away_with_it(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk, kind: str
) -> None:
    assert open_desk.actions.trigger(f"microscope.{kind}")
    assert scope.devices.open[kind].isVisible()
    with qtbot.waitSignal(open_desk.controller.microscope_closed, timeout=PATIENCE_MS):
        assert open_desk.actions.trigger("microscope.close")
    assert not scope.devices.open


def test_an_answer_of_a_microscope_that_is_gone_reaches_nobody(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    came: list[str] = []
    for work in (lambda m: m.name, lambda m: m.stages.move_z(1e9)):
        scope.hands.ask(work, came.append, came.append)
    open_desk.controller.open_microscope("demo-camera")
    deadline = time.monotonic() + 20  # no event loop meanwhile: the answers wait for the window
    while open_desk.controller.opening and time.monotonic() < deadline:
        time.sleep(0.01)
    qtbot.wait(100)
    assert came == []
