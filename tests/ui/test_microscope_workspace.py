"""Microscope: snap and live show what the camera sees, and nothing disturbs a run."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import useq
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState
from parfocal.ui._gpu_image import GpuImage
from parfocal.ui._raster_image import RasterImage
from parfocal.ui.declarations import menus
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from ui.microscope_parts import PATIENCE_MS, ready, shown


@pytest.fixture
def scope(qtbot: QtBot, open_desk: Desk) -> MicroscopeWorkspace:
    return ready(qtbot, open_desk)


def live_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "parfocal-live"]


def pixels(scope: MicroscopeWorkspace) -> np.ndarray | None:
    return scope.image.picture.image.image


def shape(scope: MicroscopeWorkspace) -> tuple[int, ...]:
    taken = pixels(scope)
    return () if taken is None else taken.shape


def go_live(scope: MicroscopeWorkspace, qtbot: QtBot) -> None:
    scope.camera.start_live()
    qtbot.waitUntil(lambda: pixels(scope) is not None, timeout=PATIENCE_MS)


def test_without_a_microscope_nothing_can_be_taken_or_moved(qtbot: QtBot, desk: Desk) -> None:
    scope = shown(qtbot, desk)
    scope.refresh(None)
    for widget in (scope.image.snap_button, scope.image.live_button, scope.stage.buttons["x_up"]):
        assert not widget.isEnabled()
        assert "No microscope is open" in widget.toolTip()
    assert scope.stage.halt_button.isEnabled()
    assert "No microscope is open" in scope.banner.text()
    assert not desk.actions.trigger("microscope.snap")
    scope.stage.halt_button.click()  # nothing to halt, and no harm in it


def test_in_safe_mode_every_control_says_so_and_nothing_raises(qtbot: QtBot, desk: Desk) -> None:
    scope = shown(qtbot, desk)
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("safe")
    scope.refresh(None)
    assert "Safe mode" in scope.banner.text()
    assert "Safe mode" in scope.profile.state.text()
    controls = (*scope.image.controls, *scope.region.controls, *scope.stage.controls)
    assert scope.projector.facts.text() == "none"
    assert len(controls) > 15
    for widget in controls:
        assert not widget.isEnabled()
        assert "Safe mode" in widget.toolTip()
    for key in ("snap", "live", "presets", "pixel_sizes"):
        assert not desk.actions.trigger(f"microscope.{key}")
    assert desk.actions.trigger("microscope.halt")
    qtbot.wait(300)
    assert not desk.toasts.history
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("demo")
    scope.refresh(None)
    assert scope.image.snap_button.isEnabled()
    assert "Safe mode" not in scope.stage.buttons["x_up"].toolTip()


def test_snap_shows_a_picture_with_contrast_and_a_scale_bar(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    scope.image.snap_button.click()
    qtbot.waitUntil(lambda: shape(scope) == (512, 512), timeout=PATIENCE_MS)
    taken = pixels(scope)
    assert taken is not None
    assert taken.std() > 0
    contrast = scope.image.picture.contrast
    assert taken.min() <= contrast.black < contrast.white <= taken.max()
    assert scope.image.caption.text() == "512 × 512"
    qtbot.waitUntil(scope.image.picture.scale_bar.isVisible)
    assert scope.image.picture.scale_bar.words == "50 µm"  # of 256 µm that are seen


def test_live_starts_shows_new_frames_and_stops(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    seen: list[int] = []
    scope.camera.shot_taken.connect(lambda shot: seen.append(shot.number))
    assert open_desk.actions.trigger("microscope.live")
    assert scope.image.live_button.isChecked()
    assert scope.image.live_button.text() == "Stop l&ive"
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=PATIENCE_MS)
    assert seen == sorted(set(seen)), "each frame is shown once, in order"
    assert live_threads() == ["parfocal-live"]
    microscope = open_desk.controller.microscope
    assert microscope is not None
    assert microscope.live.running
    assert open_desk.live_view
    qtbot.waitUntil(lambda: "frames/s" in scope.image.caption.text(), timeout=PATIENCE_MS)
    scope.image.live_button.click()
    qtbot.waitUntil(lambda: not live_threads() and not microscope.live.running)
    assert not open_desk.live_view
    assert not scope.image.live_button.isChecked()
    assert not open_desk.toasts.history


def test_exposure_channel_binning_and_region_change_while_live_goes_on(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    go_live(scope, qtbot)
    scope.image.exposure.setValue(25)
    scope.presets.boxes["Channel"].textActivated.emit("FITC")
    qtbot.waitUntil(lambda: scope.presets.boxes["Channel"].currentText() == "FITC")
    qtbot.waitUntil(lambda: scope.camera.now is not None and scope.camera.now.exposure_ms == 25)
    scope.region.binning.activated.emit(scope.region.binning.findData(2))
    qtbot.waitUntil(lambda: shape(scope) == (256, 256), timeout=PATIENCE_MS)
    scope.region.centre.click()
    qtbot.waitUntil(lambda: shape(scope) == (128, 128), timeout=PATIENCE_MS)
    assert scope.camera.live
    scope.camera.stop_live()
    qtbot.waitUntil(lambda: not live_threads())
    assert not open_desk.toasts.history


@pytest.mark.parametrize("profile", ["demo", "demo-camera"])
def test_region_and_binning_change_the_size_of_the_frame(
    qtbot: QtBot, desk: Desk, profile: str
) -> None:
    scope = shown(qtbot, desk)
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open(profile)
    qtbot.waitUntil(lambda: scope.region.binning.count() > 1, timeout=PATIENCE_MS)

    def snapped(size: tuple[int, int]) -> None:
        scope.camera.snap()
        qtbot.waitUntil(lambda: shape(scope) == size, timeout=PATIENCE_MS)

    snapped((512, 512))
    scope.region.centre.click()
    snapped((256, 256))
    assert "256 × 256 pixels at 128, 128" in scope.region.facts.text()
    scope.region.whole.click()
    snapped((512, 512))
    scope.region.binning.activated.emit(scope.region.binning.findData(2))
    snapped((256, 256))
    assert scope.region.binning.currentData() == 2
    assert not desk.toasts.history


def test_a_region_is_drawn_on_the_picture(
    qtbot: QtBot, drawn_by: str, scope: MicroscopeWorkspace
) -> None:
    kind = {"gpu": GpuImage, "processor": RasterImage}[drawn_by]
    assert type(scope.image.picture.image) is kind
    scope.region.draw.click()
    assert "Snap a picture first" in scope.region.note.sentence
    assert not scope.region.draw.isChecked()
    scope.camera.snap()
    qtbot.waitUntil(lambda: shape(scope) == (512, 512), timeout=PATIENCE_MS)
    qtbot.waitUntil(scope.image.picture.isVisible)
    qtbot.wait(100)  # the first drawing gives the view its size
    scope.region.draw.click()
    drawer = scope.image.picture.region_drawer
    assert drawer.isVisible()
    middle = drawer.rect().center()
    corner = middle + QPoint(100, 60)
    qtbot.mousePress(drawer, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(drawer, corner)
    qtbot.mouseRelease(drawer, Qt.MouseButton.LeftButton, pos=corner)
    assert not drawer.isVisible()
    qtbot.waitUntil(
        lambda: scope.camera.now is not None and scope.camera.now.region.width < 512,
        timeout=PATIENCE_MS,
    )
    assert scope.camera.now is not None
    region = scope.camera.now.region
    assert region.x == pytest.approx(256, abs=3)
    assert region.width / region.height == pytest.approx(100 / 60, rel=0.05)
    scope.camera.snap()
    qtbot.waitUntil(lambda: shape(scope) == (region.height, region.width), timeout=PATIENCE_MS)
    scope.region.draw.click()
    qtbot.keyClick(drawer, Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    assert not scope.region.draw.isChecked()


def test_an_exposure_beyond_the_limits_is_refused_in_place_and_the_old_one_stays(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    assert scope.camera.now is not None
    before = scope.camera.now.exposure_ms
    limits = scope.camera.now.limits.exposure_ms
    assert limits is not None
    scope.image.exposure.setValue(limits.high * 10)
    assert "outside the limits of this camera" in scope.image.note.sentence
    assert f"stays at {before:g} ms" in scope.image.note.sentence
    assert scope.image.note.isVisible()
    assert scope.image.exposure.value() == before
    scope.image.exposure.setValue(before + 5)
    qtbot.waitUntil(lambda: scope.image.note.sentence == "", timeout=PATIENCE_MS)
    assert not open_desk.toasts.history


def test_a_run_ends_live_first_and_locks_the_microscope(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    desk = open_desk
    go_live(scope, qtbot)
    scope.devices.show("presets")
    assert scope.devices.open
    plan = useq.MDASequence(
        time_plan={"interval": 0.1, "loops": 4}, channels=[{"config": "DAPI", "exposure": 5}]
    )
    output = desk.settings.values.data_folder / "run.ome.zarr"
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS) as finished:
        desk.controller.start(experiment_from_sequence(plan, "run"), output)
        assert not scope.camera.live
        assert not scope.devices.open
        scope.refresh(None)
        for widget in (
            *scope.image.controls,
            *scope.stage.controls,
            *scope.presets.controls,
            *scope.projector.controls,
        ):
            assert not widget.isEnabled()
            assert "A run is using the microscope" in widget.toolTip()
        assert "A run is using the microscope" in scope.banner.text()
        assert not desk.actions.trigger("microscope.live")
    assert finished.args is not None
    assert finished.args[0].state is RunState.COMPLETED
    assert finished.args[0].frames_stored == 4
    assert not live_threads()
    scope.refresh(None)
    assert scope.image.snap_button.isEnabled()
    assert not scope.banner.isVisible()


def test_another_microscope_can_be_opened_out_of_live(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    go_live(scope, qtbot)
    with qtbot.waitSignal(open_desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("demo-camera")
    assert not live_threads()
    assert not scope.camera.live
    assert pixels(scope) is None, "it was the other microscope's"
    scope.camera.snap()
    qtbot.waitUntil(lambda: shape(scope) == (512, 512), timeout=PATIENCE_MS)
    assert not [toast for toast in open_desk.toasts.history if toast.kind == "error"]


def test_the_window_can_be_closed_out_of_live(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk
) -> None:
    go_live(scope, qtbot)
    scope.close()
    assert open_desk.close()
    assert not live_threads()


def test_halt_stops_the_run_too(qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk) -> None:
    desk = open_desk
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


def test_during_a_run_it_says_who_has_the_camera_and_no_stale_position(
    qtbot: QtBot, scope: MicroscopeWorkspace, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope.refresh(None)
    qtbot.waitUntil(lambda: open_desk.controller.stage() is not None)
    monkeypatch.setattr(open_desk.controller, "_starting", True)
    scope.refresh(None)
    assert {label.text() for label in scope.stage.readings.values()} == {"—"}
    assert any("are in Run" in w.text() for w in scope.image.empty.findChildren(QLabel))
    monkeypatch.undo()
    scope.refresh(None)
    assert any("Snap takes one" in w.text() for w in scope.image.empty.findChildren(QLabel))


def test_no_letter_of_a_control_is_that_of_a_menu(scope: MicroscopeWorkspace) -> None:
    buttons = scope.findChildren(QAbstractButton)
    words = [w.text() for w in (*buttons, *scope.findChildren(QLabel)) if "<" not in w.text()]
    letters = [text[text.index("&") + 1].upper() for text in words if "&" in text]
    menus_have = {title[title.index("&") + 1].upper() for _, title in menus()}
    assert len(letters) > 5
    assert not set(letters) & menus_have  # Alt with it would only go round among them
