"""A viewer waits while a person wants it, memory is free, and no run would feel its start."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.viewer_in_waiting import LEAST_FREE, MOST_FREE, ViewerInWaiting
from parfocal.viewer import _waiting


class Antechamber:
    """Notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def keep(self) -> bool:
        self.asked.append("keep")
        return True

    def let_go(self) -> None:
        self.asked.append("let go")


@pytest.mark.parametrize(
    ("wanted", "free", "busy", "asked"),
    [
        (True, MOST_FREE + 1, False, ["keep"]),
        (True, MOST_FREE + 1, True, []),
        (True, MOST_FREE - 1, False, []),
        (True, LEAST_FREE - 1, False, ["let go"]),
        (False, MOST_FREE + 1, True, ["let go"]),
    ],
)
def test_one_waits_only_where_it_disturbs_nothing(
    desk: Desk,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    wanted: bool,
    free: int,
    busy: bool,
    asked: list[str],
) -> None:
    noted = Antechamber()
    monkeypatch.setattr(_waiting, "_antechamber", noted)
    monkeypatch.setattr(type(desk.controller), "busy", busy)
    desk.settings.change(viewer_waits=wanted)
    keeper = ViewerInWaiting(desk, desk)
    keeper.bytes_free = lambda: free
    keeper.look()
    done: list[object] = []
    desk.tasks.quietly("after it", lambda _task: None, on_done=done.append)
    qtbot.waitUntil(lambda: bool(done) and noted.asked == asked, timeout=30_000)
    if wanted:
        desk.settings.change(viewer_waits=False)
        qtbot.waitUntil(lambda: noted.asked == [*asked, "let go"], timeout=30_000)
