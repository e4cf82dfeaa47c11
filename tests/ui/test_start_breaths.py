"""The window answers between any two steps of its start."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from ui.shell_parts import PlainWorkspace, plain_workspaces

STEP_S = 0.03


def test_a_timer_that_is_due_is_heard_between_any_two_steps(desk: Desk, qtbot: QtBot) -> None:
    heard: list[str] = []

    def maker(name: str) -> Any:
        def make(desk: Desk) -> PlainWorkspace:
            time.sleep(STEP_S)
            heard.append(name)
            return PlainWorkspace(desk)

        return make

    window = MainWindow(desk, {name: maker(name) for name in plain_workspaces()})
    qtbot.addWidget(window)
    timer = QTimer(window)
    timer.setInterval(1)
    timer.timeout.connect(lambda: heard.append("timer"))
    timer.start()
    with qtbot.waitSignal(window.settled):
        window.show()
    made = [place for place, one in enumerate(heard) if one != "timer"]
    assert len(made) == len(plain_workspaces())
    assert all("timer" in heard[a:b] for a, b in pairwise(made))
