"""Microscope: snap and live show what the camera sees, moves move, and a run finds it idle."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import useq
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.picture import Picture

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
    qtbot.waitUntil(lambda: "Channel" in workspace.presets.boxes, timeout=PATIENCE_MS)
    return workspace


def live_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "parfocal-live"]


def pixels(scope: MicroscopeWorkspace) -> np.ndarray | None:
    return scope.image.picture.image.image


def test_without_a_microscope_nothing_can_be_taken_or_moved(qtbot: QtBot, desk: Desk) -> None:
    scope = shown(qtbot, desk)
    scope.refresh(None)
    for widget in (scope.image.snap_button, scope.image.live_button, scope.stage.buttons["x_up"]):
        assert not widget.isEnabled()
    assert scope.stage.halt_button.isEnabled()
    assert "no microscope" in scope.profile.state.text()
    assert not desk.actions.trigger("microscope.snap")
    scope.stage.halt()  # nothing to halt, and no harm in it


def test_choosing_a_profile_opens_it(qtbot: QtBot, desk: Desk) -> None:
    scope = shown(qtbot, desk)
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.chooser.activated.emit(scope.profile.chooser.findData("demo-camera"))
        assert "being opened" in scope.profile.state.text()
        assert not scope.profile.chooser.isEnabled()
    qtbot.waitUntil(lambda: "demo-camera is open" in scope.profile.state.text())
    assert scope.profile.chooser.currentData() == "demo-camera"
    assert scope.image.snap_button.isEnabled()


def test_a_profile_that_cannot_be_opened_is_told(qtbot: QtBot, desk: Desk) -> None:
    scope = shown(qtbot, desk)
    with qtbot.waitSignal(desk.controller.microscope_failed, timeout=PATIENCE_MS):
        scope.profile.open("/nowhere/rig.cfg")
    qtbot.waitUntil(lambda: "/nowhere/rig.cfg" in scope.profile.state.text())
    assert desk.toasts.history[-1].kind == "error"
    assert not scope.image.snap_button.isEnabled()


def test_snap_shows_a_picture_with_contrast(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    scope.image.snap_button.click()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)
    taken = pixels(scope)
    assert taken is not None
    assert taken.shape == (512, 512)
    assert taken.std() > 0
    contrast = scope.image.picture.contrast
    assert taken.min() <= contrast.black < contrast.white <= taken.max()
    assert scope.image.caption.text() == "512 × 512"
    assert scope.image.picture.isVisible()


def test_live_starts_shows_new_frames_and_stops(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    desk = scope._desk
    seen: list[int] = []
    scope.camera.shot_ready.connect(lambda: seen.append(1))
    assert desk.actions.trigger("microscope.live")
    assert scope.image.live_button.isChecked()
    assert scope.image.live_button.text() == "Stop &live"
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=PATIENCE_MS)
    assert live_threads() == ["parfocal-live"]
    core = desk.controller.microscope.core  # type: ignore[union-attr]
    assert core.isSequenceRunning()
    scope.image.live_button.click()
    qtbot.waitUntil(lambda: not live_threads() and not core.isSequenceRunning())
    assert not scope.image.live_button.isChecked()
    assert not desk.toasts.history


def test_exposure_and_channel_change_while_live_goes_on(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    core = scope._desk.controller.microscope.core  # type: ignore[union-attr]
    scope.camera.start_live()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)
    scope.image.exposure.setValue(25)
    scope.presets.boxes["Channel"].textActivated.emit("FITC")
    qtbot.waitUntil(lambda: scope.presets.boxes["Channel"].currentText() == "FITC")
    assert core.getExposure() == 25
    assert scope.camera.live
    before = pixels(scope)
    qtbot.waitUntil(lambda: pixels(scope) is not before, timeout=PATIENCE_MS)
    scope.camera.stop_live()
    qtbot.waitUntil(lambda: not live_threads())
    assert not scope._desk.toasts.history


def test_the_step_buttons_move_and_the_reading_follows(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    scope.stage.xy_step.setValue(25)
    scope.stage.z_step.setValue(2.5)
    for key in ("x_up", "x_up", "y_down", "z_up"):
        scope.stage.buttons[key].click()
    qtbot.waitUntil(lambda: scope._desk.controller.stage() is not None)

    def read() -> list[float]:
        scope.refresh(None)
        return [float(label.text()) for label in scope.stage.readings.values()]

    # the demo stage has steps of 0.015 µm
    qtbot.waitUntil(lambda: read() == pytest.approx([50, -25, 2.5], abs=0.05), timeout=5_000)


def test_a_run_ends_live_first_and_locks_the_microscope(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    desk = scope._desk
    scope.camera.start_live()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)
    scope.show_properties()
    assert scope.browser is not None
    plan = useq.MDASequence(
        time_plan={"interval": 0.1, "loops": 4}, channels=[{"config": "DAPI", "exposure": 5}]
    )
    output = desk.settings.values.data_folder / "run.ome.zarr"
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS) as finished:
        desk.controller.start(experiment_from_sequence(plan, "run"), output)
        assert not scope.camera.live
        assert scope.browser is None
        scope.refresh(None)
        assert not scope.image.snap_button.isEnabled()
        assert "A run is using the microscope" in scope.profile.state.text()
        assert not desk.actions.trigger("microscope.live")
    assert finished.args is not None
    assert finished.args[0].state is RunState.COMPLETED
    assert finished.args[0].frames_stored == 4
    assert not live_threads()
    scope.refresh(None)
    assert scope.image.snap_button.isEnabled()


def test_another_microscope_can_be_opened_out_of_live(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    scope.camera.start_live()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)
    with qtbot.waitSignal(scope._desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("demo-camera")
    assert not live_threads()
    assert not scope.camera.live
    scope.camera.snap()
    qtbot.waitUntil(lambda: scope.image.caption.text() == "512 × 512")
    assert not [toast for toast in scope._desk.toasts.history if toast.kind == "error"]


def test_halt_stops_the_run_too(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    desk = scope._desk
    plan = useq.MDASequence(
        time_plan={"interval": 5, "loops": 50}, channels=[{"config": "DAPI", "exposure": 5}]
    )
    output = desk.settings.values.data_folder / "long.ome.zarr"
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS) as finished:
        with qtbot.waitSignal(desk.controller.run_started, timeout=PATIENCE_MS):
            desk.controller.start(experiment_from_sequence(plan, "long"), output)
        assert desk.actions.trigger("microscope.halt")
    assert finished.args is not None
    assert finished.args[0].state is RunState.CANCELLED
    assert finished.args[0].reason == "halted by the operator"


def test_dragging_the_band_holds_the_contrast(qtbot: QtBot, desk: Desk) -> None:
    picture = Picture(desk.theme)
    qtbot.addWidget(picture)
    first = np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)
    picture.show_pixels(first)
    assert picture.automatic.isChecked()
    picture.region.setRegion((1000, 3000))
    assert not picture.automatic.isChecked()
    picture.show_pixels(first // 2)
    assert tuple(picture.contrast) == (1000, 3000)
    picture.automatic.setChecked(True)
    assert picture.contrast.white > 30_000


def test_during_a_run_it_says_who_has_the_camera_and_no_stale_position(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope.refresh(None)
    qtbot.waitUntil(lambda: open_desk.controller.stage() is not None)
    monkeypatch.setattr(open_desk.controller, "_starting", True)
    scope.refresh(None)
    assert {label.text() for label in scope.stage.readings.values()} == {"—"}
    assert any("The run has the camera" in w.text() for w in scope.image.empty.findChildren(QLabel))
    monkeypatch.undo()
    scope.refresh(None)
    assert any("Snap takes one" in w.text() for w in scope.image.empty.findChildren(QLabel))


def test_every_row_of_the_property_browser_can_be_read_in_the_dark(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    open_desk.theme.set_appearance("dark")
    scope.show_properties()
    assert scope.browser is not None
    table = scope.browser.findChild(QTableWidget)
    assert table is not None
    assert table.rowCount() > 20
    assert {table.cellWidget(row, 1).styleSheet() for row in range(table.rowCount())} == {""}
    items = [table.item(row, 0) for row in range(table.rowCount())]
    assert {item.background().style() for item in items if item} == {Qt.BrushStyle.NoBrush}
