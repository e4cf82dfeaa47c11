"""The desk's viewers: real napari children that follow the theme, are forgotten when they end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.demo._story import same_pixels
from parfocal.ui.tasks import Tasks
from parfocal.ui.viewers import Viewers
from parfocal.viewer import _host as host
from parfocal.viewer import detached_viewers
from viewer.windowless import eventually, left_outside, spawn

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


@pytest.fixture
def windowless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children without napari: what is asked of them is only to be there."""
    monkeypatch.setattr(host, "start_child", spawn)


def test_two_presses_and_two_threads_at_the_same_moment_give_one_viewer(
    qtbot: QtBot, viewers: Viewers, windowless: None
) -> None:
    store = Path("/data/a.ome.zarr")
    opened = [viewers.open_store(store), viewers.open_store(store)]
    threads = [
        threading.Thread(target=lambda: opened.append(viewers.open_store(store))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 5
    assert len(set(opened)) == len(viewers) == 1
    qtbot.waitUntil(lambda: viewers.statuses()[0].state in ("ready", "busy"), timeout=OPENING_MS)


def test_one_that_is_kept_open_outlives_its_window_and_is_met_and_dressed_by_the_next(
    qtbot: QtBot, viewers: Viewers, windowless: None
) -> None:
    viewer = viewers.open_store(Path("/data/a.ome.zarr"))
    owned = viewers.open_store(Path("/data/b.ome.zarr"))
    assert viewer is not None
    assert owned is not None
    qtbot.waitUntil(lambda: viewers.statuses()[0].state in ("ready", "busy"), timeout=OPENING_MS)
    tasks, later = Tasks(), Viewers()
    viewers.keep_open(viewer, tasks)
    qtbot.waitUntil(lambda: viewers.viewers() == (owned,), timeout=OPENING_MS)
    viewers.close_all()
    assert owned.status().state == "exited"
    for turn in (1, 2):  # it is still one to be kept when a later window has ended
        with qtbot.waitSignal(later.changed, timeout=OPENING_MS):
            later.meet_again(tasks)
        (met,) = later.viewers()
        assert (met.title, met.kept) == ("a.ome.zarr", True)
        qtbot.waitUntil(lambda: not later._undressed, timeout=OPENING_MS)
        assert later.open_store(Path("/data/a.ome.zarr")) is met
        if turn == 1:
            later.close_all()
            assert len(detached_viewers()) == 1
    met.close()
    later.close_all()
    assert tasks.shutdown()
    assert viewer.wait(10)
    assert eventually(lambda: not left_outside())
