"""The desk's viewers: real napari children that follow the theme, are forgotten when they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.demo._story import same_pixels
from parfocal.ui.viewers import Viewers

OPENING_MS = 40_000


@pytest.fixture
def viewers(qtbot: QtBot) -> Iterator[Viewers]:
    made = Viewers()
    yield made
    made.close_all()
    assert len(made) == 0


def record(qtbot: QtBot, store: Path) -> None:
    sequence = useq.MDASequence(channels=[{"config": "DAPI", "exposure": 5}])
    controller = AcquisitionController()
    controller.open_microscope()
    with qtbot.waitSignal(controller.run_finished, timeout=20_000):
        controller.start(experiment_from_sequence(sequence, "one frame"), store)
    assert controller.shutdown()


def test_a_viewer_shows_the_store_wears_the_theme_and_is_forgotten_when_it_was_closed(
    qtbot: QtBot, viewers: Viewers, tmp_path: Path
) -> None:
    store = tmp_path / "seen.ome.zarr"
    record(qtbot, store)
    viewer = viewers.open_store(store)
    assert viewer is not None
    viewers.set_dark(True)  # while it starts: it must not be lost
    qtbot.waitUntil(lambda: viewers.statuses()[0].state == "ready", timeout=OPENING_MS)
    qtbot.waitUntil(lambda: not viewers._undressed, timeout=OPENING_MS)
    displayed = viewer.request("displayed").result(20)
    assert same_pixels(store, displayed)
    displayed["layers"][0]["sha256"] = "0" * 64
    assert not same_pixels(store, displayed)
    viewer.request("close")
    with qtbot.waitSignal(viewers.changed, timeout=OPENING_MS):
        pass
    assert viewers.statuses() == ()


def test_a_store_that_is_not_there_is_said_so(
    qtbot: QtBot, viewers: Viewers, tmp_path: Path
) -> None:
    with qtbot.waitSignal(viewers.failed, timeout=OPENING_MS) as failed:
        viewers.open_store(tmp_path / "nothing.ome.zarr")
    assert "nothing.ome.zarr" in failed.args[0]
    assert len(viewers) == 0
