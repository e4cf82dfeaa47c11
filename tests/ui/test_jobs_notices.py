"""What the queue tells reaches the window: what needs somebody stays, the rest goes by itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from parfocal.jobs import Notice, Told, told_since, worker_lives
from parfocal.run import Alarm, RunState, RunStatus
from parfocal.ui.desk import Desk
from parfocal.ui.queue_desk import QueueDesk
from parfocal.ui.queue_notices import PER_MINUTE, QueueNotices
from parfocal.wiring import Alarms
from ui.jobs_parts import PATIENCE_MS, Camera, night_at


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def told(number: int, *, needs_me: bool = False) -> Told:
    return Told(number, Notice(f"k{number}", f"s{number}", "text", needs_me), "strip", 0.0)


def test_what_happened_is_told_once_and_leads_to_its_strip(
    qtbot: QtBot, desk: Desk, window: QWidget, tmp_path: Path
) -> None:
    notices = QueueNotices(desk, window)
    with night_at(desk, tmp_path, output=None) as night:
        night.strip()
        night.work()
        night.configure(stable_seconds=0, info_file="none.txt")
        broken = night.strip("Run2")
        night.work()
        desk.queue.start()
        qtbot.waitUntil(lambda: len(desk.toasts.history) == 2, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not told_since(desk.queue.path), timeout=PATIENCE_MS)
        worst, best = desk.toasts.history  # what needs somebody comes first
        assert (worst.kind, worst.sticky) == ("warn", True)
        assert "Run2 lacks its info file" in worst.detail
        assert best.text == "Strip 1 of slice 0 (camera-01) processed"
        assert (best.kind, best.sticky) == ("info", False)
        with qtbot.waitSignals([desk.workspace_requested, desk.strip_requested]) as asked:
            worst.buttons[0][1]()
        assert asked.all_signals_and_args[1].args == (broken,)
        desk.queue.close()
        again = QueueDesk(desk.tasks, desk, path=desk.queue.path)  # the next start
        again.works = False
        shown: list[str] = []
        again.noticed.connect(lambda new: shown.extend(one.notice.subject for one in new))
        again.start()
        qtbot.waitUntil(lambda: again.last is not None, timeout=PATIENCE_MS)
        for _ in range(2):
            night.configure(stable_seconds=0, output=None)
            night.strip(f"Run{3 + len(shown)}")
            night.work()
            count = len(shown) + 1
            qtbot.waitUntil(lambda count=count: len(shown) >= count, timeout=PATIENCE_MS)
        assert shown == [f"Strip {n} of slice 0 (camera-01) processed" for n in (3, 4)]
        assert again.close()
        assert notices.tray is None  # this display has no place for it, and nothing broke


def test_the_window_whose_run_failed_says_so_once(
    desk: Desk, window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = QueueNotices(desk, window)
    failed = RunStatus(state=RunState.FAILED, store=Path("/data/mine.ome.zarr"))
    monkeypatch.setattr(desk.controller, "status", lambda: failed)
    for number, name in enumerate(("mine", "another")):
        key = f"run/{Path(f'/data/{name}.ome.zarr')}/failed/7/False"
        notices.tell([Told(number, Notice(key, f"{name} failed", "text", True), "", 0.0)])
    assert [toast.text for toast in desk.toasts.history] == ["another failed"]


def test_a_flood_is_kept_behind_the_bell_and_only_what_needs_me_can_be_wanted(
    desk: Desk, window: QWidget
) -> None:
    now = [0.0]
    notices = QueueNotices(desk, window, lambda: now[0])
    shown: list[str] = []
    desk.toasts.posted.connect(lambda toast: shown.append(toast.text))
    notices.tell([told(n) for n in range(40)])
    assert shown == ["40 messages of the queue came; they are behind the bell."]
    shown.clear()
    for number in range(10):
        notices.tell([told(100 + number, needs_me=True)])
    assert len(shown) == PER_MINUTE
    assert desk.toasts.history[-1].text == "s109"  # kept all the same
    now[0] = 61.0
    desk.actions.trigger("jobs.only_needs_me")
    assert desk.settings.values.notices == "needs me"
    shown.clear()
    notices.tell([told(200), told(201, needs_me=True)])
    assert shown == ["s201"]


def test_a_worker_is_started_when_there_is_work_and_outlives_the_window(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    with night_at(desk, tmp_path) as night:
        desk.queue.works = True
        desk.queue.start()
        qtbot.wait(300)
        assert not worker_lives(desk.queue.path)  # nothing to do
        Camera().write(night.raw / "Run1")
        night.admit(night.raw / "Run1")
        done = ["done"] * 8
        qtbot.waitUntil(lambda: list(night.states().values()) == done, timeout=2 * PATIENCE_MS)
        desk.queue.close()
        assert worker_lives(desk.queue.path)  # it lingers, and leaves by itself
        own = [one for one in psutil.Process().children() if "--serve" in one.cmdline()]
        (worker,) = own
        os.kill(worker.pid, signal.SIGTERM)
        qtbot.waitUntil(lambda: not worker_lives(desk.queue.path), timeout=PATIENCE_MS)


def test_trouble_of_a_run_is_told_in_the_window(
    qtbot: QtBot, desk: Desk, window: QWidget, tmp_path: Path
) -> None:
    QueueNotices(desk, window)
    with night_at(desk, tmp_path):
        alarms = Alarms(desk.settings.path, desk.queue.path, closing_s=20.0)
        desk.queue.start()
        store = tmp_path / "cells.ome.zarr"
        alarms.hear(store, Alarm("stalled", False, "nothing was written for 11 s"))
        alarms.hear(store, Alarm("stalled", True, "it is written again"))
        alarms.close()
        qtbot.waitUntil(lambda: len(desk.toasts.history) == 2, timeout=PATIENCE_MS)
        kinds = {toast.text.split(":")[1].strip(): toast.kind for toast in desk.toasts.history}
        assert kinds == {"the disk stalls": "warn", "the disk stalls — over": "info"}
        with qtbot.waitSignal(desk.workspace_requested) as asked:
            desk.toasts.history[0].buttons[0][1]()
        assert asked.args == ["run"]
