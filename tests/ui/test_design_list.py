"""The list of items: what is added, moved, renamed or deleted is one step back each."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QModelIndex, QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal.plan import Hold, Phase, Wait, demo_experiment
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown

NOWHERE = QModelIndex()


def rows(design: DesignWorkspace) -> list[str]:
    model = design.items.model
    return [str(model.data(model.index(row))) for row in range(model.rowCount())]


def test_waits_and_holds_stand_in_words_behind_the_chosen_item(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    design.items.add("hold")
    assert rows(design) == [
        "1  living sample",
        "2  wait 1 min",
        "3  hold: go on when you are ready",
    ]
    design.items.choose(0)
    design.items.add("phase")
    assert rows(design)[1] == "2  phase"
    assert design.items.current == 1
    assert items(design)[1].sequence == items(design)[0].sequence, "a copy is quicker to change"


def test_every_change_of_the_list_is_one_step_back(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    before = design.document.experiment
    for change in (
        lambda: design.items.add("wait"),
        design.items.duplicate,
        lambda: design.items.add("hold"),
        design.items.move_up,
        design.items.remove,
        lambda: design.items.model.setData(design.items.model.index(0), "new name"),
    ):
        here = design.document.experiment
        change()
        after = design.document.experiment
        assert after != here
        assert desk.actions.trigger("edit.undo")
        assert design.document.experiment == here
        assert desk.actions.trigger("edit.redo")
        assert design.document.experiment == after
    for _ in range(6):
        desk.actions.trigger("edit.undo")
    assert design.document.experiment == before
    assert not design.document.unsaved


def test_a_dropped_row_moves_there_and_stays_chosen(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    design.items.add("hold")
    hold = items(design)[2]
    # what Qt's view calls when a row is dropped before the first one
    assert design.items.model.moveRows(NOWHERE, 2, 1, NOWHERE, 0)
    assert items(design)[0] == hold
    assert design.items.current == 0
    assert not design.items.model.moveRows(NOWHERE, 0, 1, NOWHERE, 1), "onto itself is no move"
    assert design.items.model.moveRows(NOWHERE, 0, 1, NOWHERE, 3)
    assert items(design)[2] == hold


def test_there_is_no_line_between_two_rows_where_a_drop_goes_elsewhere(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    design.items.add("hold")
    view = design.items.view
    end = view.visualRect(design.items.model.index(2)).bottom()
    assert all(view.indexAt(QPoint(20, y)).isValid() for y in range(end))


def test_a_new_phase_is_renamed_at_once_and_a_long_name_moves_nothing(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    design.title.setFocus()
    least = design.minimumSizeHint().width()
    design.items.add("phase")
    assert design.items.view.hasFocus()
    assert design.items.model.setData(design.items.model.index(1), "a long name " * 20)
    QApplication.processEvents()
    assert items(design)[1].name == ("a long name " * 20).strip()
    assert design.minimumSizeHint().width() == least


def test_a_row_is_dropped_between_others_and_never_onto_one(qtbot: QtBot, desk: Desk) -> None:
    model = shown(qtbot, desk).items.model
    flag = Qt.ItemFlag
    assert model.flags(NOWHERE) & flag.ItemIsDropEnabled
    assert not model.flags(model.index(0)) & flag.ItemIsDropEnabled
    assert model.flags(model.index(0)) & flag.ItemIsDragEnabled


@pytest.mark.parametrize(
    ("kind", "text", "item"),
    [
        ("wait", "5 min", Wait(seconds=300)),
        ("wait", "00:00:07", Wait(seconds=7)),
        ("hold", "add the drug", Hold(message="add the drug")),
    ],
)
def test_a_wait_and_a_hold_are_changed_in_their_row(
    qtbot: QtBot, desk: Desk, kind: str, text: str, item: object
) -> None:
    design = shown(qtbot, desk)
    design.items.add(kind)
    assert design.items.model.setData(design.items.model.index(1), text)
    assert items(design)[1] == item


def test_what_is_no_name_or_duration_leaves_the_item_as_it_was(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    before = design.document.experiment
    assert not design.items.model.setData(design.items.model.index(1), "soon")
    assert not design.items.model.setData(design.items.model.index(0), "  ")
    assert design.document.experiment is before


def test_the_last_phase_stays_and_that_is_said(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    assert not design.items.buttons["remove"].isEnabled()
    design.items.remove()
    assert design.document.experiment == demo_experiment()
    assert "only phase" in desk.toasts.history[-1].text


def test_the_keys_of_the_list_do_what_its_buttons_do(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    view = design.items.view
    view.setFocus()
    key, no = Qt.Key, Qt.KeyboardModifier.NoModifier
    alt, ctrl = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(view, key.Key_W, ctrl | alt)
    assert isinstance(items(design)[1], Wait)
    qtbot.keyClick(view, key.Key_Up, alt)
    assert isinstance(items(design)[0], Wait)
    qtbot.keyClick(view, key.Key_Down, alt)
    assert isinstance(items(design)[0], Phase)
    qtbot.keyClick(view, key.Key_D, ctrl)
    assert len(items(design)) == 3
    qtbot.keyClick(view, key.Key_Delete, no)
    qtbot.keyClick(view, key.Key_Delete, no)
    assert items(design) == demo_experiment().items
    qtbot.keyClick(view, key.Key_F2, no)
    editor = view.indexWidget(view.currentIndex()) or view.findChild(type(design.title))
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "baseline")
    qtbot.keyClick(editor, key.Key_Return)
    settled(qtbot, lambda: items(design)[0].name == "baseline")  # Qt commits a turn later


def test_undo_shows_the_item_that_it_changed(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    design.items.add("hold")
    design.wait_page.edited.emit(Hold(message="x"))  # of the chosen one
    design.items.choose(0)
    desk.actions.trigger("edit.undo")
    assert design.items.current == 2


def test_an_edit_under_way_goes_to_the_item_where_it_was_made(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.duplicate()
    channels = design.editor.tables.channels
    column = channels.table().indexOf(channels.EXPOSURE)
    channels.table().cellWidget(0, column).setValue(77)
    design.items.choose(0)  # within the 20 ms in which the tables settle
    first, second = (item.sequence.channels[0].exposure for item in items(design))
    assert (first, second) == (10, 77)
    assert design.items.current == 0
    assert channels.value()[0].exposure == 10
