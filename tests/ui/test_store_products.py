"""Store makes levels and exports in the background, asks first, and says what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec, check, info
from parfocal.ui import product_work
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._export_dialog import ExportDialog
from parfocal.ui.tasks import TaskState
from ui.store_parts import select


@pytest.fixture
def path(desk: Desk) -> Path:
    planned = [(t, 0, 0, z) for t in range(2) for z in range(3)]
    spec = RecordingSpec(
        name="cells",
        fields=[FieldInfo("middle")],
        channels=[ChannelInfo("DAPI")],
        planned=planned,
        due_s=[0.0] * len(planned),
        plane_shape=(500, 500),
        dtype="uint16",
    )
    made = desk.settings.values.data_folder / "cells.ome.zarr"
    recording = Recording.create(made, spec)
    for number, index in enumerate(planned):
        recording.put(index, np.full((500, 500), number, "uint16"))
    recording.close()
    return made


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk, path: Path) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.show()
    select(qtbot, made, path)
    return made


def said(desk: Desk) -> str:
    return desk.toasts.history[-1].text if desk.toasts.history else ""


def asked(qtbot: QtBot, workspace: StoreWorkspace) -> ExportDialog:
    qtbot.mouseClick(workspace.row.export_button, Qt.MouseButton.LeftButton)
    dialog = workspace.products.dialog
    assert dialog is not None
    return dialog


def test_levels_are_made_and_shown(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path
) -> None:
    workspace.row.pyramid_action.trigger()
    qtbot.waitUntil(lambda: "has 2 resolution levels now" in said(desk))
    qtbot.waitUntil(lambda: workspace.details.fact("Pixels") == "uint16, 2 resolution levels")
    assert desk.tasks.listed()[0].message == "2 resolution levels"
    assert check(path, deep=True).findings == ()
    assert desk.actions.trigger("store.pyramid")
    qtbot.waitUntil(lambda: "has all its resolution levels already" in said(desk))


def test_an_export_is_asked_for_made_and_told(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path
) -> None:
    dialog = asked(qtbot, workspace)
    assert dialog.path.text() == str(path.with_name("cells-max-z.ome.tif"))
    dialog.kind.setCurrentIndex(1)
    assert dialog.path.text() == str(path.with_name("cells-max-z.ome.zarr"))
    dialog.what.setCurrentIndex(dialog.what.findText("Every plane"))
    assert dialog.path.text() == str(path.with_name("cells-all.ome.zarr"))
    assert dialog.go.isEnabled()
    qtbot.keyClick(dialog.path, Qt.Key.Key_Return)  # and not Cancel
    made = path.with_name("cells-all.ome.zarr")
    qtbot.waitUntil(lambda: "cells-all.ome.zarr holds 6 planes" in said(desk))
    assert info(made).acquired == 6
    assert workspace.products.dialog is None
    qtbot.waitUntil(lambda: workspace.stores.model.find(made) is not None)


def test_what_would_be_refused_is_said_beforehand(
    qtbot: QtBot, workspace: StoreWorkspace, path: Path
) -> None:
    path.with_name("cells-max-z.ome.tif").write_text("old")
    dialog = asked(qtbot, workspace)
    assert "exists already" in dialog.problem.text()
    assert not dialog.go.isEnabled()
    dialog.replace.setChecked(True)
    assert dialog.go.isEnabled()
    assert dialog.wish().overwrite
    dialog.path.clear()
    qtbot.keyClicks(dialog.path, str(path.parent / "nowhere" / "a.ome.tif"))
    assert "There is no folder" in dialog.problem.text()
    dialog.path.clear()
    qtbot.keyClicks(dialog.path, str(path.parent / "mine.ome.zarr"))
    assert (dialog.kind.currentIndex(), dialog.problem.text()) == (1, "")
    dialog.kind.setCurrentIndex(0)  # a typed name stays, with the other ending
    assert dialog.path.text() == str(path.parent / "mine.ome.tif")
    dialog.reject()


def test_a_cancelled_export_ends_within_a_second_and_leaves_nothing(
    qtbot: QtBot,
    desk: Desk,
    workspace: StoreWorkspace,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = product_work.ExportWish(path.with_name("all.ome.tif"), None)
    write = product_work.export

    def slowly(*words: object, progress: object = None, **more: object) -> object:
        def show(done: float, message: str) -> None:
            more["cancelled"].wait(5)  # type: ignore[attr-defined]
            progress(done, message)  # type: ignore[operator]

        return write(*words, progress=show, **more)

    monkeypatch.setattr(product_work, "export", slowly)
    task = workspace.products.export(path, wish)
    qtbot.waitUntil(lambda: task.status.state is TaskState.RUNNING)
    desk.tasks.cancel(task.status.number)
    qtbot.waitUntil(lambda: task.status.state is TaskState.CANCELLED, timeout=1000)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_nothing_is_written_into_the_stores_of_others(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, path: Path
) -> None:
    import shutil

    theirs = Path(shutil.copytree(path, path.with_name("theirs.ome.zarr")))
    shutil.rmtree(theirs / "parfocal")
    workspace.stores.rescan()
    select(qtbot, workspace, theirs)
    assert not workspace.row.pyramid_action.isEnabled()
    assert workspace.row.export_button.isEnabled()
    desk.actions.refresh()
    assert not desk.actions.trigger("store.pyramid")
