"""The stage by hand: it goes where it may, Halt stops it at once, and what is stuck is said."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest
from PyQt6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from parfocal import scope as scope_room
from parfocal.scope import Limits, Profile, Range, write_profile
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace

sys.path.insert(0, str(Path(__file__).parents[1] / "scope"))
from faulty_devices import Blocking, NeverThere, load

PATIENCE_MS = 20_000
STAND = """\
Property,Core,Initialize,0
Device,Cam,DemoCamera,DCam
Device,XY,DemoCamera,DXYStage
Device,Z,DemoCamera,DStage
Property,Core,Initialize,1
Property,Core,Camera,Cam
Property,Core,XYStage,XY
Property,Core,Focus,Z
"""


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A profile of this machine with limits, of demo devices."""
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path / "profiles"))
    path = tmp_path / "stand.cfg"
    path.write_text(STAND)
    made = Profile(
        name="stand",
        configuration=path,
        adapters=scope_room.adapter_folder(),
        limits=Limits(x_um=Range(-100, 100), y_um=Range(-50, 50), z_um=Range(-5, 20)),
        deadline_s=1,
    )
    write_profile(made)
    return made


@pytest.fixture
def scope(qtbot: QtBot, desk: Desk, stand: Profile) -> MicroscopeWorkspace:
    workspace = MicroscopeWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        workspace.profile.open(stand.name)
    qtbot.waitUntil(lambda: workspace.camera.now is not None, timeout=PATIENCE_MS)
    return workspace


def place(scope: MicroscopeWorkspace) -> list[float]:
    """What is written on the panel."""
    scope.refresh(None)
    return [float(label.text().replace("—", "nan")) for label in scope.stage.readings.values()]


def reaches(qtbot: QtBot, scope: MicroscopeWorkspace, *um: float) -> None:
    # the demo stage has steps of 0.015 µm
    qtbot.waitUntil(lambda: place(scope) == pytest.approx(list(um), abs=0.05), timeout=5_000)


def put(scope: MicroscopeWorkspace, label: str, device: object) -> None:
    microscope = scope.hands.microscope
    assert microscope is not None
    load(microscope, label, device)


def test_steps_move_and_the_reading_follows(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    scope.stage.xy_step.setValue(25)
    scope.stage.z_step.setValue(2.5)
    for key in ("x_up", "x_up", "y_down", "z_up"):
        scope.stage.buttons[key].click()
    reaches(qtbot, scope, 50, -25, 2.5)


def test_arrow_keys_move_while_the_map_has_the_keyboard(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    scope.stage.map.setFocus()
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Up, keys.Key_Left, keys.Key_PageUp):
        qtbot.keyClick(scope.stage.map, key)
    reaches(qtbot, scope, 10, 10, 1)
    qtbot.keyClick(scope.image.exposure, keys.Key_Up)  # there it is the exposure's
    qtbot.wait(200)
    assert place(scope) == pytest.approx([10, 10, 1], abs=0.05)


def test_it_goes_to_a_place_by_fields_and_by_a_double_click(
    qtbot: QtBot, scope: MicroscopeWorkspace
) -> None:
    for axis, value in zip("xyz", (40, -20, 12.5), strict=True):
        scope.stage.targets[axis].setValue(value)
    scope.stage.go_xy.click()
    scope.stage.go_z.click()
    reaches(qtbot, scope, 40, -20, 12.5)
    spot = scope.stage.map._point(-60, 30)
    qtbot.mouseDClick(scope.stage.map, Qt.MouseButton.LeftButton, pos=spot.toPoint())
    um = scope.stage.map._um(QPointF(spot.toPoint()))
    assert um == pytest.approx((-60, 30), abs=1)
    reaches(qtbot, scope, *um, 12.5)


def test_beyond_the_limits_it_stays_and_says_so_in_place(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    reaches(qtbot, scope, 0, 0, 0)
    scope.stage.targets["x"].setValue(150)
    scope.stage.go_xy.click()
    assert "x 150 µm is outside the limits of this stage, -100 to 100 µm" in (
        scope.stage.note.sentence
    )
    scope.stage.xy_step.setValue(80)
    scope.stage.buttons["y_up"].click()  # a step is measured from where the stage is by then
    qtbot.waitUntil(lambda: "y 80 µm is outside" in scope.stage.note.sentence)
    scope.stage.buttons["x_up"].click()
    reaches(qtbot, scope, 80, 0, 0)
    assert scope.stage.note.sentence == ""
    assert not desk.toasts.history


def test_halt_ends_a_long_move_at_once_and_what_waits_behind_it(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    table = NeverThere()
    put(scope, "Table", table)
    for _ in range(3):
        scope.stage.buttons["x_up"].click()
    qtbot.waitUntil(table.busy, timeout=PATIENCE_MS)
    asked = time.perf_counter()
    with qtbot.waitSignal(scope.moves.halted, timeout=2_000):
        assert desk.actions.trigger("microscope.halt")
    qtbot.waitUntil(lambda: not scope.moves.going, timeout=2_000)
    assert time.perf_counter() - asked < 1
    qtbot.wait(200)
    assert table.moves == 1, "the two steps that waited are forgotten"
    assert not table.busy()
    assert scope.stage.note.sentence == "", "it was meant to stop"
    assert not desk.toasts.history


def test_a_long_move_is_followed_on_its_way(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    class Slow(NeverThere):
        def get_position_um(self) -> tuple[float, float]:
            return (7.0, 0.0) if self.busy() else super().get_position_um()

    put(scope, "Table", Slow(drives=0.8))
    scope.moves.to_xy(90, 0)
    qtbot.waitUntil(lambda: place(scope)[0] == 7, timeout=5_000)
    assert scope.stage.title() == "Stage, moving…"
    qtbot.waitUntil(lambda: place(scope)[0] == 90, timeout=5_000)
    qtbot.waitUntil(lambda: not scope.moves.going)
    scope.refresh(None)
    assert scope.stage.title() == "Stage"


def test_escape_on_the_map_halts(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    table = NeverThere()
    put(scope, "Table", table)
    qtbot.keyClick(scope.stage.map, Qt.Key.Key_Right)
    qtbot.waitUntil(table.busy, timeout=PATIENCE_MS)
    with qtbot.waitSignal(scope.moves.halted, timeout=2_000):
        qtbot.keyClick(scope.stage.map, Qt.Key.Key_Escape)
    assert not table.busy()
    qtbot.waitUntil(lambda: not scope.moves.going, timeout=2_000)


def test_a_stage_that_cannot_be_halted_is_told(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    class Runaway(NeverThere):
        def stop(self) -> None:
            raise OSError("unknown command HALT")

    put(scope, "Table", Runaway(drives=2))
    scope.stage.buttons["x_up"].click()
    qtbot.waitUntil(lambda: scope.moves.going, timeout=PATIENCE_MS)
    qtbot.wait(100)
    with qtbot.waitSignal(scope.moves.halted, timeout=2_000):
        scope.stage.halt_button.click()
    assert "stage 'Table': unknown command HALT" in desk.toasts.history[-1].text
    qtbot.waitUntil(lambda: not scope.moves.going, timeout=5_000)


def test_a_drive_that_never_answers_is_said_and_reopening_helps(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    drive = Blocking()
    put(scope, "Piezo", drive)
    scope.stage.buttons["z_up"].click()
    assert drive.asked.wait(5)
    # 1 s of the profile's deadline, and one more for a move
    qtbot.waitUntil(lambda: "does not answer" in _banner(scope), timeout=PATIENCE_MS)
    assert "not answering" in scope.stage.note.sentence
    assert "Reopen" in scope.profile.state.text()
    assert not scope.image.snap_button.isEnabled()
    assert scope.stage.halt_button.isEnabled()
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open_button.click()
    scope.refresh(None)
    assert scope.banner.sentence == ""
    scope.stage.buttons["z_up"].click()
    reaches(qtbot, scope, 0, 0, 1)
    drive.release.set()
    gone = [t for t in threading.enumerate() if "hardware-stand" in t.name]
    qtbot.waitUntil(lambda: sum(t.is_alive() for t in gone) == 1, timeout=PATIENCE_MS)


def _banner(scope: MicroscopeWorkspace) -> str:
    scope.refresh(None)
    return scope.banner.sentence
