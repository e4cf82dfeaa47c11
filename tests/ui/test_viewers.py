"""The desk's viewers: real napari children that follow the theme, stay listed when they fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import experiment_from_sequence
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.demo._story import same_pixels
from parfocal.ui.viewers import Viewers
from parfocal.viewer import ViewerError, ViewerState, ViewerStatus
from parfocal.viewer import _host as host
from ui.viewer_parts import StillViewer, record_of
from viewer import cells
from viewer.windowless import spawn

OPENING_MS = 40_000
READY = ViewerStatus(ViewerState.READY, 4, title="seen", store=Path("/data/seen.ome.zarr"))


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


def test_a_viewer_that_fails_stays_with_its_reason_until_it_is_removed(
    qtbot: QtBot, viewers: Viewers, tmp_path: Path
) -> None:
    with qtbot.waitSignal(viewers.failed, timeout=OPENING_MS) as failed:
        viewers.open_store(tmp_path / "nothing.ome.zarr")
    assert "nothing.ome.zarr" in failed.args[0]
    (row,) = viewers.rows()
    assert (row.viewer.status().state, row.viewer.status().exit_code) == ("exited", 1)
    assert "nothing.ome.zarr" in row.viewer.status().problem
    assert "nothing.ome.zarr" in row.viewer.log
    viewers.remove(row.number)
    assert len(viewers) == 0


def test_two_starts_at_the_same_moment_are_one_viewer_that_closes_without_holding_the_window(
    qtbot: QtBot, viewers: Viewers, tmp_path: Path
) -> None:
    store = cells.record(tmp_path / "seen.ome.zarr")
    first, second = viewers.open_store(store), viewers.open_store(store)
    assert first is second is not None
    assert len(viewers) == 1
    viewers.open_another(store)
    row, another = viewers.rows()
    assert [one.viewer.title for one in (row, another)] == [store.name, f"{store.name} (2)"]
    for one in (row, another):
        viewers.close(one.number)
    assert row.leaving
    assert not row.exited, "it is not waited for"
    assert viewers.open_store(store) is not first, "one that leaves is none any more"
    viewers.close(viewers.rows()[-1].number)
    qtbot.waitUntil(lambda: len(viewers) == 0, timeout=OPENING_MS)
    assert not psutil.pid_exists(first.status().pid or 0)


def test_one_that_hangs_is_ended_and_one_that_was_killed_is_restarted_in_its_place(
    qtbot: QtBot, viewers: Viewers, tmp_path: Path
) -> None:
    store = cells.record(tmp_path / "seen.ome.zarr")
    viewers.open_store(store)
    viewers.add(StillViewer(ViewerStatus(ViewerState.READY, title="below", store=store)))
    killed = viewers.rows()[0]
    with qtbot.waitSignal(viewers.failed, timeout=OPENING_MS) as failed:
        psutil.Process(killed.viewer.status().pid).kill()
    assert "signal 9" in failed.args[0]
    assert viewers.rows()[0] is killed, "it stays until it is restarted"
    viewers.restart(killed.number)
    again, below = viewers.rows()
    assert (again.opening, below.viewer.title) == (killed.opening, "below")
    pid = again.viewer.status().pid or 0
    qtbot.waitUntil(lambda: again.viewer.status().state == "ready", timeout=OPENING_MS)
    psutil.Process(pid).suspend()
    qtbot.waitUntil(lambda: again.viewer.status().state == "not responding", timeout=OPENING_MS)
    viewers.end(again.number)
    qtbot.waitUntil(lambda: len(viewers) == 1, timeout=OPENING_MS)
    assert not psutil.pid_exists(pid)


def test_the_window_closes_its_own_viewers_and_lets_kept_ones_go(viewers: Viewers) -> None:
    own, kept = StillViewer(READY), StillViewer(replace(READY, kept=True))
    viewers.add(own)
    viewers.add(kept)
    viewers.close_all()
    assert (own.asked, kept.asked) == (["close"], ["detach"])


def test_a_kept_viewer_goes_on_by_itself_and_can_be_taken_up_or_left(
    qtbot: QtBot, viewers: Viewers, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewers.add(StillViewer(READY))
    viewers.keep_open(viewers.rows()[0].number)
    qtbot.waitUntil(lambda: len(viewers) == 0)
    kept = viewers.kept
    assert [record.title for record in kept.records] == ["seen"]
    both = (*kept.records, record_of(5, "yesterday's"))
    monkeypatch.setattr("parfocal.viewer.detached_viewers", lambda: both)
    met = StillViewer(replace(READY, pid=5, kept=True))
    monkeypatch.setattr("parfocal.viewer.Viewer.meet", lambda _record: met)
    with qtbot.waitSignal(kept.found) as found:
        kept.look()
    assert found.args == [1]
    kept.attach(5)
    qtbot.waitUntil(lambda: len(viewers) == 1)
    assert [record.pid for record in kept.records] == [4]
    kept.leave(4)
    with qtbot.waitSignal(kept.changed):
        kept.look()
    assert kept.records == (), "what was left or taken up is not offered again"


def test_a_viewer_that_does_not_let_us_in_is_told_and_stays_on_offer(
    qtbot: QtBot, viewers: Viewers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_record: object) -> None:
        raise ViewerError("another Parfocal has this viewer")

    monkeypatch.setattr("parfocal.viewer.Viewer.meet", refuse)
    viewers.kept.add(record_of(5, "yesterday's"))
    with qtbot.waitSignal(viewers.failed) as failed:
        viewers.kept.attach(5)
    assert failed.args == ["another Parfocal has this viewer"]
    assert [record.pid for record in viewers.kept.records] == [5]


@pytest.fixture
def windowless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children without napari: what is asked of them is only to be there."""
    monkeypatch.setattr(host, "take_or_start", spawn)


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
