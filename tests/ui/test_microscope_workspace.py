"""Microscope: snap and live show what the camera sees, and nothing disturbs a run."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import useq
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState
from parfocal.ui import picture as picture_module
from parfocal.ui._gpu_image import SOFTWARE, GpuImage
from parfocal.ui._picture_overlays import bar_length
from parfocal.ui._raster_image import RasterImage
from parfocal.ui.contrast import Contrast
from parfocal.ui.declarations import menus
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
    qtbot.waitUntil(
        lambda: "Channel" in workspace.presets.boxes and workspace.camera.now is not None,
        timeout=PATIENCE_MS,
    )
    return workspace


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
    assert len(controls) > 15
    for widget in controls:
        assert not widget.isEnabled()
        assert "Safe mode" in widget.toolTip()
    for key in ("snap", "live", "properties", "presets", "pixel_sizes"):
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


@pytest.mark.parametrize(
    ("visible", "length"), [(256, 50), (800, 200), (79.9, 10), (80, 20), (0.9, 0.2), (0, 0)]
)
def test_a_scale_bar_is_round_and_a_quarter_at_most(visible: float, length: float) -> None:
    assert bar_length(visible) == pytest.approx(length)


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
    qtbot.waitUntil(lambda: "frames/s" in scope.image.caption.text(), timeout=PATIENCE_MS)
    scope.image.live_button.click()
    qtbot.waitUntil(lambda: not live_threads() and not microscope.live.running)
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


@pytest.fixture(params=["gpu", "processor"])
def drawn_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to draw a picture, whatever this computer has."""
    wanted = str(request.param)
    monkeypatch.setattr(picture_module, "graphics_card_is_there", lambda: wanted == "gpu")
    return wanted


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
    scope.devices.show("properties")
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
        for widget in (*scope.image.controls, *scope.stage.controls, *scope.presets.controls):
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


def test_dragging_the_band_holds_the_contrast(qtbot: QtBot, desk: Desk, drawn_by: str) -> None:
    picture = Picture(desk.theme)
    qtbot.addWidget(picture)
    first = np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)
    picture.show_pixels(first)
    assert picture.automatic.isChecked()
    picture.region.setRegion((1000, 3000))
    assert not picture.automatic.isChecked()
    picture.show_pixels(first // 2)
    assert tuple(picture.contrast) == (1000, 3000)
    assert tuple(picture.image.levels) == (1000, 3000)
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
    assert any("are in Run" in w.text() for w in scope.image.empty.findChildren(QLabel))
    monkeypatch.undo()
    scope.refresh(None)
    assert any("Snap takes one" in w.text() for w in scope.image.empty.findChildren(QLabel))


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


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32", "int32"])
def test_a_picture_on_the_graphics_card_shows_its_pixels_whatever_their_kind(
    qtbot: QtBot, kind: str
) -> None:
    image = GpuImage()
    qtbot.addWidget(image)
    image.resize(200, 200)
    image.show()
    qtbot.waitExposed(image)
    half = np.zeros((50, 50), np.uint8)
    image.show_pixels(half, Contrast(0, 1))  # of another kind and size before
    pixels = np.zeros((40, 40), kind)
    pixels[:, 20:] = 100
    image.show_pixels(pixels, Contrast(0, 100))
    image.fit()
    qtbot.wait(200)
    grabbed = image.grab().toImage()
    assert grabbed.pixelColor(40, 100).red() < 20
    assert grabbed.pixelColor(160, 100).red() > 235
    assert image.place_in_image(QPointF(100, 100)) == pytest.approx((20, 20), abs=0.5)
    image.set_levels(Contrast(0, 200))
    qtbot.wait(100)
    assert 90 < image.grab().toImage().pixelColor(160, 100).red() < 165


def test_a_processor_that_plays_the_graphics_card_is_known() -> None:
    for name in (
        "llvmpipe (LLVM 15.0.6, 256 bits)",
        "GDI Generic",
        "Microsoft Basic Render Driver",
    ):
        assert SOFTWARE.search(name)
    for name in ("NVIDIA RTX A4000/PCIe/SSE2", "AMD Radeon Pro WX 3200", "Intel(R) UHD Graphics"):
        assert not SOFTWARE.search(name)


def test_no_letter_of_a_control_is_that_of_a_menu(scope: MicroscopeWorkspace) -> None:
    buttons = scope.findChildren(QAbstractButton)
    words = [w.text() for w in (*buttons, *scope.findChildren(QLabel)) if "<" not in w.text()]
    letters = [text[text.index("&") + 1].upper() for text in words if "&" in text]
    menus_have = {title[title.index("&") + 1].upper() for _, title in menus()}
    assert len(letters) > 5
    assert not set(letters) & menus_have  # Alt with it would only go round among them
