"""With 10,000 stores the window goes on between the rows, and reads only what is in sight."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from parfocal.ui import streamed
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace import _node as node_module
from parfocal.ui.store_workspace import _stores as stores_module
from parfocal.ui.store_workspace._scan import FoundStore, Listing

FOLDERS, EACH = 100, 100


def many(folder: Path, _task: Any, put: Any, _known: object = ()) -> None:
    """10,000 stores in 100 folders, as a scan would tell them."""
    days = [f"day {number:03}" for number in range(FOLDERS)]
    put(Listing(folder, (), folders=tuple(days)))
    for day in days:
        found = tuple(FoundStore(f"cells {n:03}.ome.zarr", float(n)) for n in range(EACH))
        put(Listing(folder / day, found, time_ns=1))


def test_ten_thousand_stores_come_in_pieces_between_which_the_window_lives(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores_module, "scan", many)
    monkeypatch.setattr(streamed, "BUDGET_S", 60.0)  # a window that is never in a hurry
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    model, events = workspace.stores.model, list[str]()
    take = model.take
    running = workspace.stores._scans[desk.settings.values.data_folder]
    running._take = lambda listing: (
        events.append("rows"),
        take(desk.settings.values.data_folder, listing),
    )
    ticks = QTimer(workspace)
    ticks.timeout.connect(lambda: events.append("tick"))
    ticks.start(0)
    workspace.resize(1200, 720)
    workspace.show()
    rows_while_scanning = list[int]()
    ticks.timeout.connect(
        lambda: (
            rows_while_scanning.append(model.root.counted) if workspace.stores.scanning else None
        )
    )
    qtbot.waitUntil(lambda: not workspace.stores.scanning)
    ticks.stop()
    assert model.root.counted == FOLDERS * EACH
    assert workspace.list.status.text() == "10000 stores"
    # some were listed before the last ones came, and the window had its turn in between
    assert any(0 < count < FOLDERS * EACH for count in rows_while_scanning)
    together = max(len(run.split()) for run in " ".join(events).split("tick"))
    assert together <= streamed.MOST_WAITING + 1
    # the rows in sight are read, and nobody else's
    qtbot.waitUntil(lambda: workspace.stores.looks.read > 0)
    qtbot.waitUntil(lambda: not workspace.stores.looks.working)
    visible = workspace.list.tree.visible_stores()
    assert 0 < len(visible) < 30
    assert workspace.stores.looks.read <= 2 * (len(visible) + 3)  # the state, then the size
    looked = [node for node in model.forest.stores() if node.glimpse is not None]
    assert {node.path for node in looked} <= {*visible}


def test_ten_thousand_stores_are_filtered_and_a_chosen_one_stays_chosen(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores_module, "scan", many)
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.waitUntil(lambda: not workspace.stores.scanning)
    path = desk.settings.values.data_folder / "day 042" / "cells 007.ome.zarr"
    assert workspace.list.select(path)
    workspace.list.filter.setText("day 042")
    qtbot.waitUntil(lambda: workspace.list.status.text() == "199 of 10000 stores")
    assert workspace.list.selected() == path
    workspace.list.filter.setText("day 013")
    qtbot.waitUntil(lambda: not workspace.list.tree.currentIndex().isValid())
    assert workspace.list.selected() == path  # hidden, and still what the details show
    workspace.list.filter.clear()
    qtbot.waitUntil(lambda: workspace.list.status.text() == "10000 stores")
    assert workspace.stores.model.node(workspace.list.tree.currentIndex()).path == path


def test_three_thousand_real_folders_are_listed_and_looked_at_again_when_they_change(
    qtbot: QtBot, desk: Desk
) -> None:
    data = desk.settings.values.data_folder
    for number in range(3000):
        (data / f"{number // 100:02}" / f"{number:04}.zarr").mkdir(parents=True)
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.show()
    model = workspace.stores.model
    qtbot.waitUntil(lambda: not workspace.stores.scanning)
    assert model.root.counted == 3000
    assert len(model.forest.folders()) == 31
    (data / "07" / "new.zarr").mkdir()
    asked = list[Path]()
    scan = stores_module.scan
    workspace.stores.look_for_changes()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            stores_module, "scan", lambda folder, *more: (asked.append(folder), scan(folder, *more))
        )
        qtbot.waitUntil(lambda: model.root.counted == 3001)
    assert asked == [data / "07"]  # and not the thousands beside it


def test_a_scan_that_is_left_stops(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[int]()

    def endless(folder: Path, task: Any, put: Any, _known: object = ()) -> None:
        for number in range(1_000_000):
            put(Listing(folder, (FoundStore(f"{number}.zarr", 0.0),), last=False))
            told.append(number)

    monkeypatch.setattr(stores_module, "scan", endless)
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.waitUntil(lambda: workspace.stores.model.root.counted > 5)
    assert workspace.stores.scanning
    workspace.list.rescan_button.click()
    assert not workspace.stores.scanning
    count = workspace.stores.model.root.counted
    running = workspace.stores._tasks._unfinished
    qtbot.waitUntil(lambda: not any(task.status.name.startswith("look into") for task in running))
    assert workspace.stores.model.root.counted == count
    assert len(told) < 1_000_000


def test_a_disk_that_does_not_answer_is_said_and_keeps_nobody_waiting(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = threading.Event()
    real = stores_module.scan

    def scan(folder: Path, *more: Any) -> None:
        if folder.name == "nas":
            answers.wait(20)
        real(folder, *more)

    monkeypatch.setattr(stores_module, "scan", scan)
    monkeypatch.setattr(node_module, "SLOW_S", 0.0)
    nas = tmp_path / "nas"
    (nas / "far.zarr").mkdir(parents=True)
    (desk.settings.values.data_folder / "near.zarr").mkdir()
    desk.settings.change(store_folders=(nas,))
    workspace = StoreWorkspace(desk)
    qtbot.addWidget(workspace)
    workspace.show()
    model = workspace.stores.model
    qtbot.waitUntil(lambda: model.root.counted == 1)  # the other project is not kept waiting
    workspace.stores.look_for_changes()
    assert model.projects()[1].note == "no answer yet: is its disk connected?"
    answers.set()
    qtbot.waitUntil(lambda: model.projects()[1].note == "1 store")
