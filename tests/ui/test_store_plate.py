"""A plate is seen well by well; wells are chosen by mouse and keyboard and shown in a viewer."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from parfocal.store import ChannelInfo, FieldInfo
from parfocal.ui._viewer_row import Opening
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._fields_dialog import FieldsDialog
from parfocal.ui.store_workspace._plate_model import FILL_ROLE, PICTURE_ROLE, WELL_ROLE
from ui.store_parts import plate, record, select

TIP = Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1240, 720)
    made.show()
    return made


def small(desk: Desk) -> Path:
    """B3 has two fields, of which the second was lost; C11 one."""
    wells = ("B/3", "B/3", "C/11")
    planned = [(0, p, 0, z) for p in range(3) for z in range(2)]
    return record(
        desk.settings.values.data_folder / "small.ome.zarr",
        planes=3,
        fields=[FieldInfo(f"field {n}", well=well) for n, well in enumerate(wells)],
        channels=[ChannelInfo("DAPI")],
        planned=planned,
        due_s=[0.0] * len(planned),
        plate=(8, 12),
    )


def well(workspace: StoreWorkspace, name: str) -> QModelIndex:
    model = workspace.details.overview.plate.view.plate
    row, column = name.split("/")
    return model.index(model.plate.rows.index(row), model.plate.columns.index(column))


def test_wells_say_how_full_they_are_and_what_is_in_them(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace
) -> None:
    select(qtbot, workspace, small(desk))
    page = workspace.details.overview.plate
    assert page.isVisible()
    assert page.words.text() == (
        "2 of 96 wells were imaged. A mark in the corner: planes are missing."
    )
    assert well(workspace, "B/3").data(FILL_ROLE) == 0.75
    assert well(workspace, "C/11").data(FILL_ROLE) == 0.0
    assert well(workspace, "A/1").data(FILL_ROLE) == -1.0
    assert well(workspace, "B/3").data(TIP) == "B03: 2 fields, 3 of 4 planes\nfield 0, field 1"
    assert well(workspace, "A/1").data(TIP) == "A01: not imaged"
    qtbot.waitUntil(lambda: well(workspace, "B/3").data(PICTURE_ROLE) is not None)
    assert well(workspace, "C/11").data(PICTURE_ROLE) is None


def test_the_fields_of_the_current_well_are_shown_below(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace
) -> None:
    select(qtbot, workspace, small(desk))
    page = workspace.details.overview.plate
    page.view.setCurrentIndex(well(workspace, "B/3"))
    qtbot.waitUntil(lambda: "B03 · field 0" in page.fields.accessibleName())
    page.view.setCurrentIndex(well(workspace, "A/1"))
    assert page.fields._instead == "This well was not imaged"


def test_wells_are_chosen_with_the_keyboard_and_their_fields_go_to_a_viewer(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Opening] = []
    monkeypatch.setattr(desk.viewers, "_open", opened.append)
    select(qtbot, workspace, plate(desk.settings.values.data_folder / "plate.ome.zarr"))
    view = workspace.details.overview.plate.view
    view.setFocus()
    view.setCurrentIndex(well(workspace, "A/1"))
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().data(WELL_ROLE) == "B/2"
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.fields() == (13, 14)
    words = workspace.details.overview.plate.words
    assert words.text() == "2 wells with 2 fields chosen: Enter asks for a viewer."
    QTest.keyClick(view, Qt.Key.Key_Return)
    (dialog,) = workspace.findChildren(FieldsDialog)
    assert dialog.wish().fields == (13, 14)
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    (opening,) = opened
    assert opening.fields == (13, 14)


def test_a_plate_of_384_wells_fits_and_its_pictures_come_while_it_is_used(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace
) -> None:
    path = plate(desk.settings.values.data_folder / "large.ome.zarr", 16, 24)
    select(qtbot, workspace, path)
    page = workspace.details.overview.plate
    model, view = page.view.plate, page.view
    assert (model.rowCount(), model.columnCount()) == (16, 24)
    qtbot.waitUntil(lambda: well(workspace, "A/1").data(PICTURE_ROLE) is not None)
    came_before = page._wells.working
    view.selectRow(2)
    view.setSelectionMode(view.SelectionMode.MultiSelection)
    view.selectColumn(0)
    assert len(view.fields()) == 24 + 15
    qtbot.waitUntil(lambda: not page._wells.working, timeout=20_000)
    assert came_before  # the first was there before the last
    filled = [
        model.index(row, column).data(PICTURE_ROLE) is not None
        for row in range(16)
        for column in range(24)
    ]
    assert all(filled)
    across, down = view.horizontalHeader(), view.verticalHeader()
    assert across is not None
    assert down is not None
    assert across.length() + down.width() <= view.width()
    selection = view.selectionModel()
    assert selection is not None
    selection.clearSelection()
    selection.select(well(workspace, "P/24"), QItemSelectionModel.SelectionFlag.Select)
    assert view.fields() == (383,)


def test_a_store_with_one_well_shows_its_fields_and_no_plate(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace
) -> None:
    select(qtbot, workspace, record(desk.settings.values.data_folder / "one.ome.zarr"))
    assert not workspace.details.overview.plate.isVisible()
    assert workspace.details.overview.chosen_fields == ()
