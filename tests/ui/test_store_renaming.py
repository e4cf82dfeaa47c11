"""A store is renamed off the window's thread; what knows its path follows, and Undo is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.convert import Batch, BatchItem, forget_batch
from parfocal.jobs import Database, add_job
from parfocal.store import StoreEdit, VoxelEdit, info
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.tasks import Task
from ui.store_parts import record, select

PATIENCE_MS = 30_000


@pytest.fixture
def path(desk: Desk) -> Path:
    return record(desk.settings.values.data_folder / "cells.ome.zarr")


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk, path: Path) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1240, 720)
    made.show()
    qtbot.waitExposed(made)
    select(qtbot, made, path)
    return made


def rename(qtbot: QtBot, workspace: StoreWorkspace, name: str) -> None:
    """As a person does: F2 in the list, the name, Enter."""
    workspace.row.refresh()
    workspace.activateWindow()
    workspace.list.tree.setFocus()
    qtbot.waitUntil(workspace.list.tree.hasFocus)
    qtbot.keyClick(workspace.list.tree, Qt.Key.Key_F2)
    dialog = workspace.deeds.renaming.dialog
    assert dialog is not None
    assert dialog.go is not None
    assert not dialog.go.isEnabled()  # it has that name
    dialog.name.setText(name)
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert workspace.deeds.renaming.dialog is None


def said(desk: Desk) -> str:
    return desk.toasts.history[-1].text if desk.toasts.history else ""


def test_everything_that_knows_the_store_follows_and_undo_takes_it_back(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path
) -> None:
    desk.settings.add_recent(path)
    edit = StoreEdit(voxel=VoxelEdit((2.0, 0.6, 0.6), "measured"))
    workspace.edits.apply(path, edit, "voxel")
    qtbot.waitUntil(workspace.edits.can_undo)
    viewer = desk.viewers.open_store(path)
    assert viewer is not None
    qtbot.waitUntil(lambda: viewer.status().state == "ready", timeout=PATIENCE_MS)
    rename(qtbot, workspace, "drug response 2")
    new = path.with_name("drug response 2.ome.zarr")
    qtbot.waitUntil(lambda: workspace.list.selected() == new, timeout=PATIENCE_MS)
    assert not path.exists()
    assert said(desk) == "cells.ome.zarr is named drug response 2.ome.zarr now."
    assert desk.settings.values.recent_files == (new,)
    qtbot.waitUntil(lambda: viewer.status().store == new, timeout=PATIENCE_MS)
    assert [row.opening.store for row in desk.viewers.rows()] == [new]
    assert desk.viewers.open_store(new) is viewer  # it shows it already
    workspace.edits.undo()
    qtbot.waitUntil(workspace.edits.can_redo, timeout=PATIENCE_MS)
    assert info(new).voxel_size_um == (2.0, 0.5, 0.5)
    (undo,) = (button for button in desk.toasts.history[-1].buttons if button[0] == "Undo")
    undo[1]()
    qtbot.waitUntil(lambda: workspace.list.selected() == path, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: viewer.status().store == path, timeout=PATIENCE_MS)
    assert not new.exists()
    assert desk.settings.values.recent_files == (path,)
    desk.viewers.close_all()


def strip_goes_on(database: Database, made: Path) -> None:
    """Its store was made, and its raw data lie in the trash."""
    with database.change() as sql:
        sql.execute("INSERT INTO strip VALUES ('b/1/c/1', 'b', 1, 'c', 1, '/r', '', '/c', 1, 0)")
        sql.execute(
            "INSERT INTO artifact VALUES ('b/1/c/1', 1, 'store', ?, 1, 1, '{}', 0)", (str(made),)
        )
        sql.execute(
            "INSERT INTO job (key, strip, generation, kind, lane, state, created, changed) "
            "VALUES ('purge b', 'b/1/c/1', 1, 'purge', 'light', 'ready', 0, 0)"
        )


def test_a_store_that_something_works_with_keeps_its_name(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path
) -> None:
    renaming, row = workspace.deeds.renaming, workspace.row
    taken = path.with_name("taken.ome.zarr")
    shutil.copytree(path, taken)
    renaming.rename(path, "taken")
    qtbot.waitUntil(lambda: "taken.ome.zarr exists already" in said(desk))

    batch = Batch.create([BatchItem(path, path.with_name("other.ome.zarr"), "migrate")])
    renaming.rename(path, "new")
    qtbot.waitUntil(lambda: "is being converted" in said(desk))
    forget_batch(batch)

    database = Database(desk.queue.path)
    add_job(database, "pyramid", {"store": str(path)}, "pyramid of it")
    renaming.rename(path, "new")
    qtbot.waitUntil(lambda: "A job of the queue needs" in said(desk))
    with database.change() as sql:
        sql.execute("UPDATE job SET state = 'done'")
    strip_goes_on(database, taken)
    renaming.rename(taken, "new")
    qtbot.waitUntil(lambda: f"A job of the queue needs {taken}" in said(desk))
    with database.change() as sql:
        sql.execute("UPDATE job SET state = 'done'")
    database.close()

    def wait(task: Task) -> None:
        task.cancelled.wait(60)

    task = desk.tasks.start("Check cells", wait, about=path)
    row.refresh()
    assert not row.rename_action.isEnabled()
    assert row.rename_action.toolTip() == "“Check cells” works with it: wait for its end."
    assert renaming.rename(path, "new") is None
    task.cancel()
    qtbot.waitUntil(lambda: not desk.tasks.works_on(path))
    row.refresh()
    assert row.rename_action.isEnabled()
    assert path.is_dir()
