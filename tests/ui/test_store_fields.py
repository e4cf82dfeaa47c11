"""Store shows chosen fields in the viewer that a person picks."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from parfocal.ui._viewer_row import Opening
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._fields_dialog import FieldsDialog, FieldsWish
from ui.store_parts import select


class Shown:
    """A viewer that remembers what it was asked."""

    title = "open already"

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def request(self, op: str, **values: Any) -> Future[dict[str, Any]]:
        self.asked.append((op, values))
        return Future()

    def status(self) -> Any:
        return SimpleNamespace(state="ready", problem="", store=None, kept=False, queued=0)

    def close(self, _timeout: float = 0) -> None:
        pass


@pytest.fixture
def store(desk: Desk) -> Path:
    wells = ("B/3", "B/3", "C/11")
    planned = [(0, p, 0, 0) for p in range(3)]
    spec = RecordingSpec(
        name="plate",
        fields=[FieldInfo(f"field {n}", well=well) for n, well in enumerate(wells)],
        channels=[ChannelInfo("DAPI")],
        planned=planned,
        due_s=[0.0] * 3,
        plane_shape=(64, 64),
        dtype="uint16",
        plate=(8, 12),
    )
    made = desk.settings.values.data_folder / "plate.ome.zarr"
    recording = Recording.create(made, spec)
    for index in planned:
        recording.put(index, np.full((64, 64), index[1], "uint16"))
    recording.close()
    return made


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk, store: Path) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.show()
    select(qtbot, made, store)
    return made


def dialog_of(qtbot: QtBot, workspace: StoreWorkspace) -> FieldsDialog:
    qtbot.mouseClick(workspace.row.fields_button, Qt.MouseButton.LeftButton)
    (dialog,) = workspace.findChildren(FieldsDialog)
    return dialog


def names(dialog: FieldsDialog) -> list[str]:
    items = (dialog.list.item(row) for row in range(dialog.list.count()))
    return [item.text() for item in items if item is not None and not item.isHidden()]


def test_fields_are_found_by_well_and_name_and_chosen_with_the_keyboard(
    qtbot: QtBot, workspace: StoreWorkspace
) -> None:
    dialog = dialog_of(qtbot, workspace)
    assert names(dialog) == ["B03 · field 0", "B03 · field 1", "C11 · field 2"]
    assert not dialog.go.isEnabled()
    QTest.keyClicks(dialog.filter, "b3")
    assert names(dialog) == ["B03 · field 0", "B03 · field 1"]
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert dialog.wish() == FieldsWish((0, 1), None, False)
    assert dialog.chosen.text() == "2 fields are chosen"
    assert not dialog.keep.isEnabled()  # beside nothing
    dialog.reject()


def test_the_viewer_that_was_picked_is_asked_to_show_them(
    qtbot: QtBot, workspace: StoreWorkspace, desk: Desk, store: Path
) -> None:
    viewer: Any = Shown()
    desk.viewers.add(viewer, Opening("open already", store))
    dialog = dialog_of(qtbot, workspace)
    third = dialog.list.item(2)
    assert third is not None
    third.setSelected(True)
    dialog.viewer.setCurrentIndex(1)
    dialog.keep.setChecked(True)
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    asked = {"store": str(store), "fields": [2], "keep": True}
    assert viewer.asked[-1] == ("show", asked)
    desk.viewers.close_all(0.1)


def test_a_viewer_of_their_own_is_opened_with_them_only(
    qtbot: QtBot, workspace: StoreWorkspace, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Opening] = []
    monkeypatch.setattr(desk.viewers, "_open", opened.append)
    dialog = dialog_of(qtbot, workspace)
    second = dialog.list.item(1)
    assert second is not None
    second.setSelected(True)
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    (opening,) = opened
    assert (opening.title, opening.fields) == ("plate.ome.zarr · field 2", (1,))
