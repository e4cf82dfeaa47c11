"""Opening from the window: told in words, cancelled between two devices, tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from parfocal import scope
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.desk import Desk
from parfocal.ui.status_bar import StatusBar

PATIENCE_MS = 20_000
CONFIGURATION = """\
Property,Core,Initialize,0
Device,Cam,DemoCamera,DCam
Device,Z,DemoCamera,DStage
Property,Core,Initialize,1
Property,Core,Camera,Cam
"""
LAMP = """\
import threading
from pymmcore_plus.experimental.unicore import GenericDevice
release = threading.Event()
class Lamp(GenericDevice):
    def initialize(self):
        release.wait(60)
"""


@pytest.fixture
def controller(qtbot: QtBot) -> Iterator[AcquisitionController]:
    made = AcquisitionController()
    yield made
    assert made.shutdown(10)


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of two demo devices, and a Micro-Manager that is found."""
    monkeypatch.setenv("MICROMANAGER_PATH", str(scope.adapter_folder()))
    path = tmp_path / "stand.cfg"
    path.write_text(CONFIGURATION)
    return path


def test_opening_is_told_in_words_and_a_cancel_leaves_nothing_open(
    controller: AcquisitionController, qtbot: QtBot, stand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    really_open = scope.open_microscope

    def opens(profile: str, *, progress: Any, cancelled: Any) -> scope.Microscope:
        def listen(words: str) -> None:
            progress(words)
            told.append(controller.opening_words)
            if words.startswith("loading Z"):
                controller.cancel_opening()

        return really_open(profile, progress=listen, cancelled=cancelled)

    monkeypatch.setattr(scope, "open_microscope", opens)
    with qtbot.waitSignal(controller.microscope_closed, timeout=PATIENCE_MS):
        controller.open_microscope(str(stand))
    assert told == ["reading stand.cfg", "loading Cam (DemoCamera)", "loading Z (DemoCamera)"]
    assert controller.microscope is None
    assert not controller.opening
    assert "cancelled" in controller.microscope_problem
    monkeypatch.undo()
    with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
        controller.open_microscope("demo-camera")
    assert controller.asked_profile == "demo-camera"
    with qtbot.waitSignal(controller.microscope_closed, timeout=PATIENCE_MS):
        controller.close_microscope()
    assert controller.microscope is None


def test_a_device_that_hangs_is_left_and_another_microscope_opens(
    controller: AcquisitionController,
    qtbot: QtBot,
    stand: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "lamp_that_hangs.py").write_text(LAMP)
    monkeypatch.syspath_prepend(tmp_path)
    line = "#py pyDevice,Lamp,lamp_that_hangs,Lamp\nProperty,Core,Initialize,1"
    stand.write_text(CONFIGURATION.replace("Property,Core,Initialize,1", line))
    controller.open_microscope(str(stand))
    qtbot.waitUntil(lambda: controller.opening_words == "starting Lamp", timeout=PATIENCE_MS)
    lamp = import_module("lamp_that_hangs")
    try:
        with qtbot.waitSignal(controller.microscope_failed, timeout=PATIENCE_MS) as failed:
            controller.cancel_opening()
        assert failed.args is not None
        assert f"device 'Lamp' ({stand}, line 4) did not start" in failed.args[0]
        assert not controller.opening
        with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
            controller.open_microscope("demo")
    finally:
        lamp.release.set()
    named = "parfocal-hardware-stand"
    qtbot.waitUntil(
        lambda: named not in {thread.name for thread in threading.enumerate()}, timeout=PATIENCE_MS
    )


def test_of_two_openings_the_later_one_counts(
    controller: AcquisitionController, qtbot: QtBot
) -> None:
    opened: list[str] = []
    controller.microscope_opened.connect(lambda microscope: opened.append(microscope.name))
    controller.open_microscope("demo")
    controller.open_microscope("demo-camera")
    qtbot.waitUntil(lambda: opened == ["demo-camera"], timeout=PATIENCE_MS)
    assert controller.microscope is not None
    assert controller.microscope.name == "demo-camera"


def test_the_stage_of_a_microscope_without_hardware_is_not_asked(
    controller: AcquisitionController, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(controller.microscope_opened, timeout=PATIENCE_MS):
        controller.open_microscope("safe")
    qtbot.wait(500)
    assert controller.stage() is None
    assert "cannot be read" not in caplog.text


@pytest.mark.parametrize("last", ["", "demo-camera", "safe"])
def test_the_start_opens_what_was_open_last_where_nothing_can_move(
    desk: Desk, qtbot: QtBot, last: str
) -> None:
    desk.settings.change(microscope=last)
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS) as opened:
        desk.open_last_microscope()
    assert opened.args is not None
    assert opened.args[0].name == (last or "demo")


def test_the_start_moves_no_real_device_unasked(desk: Desk, qtbot: QtBot, stand: Path) -> None:
    desk.settings.change(microscope=str(stand))
    desk.open_last_microscope()
    assert not desk.controller.opening
    toast = desk.toasts.history[-1]
    assert "stand.cfg was open last" in toast.text
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        toast.buttons[0][1]()


def test_the_status_bar_says_safe_mode_and_what_is_being_opened(desk: Desk, qtbot: QtBot) -> None:
    bar = StatusBar(desk)
    qtbot.addWidget(bar)
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        desk.controller.open_microscope("safe")
        bar.refresh(None)
        assert bar.state.words.text().startswith("Opening the microscope")
    bar.refresh(None)
    assert bar.state.words.text() == "Safe mode: there is no hardware"
