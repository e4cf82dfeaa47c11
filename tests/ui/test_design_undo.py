"""Undo: all of it gives the first plan back, redo the last, and edits of one field are one step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from parfocal.plan import (
    Experiment,
    Hold,
    PlanError,
    Stimulation,
    Wait,
    add_item,
    demo_experiment,
    duplicate_item,
    move_item,
    remove_item,
    rename_phase,
    replace_item,
    replace_sequence,
)
from parfocal.ui.design_workspace import _document
from parfocal.ui.design_workspace._difference import changed_field, changed_item
from parfocal.ui.design_workspace._document import Document

NUMBER = st.integers(0, 6)
KINDS = ("add", "wait", "hold", "copy", "move", "remove", "name", "exposure", "light")


def edited(experiment: Experiment, draw: st.DataObject) -> Experiment:
    """One random edit; some are refused, and leave it as it is."""
    number, other = draw.draw(NUMBER), draw.draw(NUMBER)
    kind = draw.draw(st.sampled_from(KINDS))
    try:
        if kind == "add":
            return add_item(experiment, experiment.phases[0], number)
        if kind in ("wait", "hold"):
            fresh = Wait(seconds=other) if kind == "wait" else Hold(message=f"say {other}")
            return add_item(experiment, fresh, number)
        if kind == "copy":
            return duplicate_item(experiment, number)
        if kind == "move":
            return move_item(experiment, number, min(other, len(experiment.items) - 1))
        if kind == "remove":
            return remove_item(experiment, number)
        if kind == "name":
            return rename_phase(experiment, number, f"phase {other}")
        phase = experiment.items[number % len(experiment.items)]
        if isinstance(phase, Wait | Hold):
            return experiment
        if kind == "exposure":
            first, *rest = phase.sequence.channels
            first = first.model_copy(update={"exposure": 1.0 + other})
            sequence = phase.sequence.replace(channels=(first, *rest))
            return replace_sequence(experiment, number % len(experiment.items), sequence)
        light = phase.model_copy(update={"stimulate": Stimulation(exposure=1 + other)})
        return replace_item(experiment, number % len(experiment.items), light)
    except PlanError:
        return experiment


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), count=st.integers(1, 12))
def test_undo_all_gives_the_first_plan_and_redo_all_the_last(
    qapp: object, data: st.DataObject, count: int
) -> None:
    document = Document()
    first = document.experiment
    seen = [first]
    for _ in range(count):
        document.edit(edited(document.experiment, data), "an edit")
        if document.experiment != seen[-1]:
            seen.append(document.experiment)
    last = document.experiment
    walked = [last]
    while document.stack.canUndo():
        document.stack.undo()
        walked.append(document.experiment)
    assert document.experiment == first
    assert all(one in seen for one in walked), "no state that was never there"
    while document.stack.canRedo():
        document.stack.redo()
    assert document.experiment == last
    document.stack.clear()


def test_edits_of_one_field_are_one_step_and_of_another_field_another(qapp: object) -> None:
    document = Document()
    first = document.experiment
    for letters in ("n", "ni", "nig", "night"):
        document.edit(document.experiment.model_copy(update={"name": letters}), "rename")
    assert document.stack.count() == 1
    document.edit(rename_phase(document.experiment, 0, "x"), "rename")
    assert document.stack.count() == 2
    document.stack.undo()
    document.stack.undo()
    assert document.experiment == first


def test_a_field_that_is_edited_again_later_is_a_step_of_its_own(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_document, "MERGE_WITHIN_S", 0.0)
    document = Document()
    for name in ("a", "b"):
        document.edit(document.experiment.model_copy(update={"name": name}), "rename")
    assert document.stack.count() == 2


def test_an_edit_that_goes_back_to_where_it_began_leaves_no_step(qapp: object) -> None:
    document = Document()
    for name in ("demos", "demo"):
        document.edit(document.experiment.model_copy(update={"name": name}), "rename")
    assert document.stack.count() == 0
    assert not document.unsaved


def test_what_was_saved_is_never_merged_away(qtbot: QtBot, tmp_path: object) -> None:
    document = Document()
    document.edit(document.experiment.model_copy(update={"name": "a"}), "rename")
    document.save(tmp_path / "a.parfocal.yaml")  # type: ignore[operator] # a Path
    document.edit(document.experiment.model_copy(update={"name": "ab"}), "rename")
    assert document.unsaved
    document.stack.undo()
    assert document.experiment.name == "a"
    assert not document.unsaved


def test_the_difference_is_named_by_its_path() -> None:
    before = demo_experiment()
    first, *rest = before.items[0].sequence.channels
    channels = (first.model_copy(update={"exposure": 11}), *rest)
    after = replace_sequence(before, 0, before.items[0].sequence.replace(channels=channels))
    assert changed_field(before, after) == ".items.0.sequence.channels.0.exposure"
    assert changed_field(before, before) == ""
    both = after.model_copy(update={"name": "two fields"})
    assert changed_field(before, both) == ""
    assert changed_field(before, add_item(before, Wait(seconds=1))) == "", "no field: it came"
    assert changed_item(before, add_item(before, Wait(seconds=1))) == 1
    assert changed_item(before, before) is None
