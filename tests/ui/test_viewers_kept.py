"""A viewer that is kept open leaves the window, is met again by the next one, and is let go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.viewers import Viewers
from parfocal.viewer import detached_viewers
from ui.test_viewers import OPENING_MS, record


@pytest.fixture
def windows() -> Iterator[list[Viewers]]:
    made: list[Viewers] = []
    yield made
    for viewers in made:
        viewers.close_all()
    for left in detached_viewers():
        psutil.Process(left.pid).kill()
        left.forget()


def test_a_kept_viewer_outlives_the_window_and_is_met_by_the_next(
    qtbot: QtBot, windows: list[Viewers], tmp_path: Path
) -> None:
    store = tmp_path / "seen.ome.zarr"
    record(qtbot, store)
    first, second = Viewers(), Viewers()
    windows += [first, second]
    first.open_store(store)
    qtbot.waitUntil(lambda: first.statuses()[0].state == "ready", timeout=OPENING_MS)
    pid = first.statuses()[0].pid
    assert pid is not None
    first.keep_open(first.rows()[0].number)
    qtbot.waitUntil(lambda: len(first) == 0, timeout=OPENING_MS)
    assert [one.pid for one in first.kept.records] == [pid]
    first.close_all()
    assert psutil.pid_exists(pid)
    with qtbot.waitSignal(second.kept.found, timeout=OPENING_MS):
        second.kept.look()
    second.kept.attach(pid)
    qtbot.waitUntil(lambda: len(second) == 1, timeout=OPENING_MS)
    assert second.kept.records == ()
    (status,) = second.statuses()
    assert (status.pid, status.kept, status.store) == (pid, True, store)
    second.close_all()
    assert psutil.pid_exists(pid), "kept is kept"
    third = Viewers()
    windows.append(third)
    with qtbot.waitSignal(third.kept.found, timeout=OPENING_MS):
        third.kept.look()
    third.kept.attach(pid)
    qtbot.waitUntil(lambda: len(third) == 1, timeout=OPENING_MS)
    third.close(third.rows()[0].number)
    qtbot.waitUntil(lambda: len(third) == 0, timeout=OPENING_MS)
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid), timeout=OPENING_MS)
    assert detached_viewers() == ()
