"""Profiles from the window: chosen, opened, cancelled, made, changed and deleted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from parfocal import scope as scope_room
from parfocal.scope import Profile, profiles, read_profile, write_profile
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.microscope_workspace._profile_dialog import ProfileDialog
from parfocal.ui.toast_stack import ToastStack

PATIENCE_MS = 20_000
STAND = """\
Property,Core,Initialize,0
Device,Cam,DemoCamera,DCam
Device,Z,DemoCamera,DStage
Property,Core,Initialize,1
Property,Core,Camera,Cam
"""


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path / "profiles"))
    monkeypatch.setenv("MICROMANAGER_PATH", str(scope_room.adapter_folder()))
    path = tmp_path / "stand.cfg"
    path.write_text(STAND)
    return path


@pytest.fixture
def scope(qtbot: QtBot, desk: Desk, configuration: Path) -> MicroscopeWorkspace:
    workspace = MicroscopeWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    return workspace


def state(scope: MicroscopeWorkspace) -> str:
    scope.refresh(None)
    return scope.profile.state.text()


def dialog_of(scope: MicroscopeWorkspace) -> ProfileDialog:
    assert scope.profiles.dialog is not None
    return scope.profiles.dialog


def choices(scope: MicroscopeWorkspace) -> list[Any]:
    box = scope.profile.chooser
    return [box.itemData(row) for row in range(box.count())]


def test_what_is_chosen_is_opened_by_open_only_and_remembered(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    box = scope.profile.chooser
    assert choices(scope)[:3] == ["demo", "demo-camera", "safe"]
    box.setCurrentIndex(box.findData("demo-camera"))
    box.activated.emit(box.currentIndex())
    assert desk.controller.microscope is None
    assert not desk.controller.opening
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open_button.click()
        assert "◌" in state(scope)  # being opened, or at its first stage already
        assert not box.isEnabled()
        assert scope.profile.cancel_button.isVisible()
    assert "Micro-Manager's camera is open".replace("'", "&#x27;") in state(scope)
    assert scope.profile.open_button.text() == "Re&open"
    assert desk.settings.values.microscope == "demo-camera"
    again = MicroscopeWorkspace(desk)
    qtbot.addWidget(again)
    assert again.profile.choice == "demo-camera"


def test_a_bad_configuration_is_told_with_its_line_until_another_one_opens(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk, configuration: Path
) -> None:
    stack = ToastStack(scope, desk.toasts, desk.theme)
    desk.toasts.show("something else went wrong", "error")
    configuration.write_text(STAND.replace("DCam", "NoSuchCam"))
    with qtbot.waitSignal(desk.controller.microscope_failed, timeout=PATIENCE_MS):
        scope.profile.open(str(configuration))
    assert "line 2" in state(scope)
    assert "NoSuchCam" in state(scope)
    assert desk.toasts.history[-1].kind == "error"
    assert not scope.image.snap_button.isEnabled()
    assert ["NoSuchCam" in card.toast.text for card in stack.cards] == [False, True]
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("demo")
    assert "is open" in state(scope)
    assert [card.toast.text for card in stack.cards] == ["something else went wrong"]
    assert "NoSuchCam" in desk.toasts.history[-1].text  # it can be read behind the bell
    assert scope.image.snap_button.isEnabled()


def test_an_opening_is_told_in_words_and_cancelled_by_the_button(
    qtbot: QtBot,
    scope: MicroscopeWorkspace,
    desk: Desk,
    configuration: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    really_open = scope_room.open_microscope

    def opens(profile: str, *, progress: Any, cancelled: Any) -> scope_room.Microscope:
        def tell(words: str) -> None:
            progress(words)
            if words.startswith("loading Z"):
                reached.set()
                assert go_on.wait(10)

        return really_open(profile, progress=tell, cancelled=cancelled)

    monkeypatch.setattr(scope_room, "open_microscope", opens)
    with qtbot.waitSignal(desk.controller.microscope_closed, timeout=PATIENCE_MS):
        scope.profile.open(str(configuration))
        assert reached.wait(10)
        assert "loading Z (DemoCamera)" in state(scope)
        scope.profile.cancel_button.click()
        go_on.set()
    assert "cancelled" in state(scope)
    assert desk.controller.microscope is None
    assert not desk.toasts.history, "nobody did anything wrong"
    monkeypatch.undo()


def test_closing_lets_go_and_says_what_to_do(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open("demo")
    with qtbot.waitSignal(desk.controller.microscope_closed, timeout=PATIENCE_MS):
        scope.profile.close_button.click()
    assert "No microscope is open" in state(scope)
    assert scope.profile.open_button.text() == "&Open"
    assert "No microscope is open" in scope.banner.sentence


def test_a_profile_is_made_opened_changed_and_deleted(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk, configuration: Path
) -> None:
    assert desk.actions.trigger("microscope.new_profile")
    dialog = dialog_of(scope)
    dialog.name.setText("Stand 1")
    dialog.configuration.setText(str(configuration))
    dialog.limits["z_um"].low.setText("-5")
    dialog.limits["z_um"].high.setText("20,5")
    dialog.cameras.add(("Cam", "2", "7", "8, 8, 64, 32"))
    dialog.powers.add(("Cam", "Gain", "0", "4", "DAPI, FITC"))
    assert dialog.save()
    made = read_profile("Stand 1")
    assert tuple(made.limits.z_um or ()) == (-5, 20.5)
    assert made.cameras[0].region == (8, 8, 64, 32)
    assert made.limits.power[0].channels == ("DAPI", "FITC")
    assert scope.profile.choice == "Stand 1"
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open_button.click()
    qtbot.waitUntil(lambda: scope.camera.now is not None, timeout=PATIENCE_MS)
    assert "64 × 32" in scope.region.facts.text()
    assert desk.actions.trigger("microscope.edit_profile")
    dialog = dialog_of(scope)
    assert dialog.name.text() == "Stand 1"
    dialog.name.setText("Stand 2")
    dialog.limits["z_um"].high.setText("10")
    assert dialog.save()
    assert profiles()[3:] == ("Stand 2",)
    assert tuple(read_profile("Stand 2").limits.z_um or ()) == (-5, 10)
    assert read_profile("Stand 2").cameras == made.cameras
    assert desk.actions.trigger("microscope.delete_profile")
    box = scope.profiles.question
    assert box is not None
    next(button for button in box.buttons() if button.text() == "Delete").click()
    assert profiles()[3:] == ()
    assert "Stand 2" not in choices(scope)


@pytest.mark.parametrize(
    ("field", "text", "note", "said"),
    [
        ("name", "a/b", "name", "without / "),
        ("name", "demo", "name", "already"),
        ("configuration", "/nowhere/rig.cfg", "configuration", "/nowhere/rig.cfg"),
        ("adapters", "/nowhere", "adapters", "/nowhere"),
        ("z", ("1", ""), "limits", "needs both its ends"),
        ("z", ("5", "1"), "limits", "above the upper one"),
        ("z", ("a", "1"), "limits", "“a” is not a number"),
        ("camera", ("Cam", "x", "", ""), "cameras", "“x” is not a number"),
        ("camera", ("Cam", "", "", "1, 2"), "cameras", "x, y, width, height"),
        ("camera", ("Cam", "0", "", ""), "cameras", "greater than or equal to 1"),
        ("power", ("Laser", "Power", "9", "1", ""), "power", "above the upper one"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_beside_the_field_and_nothing_is_written(
    scope: MicroscopeWorkspace, field: str, text: Any, note: str, said: str
) -> None:
    scope.profiles.make()
    dialog = dialog_of(scope)
    dialog.name.setText("Good")
    if field == "z":
        dialog.limits["z_um"].low.setText(text[0])
        dialog.limits["z_um"].high.setText(text[1])
    elif field == "camera":
        dialog.cameras.add(text)
    elif field == "power":
        dialog.powers.add(text)
    else:
        getattr(dialog, field).setText(text)
    assert not dialog.save()
    assert said in dialog.notes[note].sentence
    assert profiles()[3:] == ()
    dialog.reject()


def test_a_change_keeps_what_the_dialog_does_not_show(
    scope: MicroscopeWorkspace, configuration: Path
) -> None:
    made = Profile.model_validate(
        {
            "name": "Stand",
            "configuration": configuration,
            "hooks": {"opened": ["os:getpid"]},
            "projector": configuration.with_name("dmd.yaml"),
            "cameras": [{"device": "Cam", "frame_number": "Nr", "first_frame_number": 1}],
        }
    )
    write_profile(made)
    scope.profile.list_profiles("Stand")
    scope.profiles.edit()
    dialog = dialog_of(scope)
    dialog.remarks.setPlainText("mind the oil")
    assert dialog.save()
    assert read_profile("Stand") == made.model_copy(update={"remarks": "mind the oil"})


def test_the_wizard_has_a_core_of_its_own_and_leaves_the_microscope_free(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk, configuration: Path
) -> None:
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open(str(configuration))
    assert desk.actions.trigger("microscope.wizard")
    qtbot.waitUntil(lambda: scope.devices.wizard is not None, timeout=PATIENCE_MS)
    assert desk.controller.microscope is None
    assert scope.devices.wizard.field("src_config") == str(configuration)
    scope.devices.wizard.reject()
    assert scope.devices.wizard is None
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        scope.profile.open(str(configuration))
