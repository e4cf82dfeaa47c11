"""The forms of a phase, a wait and a hold: each field is an edit of the plan, told in words."""

from __future__ import annotations

import pytest
import useq
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.plan import Hold, Reference, Stimulation, TimeRange, Wait
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._item_words import clock, duration_from, duration_in_words
from parfocal.ui.design_workspace._power_form import batches_in_words
from parfocal.ui.design_workspace._timepoints_text import (
    timepoints_from,
    timepoints_in_words,
    timepoints_text,
)
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown


def phase(design: DesignWorkspace):  # type: ignore[no-untyped-def] # a Phase
    return items(design)[0]


def typed(qtbot: QtBot, field, text: str) -> None:  # type: ignore[no-untyped-def] # a line
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_stimulation_is_ticked_typed_and_said_in_a_line(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    page, fold = design.phase_page, design.phase_page.folds["stimulate"]
    assert fold.summary.text() == "no light is given"
    fold.tick.click()
    assert phase(design).stimulate == Stimulation(exposure=50)
    assert page.light.isVisible()
    typed(qtbot, page.light.timepoints, "every 5 from 2")
    typed(qtbot, page.light.exposure, "10, 20")
    page.light.mode.setCurrentIndex(1)
    page.light.mode.activated.emit(1)
    page.light.stimulator.setEditText("half-cell")
    page.light.power.setValue(12)
    page.light.on_late.setCurrentIndex(1)
    page.light.on_late.activated.emit(1)
    assert phase(design).stimulate == Stimulation(
        timepoints=TimeRange(start=2, step=5),
        exposure=(10, 20),
        mode="previous",
        stimulator="half-cell",
        power=12,
        on_late="skip",
    )
    assert "every 5th timepoint from 2 · 10, 20 ms · half-cell · power 12" in fold.summary.text()
    fold.tick.click()
    assert phase(design).stimulate is None
    fold.tick.click()
    assert phase(design).stimulate.exposure == (10, 20), "a tick brings back what it took away"


def test_a_text_that_makes_no_sense_is_told_and_not_taken(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    light = design.phase_page.light
    design.phase_page.folds["stimulate"].tick.click()
    before = design.document.experiment
    typed(qtbot, light.timepoints, "now and then")
    assert "names no timepoints" in light.complaint.text()
    assert light.complaint.isVisible()
    assert design.document.experiment is before
    typed(qtbot, light.exposure, "-3")
    assert "above zero" in light.complaint.text()
    light.exposure.editingFinished.emit()
    assert light.exposure.text() == "50"
    assert not light.complaint.isVisible()


def test_a_reference_is_edited_in_pymmcore_widgets_own_table(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    settled(qtbot, lambda: bool(design.phase_page._groups))
    page = design.phase_page
    page.folds["reference"].tick.click()
    first = phase(design).reference
    assert first.timepoints == (-1,)
    assert first.channels[0].config not in ("DAPI", "FITC"), "one that is not imaged anyway"
    column = page.reference.channels.table().indexOf(page.reference.channels.EXPOSURE)
    page.reference.channels.table().cellWidget(0, column).setValue(35)
    assert phase(design).reference.channels[0].exposure == 35
    typed(qtbot, page.reference.timepoints, "0, -1")
    assert phase(design).reference.timepoints == (0, -1)
    assert "at timepoints 0, -1" in page.folds["reference"].summary.text()
    design.document.stack.undo()
    design.document.stack.undo()
    assert page.reference.channels.value()[0].exposure != 35


def test_the_power_of_each_channel_is_set_or_left_alone(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    page = design.phase_page
    page.open("power")
    assert list(page.power.boxes) == ["DAPI", "FITC"]
    assert page.power.boxes["DAPI"].text() == "as it is set"
    page.power.boxes["FITC"].setValue(20)
    assert phase(design).power == {"FITC": 20}
    assert page.folds["power"].summary.text() == "FITC 20"
    page.power.boxes["FITC"].setValue(page.power.boxes["FITC"].minimum())
    assert phase(design).power == {}


def test_batches_say_what_they_come_to(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    fold = design.phase_page.folds["batches"]
    settled(qtbot, lambda: design.outlook.preview is not None)
    fold.tick.click()
    design.phase_page.batches.seconds.setValue(1.0)
    assert phase(design).seconds_per_field == 1.0
    settled(qtbot, lambda: "2 fields in 2 batches of 1 + 1" in fold.summary.text())
    assert batches_in_words(2, 31, 60) == "2 s a field: 31 fields in 2 batches of 30 + 1"
    fold.tick.click()
    assert phase(design).seconds_per_field is None


def test_at_most_one_form_is_open(qtbot: QtBot, desk: Desk) -> None:
    page = shown(qtbot, desk).phase_page
    for name in page.folds:
        page.open(name)
        assert [key for key, fold in page.folds.items() if fold.form.isVisible()] == [name]


def test_a_wait_is_typed_as_a_time(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    box = design.wait_page.duration
    assert box.text() == "00:01:00"
    for text, seconds in (("5 min", 300), ("90", 90), ("1:00:00", 3600), ("0:00:02.5", 2.5)):
        typed(qtbot, box, text)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert items(design)[1] == Wait(seconds=seconds)
    typed(qtbot, box, "soon")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert items(design)[1] == Wait(seconds=2.5)


def test_a_hold_says_what_is_typed_as_one_step(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("hold")
    steps = design.document.stack.count()
    design.hold_page.focus()
    qtbot.keyClicks(design.hold_page.message, "add 10 ul")
    assert items(design)[1] == Hold(message="add 10 ul")
    assert design.document.stack.count() == steps + 1
    assert design.items.model.data(design.items.model.index(1)) == "2  hold: add 10 ul"


def test_ctrl_z_takes_the_edit_back_where_the_keyboard_is_in_a_field(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    before = design.document.experiment
    typed(qtbot, design.title, "night")
    assert design.document.experiment.name == "night"
    for count in (2, 1):  # the name, then the wait, which is not the field's own
        assert len(items(design)) == 2
        qtbot.keyClick(design.title, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert design.document.stack.index() == count - 1
        assert (design.document.experiment == before) == (count == 2)
    assert len(items(design)) == 1


def test_storage_trouble_and_pause_are_part_of_the_plan(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    options = design.summary.options
    for box, value in (
        (options.codec, "zstd"),
        (options.action, "retry"),
        (options.policy, "shift"),
    ):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    options.pyramid.setChecked(False)
    options.deadline.setValue(12)
    options.retries.setValue(4)
    experiment = design.document.experiment
    assert (experiment.storage.codec, experiment.storage.pyramid) == ("zstd", False)
    trouble = experiment.on_trouble
    assert (trouble.action, trouble.deadline, trouble.retries) == ("retry", 12, 4)
    assert experiment.policy == "shift"
    words = design.summary.options_fold.summary.text()
    assert words == "zstd · no pyramid · retries after 12 s · a pause shifts"
    for _ in range(6):
        design.document.stack.undo()
    assert design.summary.options.codec.currentData() == "lz4"
    assert design.summary.options.pyramid.isChecked()


def test_a_reference_needs_a_channel(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    page = design.phase_page
    page.folds["reference"].tick.click()
    before: Reference = phase(design).reference
    page.reference.channels.table().setRowCount(0)
    page.reference.channels.valueChanged.emit()
    assert "needs a channel" in page.reference.complaint.text()
    assert phase(design).reference == before


# -- words


@given(st.integers(0, 9_000_000_000).map(lambda n: n / 1000))
@settings(max_examples=200, deadline=None)
def test_a_time_is_read_back_as_it_was_written(seconds: float) -> None:
    assert duration_from(clock(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 h 30 min", 5400),
        ("5m", 300),
        ("2.5", 2.5),
        ("2,5 s", 2.5),
        ("1:2:3", 3723),
        ("", None),
        ("1.2.3", None),
        ("a minute", None),
        ("-5", None),
        ("9" * 400, None),
    ],
)
def test_durations_as_people_type_them(text: str, seconds: float | None) -> None:
    assert duration_from(text) == seconds


def test_durations_in_words() -> None:
    said = [duration_in_words(s) for s in (0, 2.5, 60, 300, 5400, 3661)]
    assert said == ["0 s", "2.5 s", "1 min", "5 min", "1 h 30 min", "1 h 1 min 1 s"]


ranges = st.builds(
    TimeRange,
    start=st.integers(-50, 50),
    stop=st.none() | st.integers(-50, 50),
    step=st.integers(1, 20),
)
numbers = st.lists(st.integers(-50, 50), min_size=1, max_size=6).map(tuple)


@given(ranges | numbers)
@settings(max_examples=300, deadline=None)
def test_timepoints_are_read_back_as_they_were_written(which: TimeRange | tuple[int, ...]) -> None:
    assert timepoints_from(timepoints_text(which)) == which
    assert timepoints_in_words(which)


@pytest.mark.parametrize("text", ["every 0", "1:2:3:4", "::0", "all of them", "1.5"])
def test_what_names_no_timepoints_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"timepoint"):
        timepoints_from(text)


def test_an_edit_of_one_row_leaves_the_other_rows_as_the_plan_has_them(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    channels = (
        useq.Channel(config="DAPI", exposure=5, camera="left"),
        useq.Channel(config="FITC", exposure=6, camera="right"),
    )
    design.editor.put(channels=channels)
    table = design.editor.tables.channels
    column = table.table().indexOf(table.EXPOSURE)
    table.table().cellWidget(1, column).setValue(9)
    settled(qtbot, lambda: phase(design).sequence.channels[1].exposure == 9)
    assert phase(design).sequence.channels[0] == channels[0]
