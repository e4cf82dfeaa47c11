"""Microscope: the projector is calibrated in the window, and whatever lights the sample says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import useq
from PyQt6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState
from parfocal.scope import Pattern
from parfocal.scope._demo_projector import DemoProjector
from parfocal.ui._spot_marks import USED
from parfocal.ui.desk import Desk
from parfocal.ui.microscope_workspace import MicroscopeWorkspace

PATIENCE_MS = 30_000


@pytest.fixture
def scope(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MicroscopeWorkspace]:
    """The workspace with the demo microscope open, and calibrations that are nobody else's."""
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path / "profiles"))
    workspace = MicroscopeWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=PATIENCE_MS):
        workspace.profile.open("demo")
    qtbot.waitUntil(lambda: workspace.projection.now is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(workspace.projector.calibrate_button.isEnabled, timeout=PATIENCE_MS)
    return workspace


def light_of(desk: Desk) -> DemoProjector:
    microscope = desk.controller.microscope
    assert microscope is not None
    return microscope.core._pydevices.get_device_of_type("Projector", DemoProjector)


def calibrated(qtbot: QtBot, scope: MicroscopeWorkspace) -> None:
    with qtbot.waitSignal(scope.projection.calibrated, timeout=PATIENCE_MS):
        scope.projector.calibrate_button.click()
    qtbot.waitUntil(lambda: "Calibrated on" in scope.projector.state.sentence)


def test_it_is_calibrated_while_the_live_view_moves_on_and_shows_each_spot(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk, tmp_path: Path
) -> None:
    panel = scope.projector
    assert panel.facts.text() == "Projector: 640 × 480 mirrors"
    assert "is not calibrated; plans that give light are refused" in panel.state.sentence
    assert not panel.cancel_button.isVisible()
    frames: list[int] = []
    marked: list[int] = []
    scope.camera.shot_taken.connect(lambda shot: frames.append(shot.number))
    scope.projection.spotted.connect(lambda _spot: marked.append(len(panel.marks.spots)))
    with qtbot.waitSignal(scope.projection.calibrated, timeout=PATIENCE_MS):
        panel.calibrate_button.click()
        assert "Spots light the sample" in panel.note.sentence
        assert panel.cancel_button.isVisible()
        for widget in (*scope.image.controls, *scope.stage.controls, *panel.controls):
            assert not widget.isEnabled()
            assert "being calibrated" in widget.toolTip()
        assert scope.stage.halt_button.isEnabled()
        assert not desk.actions.trigger("microscope.snap")
    assert len(set(frames)) >= 9, "the picture moves on"
    count = len(marked)
    assert marked == list(range(1, count + 1)), "each spot is marked when it was seen"
    assert count >= 7
    assert panel.progress.value() == panel.progress.maximum() == 9
    qtbot.waitUntil(lambda: "Calibrated on" in panel.state.sentence)
    assert "of 9 spots fit" in panel.state.sentence
    assert panel.details.sentence == "For 512 × 512 at 0, 0, binning 1, Nikon 20X Plan Fluor ELWD"
    assert panel.facts.toolTip() == str(tmp_path / "profiles" / "projectors" / "demo.yaml")
    qtbot.waitUntil(lambda: not scope.camera.live)  # it was off before
    assert scope.image.snap_button.isEnabled()

    marks = panel.marks
    assert marks.isVisible()
    used = [spot for spot in marks.spots if spot.used]
    words = f"{count} spots of the projector were seen; {len(used)} of them fit"
    assert marks.accessibleName() == words
    drawn = marks.grab().toImage()
    for spot in used:
        place = marks.place_of(spot)
        assert place is not None
        assert marks.rect().contains(place.toPoint())
        middle = place.toPoint()
        around = (middle + QPoint(dx, dy) for dx in range(-12, 13) for dy in range(-12, 13))
        ring = sum(drawn.pixelColor(point).name() == USED.name() for point in around)
        assert ring > 10  # what of it no other mark lies over
    panel.shows_spots.click()
    assert not marks.isVisible()
    panel.shows_spots.click()
    assert marks.isVisible()

    # another part of the chip: light would fall elsewhere
    scope.region.centre.click()
    qtbot.waitUntil(lambda: "calibrate it for this one" in panel.state.sentence)
    assert "pictures of 512 × 512 pixels, and the camera gives 256 × 256" in panel.state.sentence


def test_cancel_and_halt_do_not_wait_for_a_long_exposure(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    scope.image.exposure.setValue(3000)
    qtbot.waitUntil(lambda: scope.camera.now is not None and scope.camera.now.exposure_ms == 3000)
    panel = scope.projector
    ways = (panel.cancel_button.click, lambda: desk.actions.trigger("microscope.halt"))
    for end_it in ways:
        panel.calibrate_button.click()
        qtbot.wait(300)  # it waits for its first picture, six seconds
        with qtbot.waitSignal(scope.projection.stopped, timeout=2000):
            end_it()
        assert light_of(desk).lit is None
        assert "Stopped; nothing was changed" in panel.note.sentence
        assert "is not calibrated" in panel.state.sentence
        qtbot.waitUntil(panel.calibrate_button.isEnabled)


def test_a_refused_calibration_says_what_to_do_and_the_old_one_stands(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    calibrated(qtbot, scope)
    panel = scope.projector
    before = panel.state.sentence
    panel.spots.setValue(4)
    with (
        patch("parfocal.scope._projector.spot", lambda shape, _place: np.zeros(shape, np.uint8)),
        qtbot.waitSignal(scope.projection.refused, timeout=PATIENCE_MS),
    ):
        panel.calibrate_button.click()
    # what moves in the sample may pass for a spot or two; that no four of them agree is said
    assert re.match(
        r"Not calibrated: Only \d of \d spots .+ and 4 are needed; look ", panel.note.sentence
    )
    qtbot.waitUntil(panel.calibrate_button.isEnabled)
    assert panel.state.sentence == before

    speck = iter([(50 + n % 2 / 9, 60 + n / 9) for n in range(4)])

    with (
        patch("parfocal.scope._projector.spot_centre", lambda _lit, _dark: next(speck)),
        qtbot.waitSignal(scope.projection.refused, timeout=PATIENCE_MS),
    ):
        panel.calibrate_button.click()
    assert "were all seen at one place" in panel.note.sentence
    assert len(panel.marks.spots) == 4, "what was seen is shown"
    assert panel.marks.isVisible()


def test_light_by_hand_is_said_and_no_run_begins_in_it_nor_in_a_calibration(
    qtbot: QtBot, scope: MicroscopeWorkspace, desk: Desk
) -> None:
    panel, light = scope.projector, light_of(desk)
    for pattern in (Pattern.FULL, Pattern.TEST):
        assert "It lights the sample" in panel.patterns[pattern].toolTip()
        panel.patterns[pattern].click()
        qtbot.waitUntil(lambda: "The sample is being lit" in panel.lit.sentence)
        assert light.lit is not None
        panel.patterns[Pattern.DARK].click()
        qtbot.waitUntil(lambda: not panel.lit.sentence)
        assert light.lit is None
    panel.patterns[Pattern.FULL].click()
    qtbot.waitUntil(lambda: light.lit is not None)
    assert desk.actions.trigger("microscope.halt")
    qtbot.waitUntil(lambda: light.lit is None and not panel.lit.sentence)

    panel.calibrate_button.click()
    qtbot.waitUntil(lambda: len(panel.marks.spots) > 0, timeout=PATIENCE_MS)
    plan = useq.MDASequence(channels=[{"config": "DAPI", "exposure": 5}])
    output = desk.settings.values.data_folder / "run.ome.zarr"
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS) as finished:
        desk.controller.start(experiment_from_sequence(plan, "run"), output)
    assert finished.args is not None
    assert finished.args[0].state is RunState.COMPLETED
    assert not scope.projection.going
    assert light.lit is None
    assert not [toast for toast in desk.toasts.history if toast.kind == "error"]
