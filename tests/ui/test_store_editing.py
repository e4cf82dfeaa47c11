"""What may be changed in a store is changed from its details, and taken back with Undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from parfocal.store import StageAxisMap, check, info, read_provenance, read_store_metadata
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace import _edits as edits_module
from parfocal.ui.store_workspace._channel_table import COLOR, HIGH, LOW, NAME
from ui.store_parts import record, select


@pytest.fixture
def store(desk: Desk) -> Path:
    return record(desk.settings.values.data_folder / "cells.ome.zarr")


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk, store: Path) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1240, 720)
    made.show()
    select(qtbot, made, store)
    made.details.tabs.setCurrentWidget(made.details.metadata)
    return made


def settled(qtbot: QtBot, workspace: StoreWorkspace) -> None:
    """The change is written, and the store was read again."""
    qtbot.waitUntil(lambda: not workspace.edits.busy)
    qtbot.waitUntil(lambda: not workspace.stores._entry.working)
    qtbot.wait(20)


def test_a_channel_is_renamed_undone_and_redone(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, store: Path
) -> None:
    channels = workspace.details.metadata.channels
    item = channels.item(0, NAME)
    assert item is not None
    item.setText("Hoechst")
    settled(qtbot, workspace)
    assert info(store).channels == ("Hoechst", "FITC")
    assert "Hoechst" in workspace.details.fact("Channels")
    assert workspace.details.metadata.undo_button.toolTip() == "Undo: channel name"
    assert desk.actions.action("edit.undo").text() == "&Undo: channel name"
    workspace.hide()
    assert desk.actions.action("edit.undo").text() == "&Undo"
    workspace.show()
    assert desk.actions.trigger("edit.undo")
    settled(qtbot, workspace)
    assert info(store).channels == ("DAPI", "FITC")
    assert not desk.actions.trigger("edit.undo")
    assert desk.actions.trigger("edit.redo")
    settled(qtbot, workspace)
    assert info(store).channels == ("Hoechst", "FITC")
    assert [one.action for one in read_provenance(store)][-3:] == ["edit"] * 3
    assert check(store).findings == ()


def test_colour_and_contrast_are_changed_and_seen_in_the_tree(
    qtbot: QtBot, workspace: StoreWorkspace, store: Path
) -> None:
    channels = workspace.details.metadata.channels
    channels.choose_color(1, QColor("#FF8000"))
    settled(qtbot, workspace)
    swatch = channels.item(1, COLOR)
    assert swatch is not None
    assert swatch.text() == "#FF8000"
    assert "#ff8000" in workspace.details.fact("Channels")
    for column, text in ((LOW, "10"), (HIGH, "250,5")):
        cell = channels.item(0, column)
        assert cell is not None
        cell.setText(text)
        settled(qtbot, workspace)
    entry = workspace.deeds.entry
    assert entry is not None
    assert entry.windows[0] == (10.0, 250.5)
    low = channels.item(0, LOW)
    assert low is not None
    low.setText("many")  # no number: as it was
    low = channels.item(0, LOW)
    assert low is not None
    assert low.text() == "10"


def test_the_voxel_size_needs_a_reason_and_says_that_a_person_gave_it(
    qtbot: QtBot, workspace: StoreWorkspace, store: Path
) -> None:
    form = workspace.details.metadata.voxel
    form.sizes["x"].setValue(0.52)
    assert not form.apply_button.isEnabled()
    assert "Say why" in form.apply_button.toolTip()
    form.reason.setText("the stage micrometer")
    form.apply_button.click()
    settled(qtbot, workspace)
    assert info(store).voxel_size_um == (2.0, 0.5, 0.52)
    assert workspace.details.fact("from") == "a correction by hand"
    assert "the stage micrometer" in workspace.details.fact("Note")
    workspace.details.metadata.undo_button.click()
    settled(qtbot, workspace)
    assert info(store).voxel_size_um == (2.0, 0.5, 0.5)
    assert form.sizes["x"].value() == 0.5


def test_fields_are_renamed_and_the_stage_map_is_kept(
    qtbot: QtBot, workspace: StoreWorkspace, store: Path
) -> None:
    tab = workspace.details.metadata
    item = tab.fields.item(1, 1)
    assert item is not None
    item.setText("control")
    settled(qtbot, workspace)
    assert info(store).fields == ("left", "control")
    y = tab.stage.choices["y"]
    y.setCurrentIndex(y.findData("+x"))
    y.activated.emit(y.currentIndex())
    assert "can be named once" in tab.stage.problem.text()
    y.setCurrentIndex(y.findData("-y"))
    y.activated.emit(y.currentIndex())
    settled(qtbot, workspace)
    assert read_store_metadata(store).spatial_calibration == StageAxisMap("+z", "-y", "+x")


def test_a_refusal_is_told_and_the_form_shows_what_is_so(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, store: Path
) -> None:
    channels = workspace.details.metadata.channels
    item = channels.item(0, NAME)
    assert item is not None
    item.setText("FITC")
    settled(qtbot, workspace)
    assert "two channels of the name 'FITC'" in desk.toasts.history[-1].text
    item = channels.item(0, NAME)
    assert item is not None
    assert item.text() == "DAPI"
    assert info(store).channels == ("DAPI", "FITC")
    assert not workspace.edits.can_undo()


def test_nothing_else_can_be_changed_while_a_change_is_written(
    qtbot: QtBot, workspace: StoreWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    going_on, edit = threading.Event(), edits_module.edit_store

    def slowly(*words: object) -> object:
        going_on.wait(10)
        return edit(*words)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(edits_module, "edit_store", slowly)
    tab = workspace.details.metadata
    item = tab.fields.item(0, 1)
    assert item is not None
    item.setText("first")
    assert not tab.fields.isEnabled()
    assert not tab.undo_button.isEnabled()
    going_on.set()
    settled(qtbot, workspace)
    assert tab.fields.isEnabled()
    assert tab.undo_button.isEnabled()


def test_steps_belong_to_the_store_that_is_shown(
    qtbot: QtBot, desk: Desk, workspace: StoreWorkspace, store: Path
) -> None:
    other = record(store.with_name("other.ome.zarr"))
    workspace.stores.rescan()
    item = workspace.details.metadata.channels.item(0, NAME)
    assert item is not None
    item.setText("Hoechst")
    settled(qtbot, workspace)
    select(qtbot, workspace, other)
    assert not desk.actions.trigger("edit.undo")
    select(qtbot, workspace, store)
    workspace.hide()
    assert not desk.actions.trigger("edit.undo")  # it belongs to another workspace then
    workspace.show()
    assert desk.actions.trigger("edit.undo")
    settled(qtbot, workspace)
    assert info(store).channels == ("DAPI", "FITC")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ('{"attributes": {"ome": {"version": "0.5"}}}', "its metadata cannot be read"),
    ],
)
def test_stores_of_others_cannot_be_edited_and_it_says_why(
    qtbot: QtBot, workspace: StoreWorkspace, store: Path, document: str, why: str
) -> None:
    import shutil

    theirs = Path(shutil.copytree(store, store.with_name("theirs.ome.zarr")))
    shutil.rmtree(theirs / "parfocal")
    broken = store.with_name("broken.ome.zarr")
    broken.mkdir()
    (broken / "zarr.json").write_text(document)
    workspace.stores.rescan()
    tab = workspace.details.metadata
    select(qtbot, workspace, theirs)
    assert not tab.channels.isEnabled()
    assert tab.note.text() == (
        "Nothing can be changed here: it was not made by Parfocal: ingest it first."
    )
    select(qtbot, workspace, broken)
    assert why in tab.note.text()
