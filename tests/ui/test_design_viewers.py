"""The viewers of a plan in Design: typed, told on the closed line, and taken back like any edit."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.plan import MAIN, Phase, View, demo_experiment
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._amend import with_channel
from parfocal.ui.design_workspace._views_form import ViewsForm
from parfocal.ui.design_workspace._views_text import names_from, names_text, steps_from
from parfocal.ui.desk import Desk
from ui.design_parts import items, shown


def phase(design: DesignWorkspace) -> Phase:
    item = items(design)[0]
    assert isinstance(item, Phase)
    return item


def typed(qtbot: QtBot, form: ViewsForm, name: str, text: str) -> None:
    field = form.fields[name]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_the_viewers_of_the_experiment_are_ticked_typed_and_said_in_a_line(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    form, fold = design.summary.views, design.summary.views_fold
    assert fold.summary.text() == "one for everything"
    before = design.document.experiment
    fold.tick.click()
    assert design.document.experiment.view == (View(viewer=MAIN),)
    typed(qtbot, form, "viewer", "overview")
    typed(qtbot, form, "wells", "A/1, B2")
    typed(qtbot, form, "steps", "imaging")
    overview = View(viewer="overview", wells=("A/1", "B2"), steps=("imaging",))
    assert design.document.experiment.view == (overview,)
    assert fold.summary.text() == "overview: A/1, B2 · imaging"
    form.add.click()
    typed(qtbot, form, "viewer", "detail")
    assert design.document.experiment.view == (overview, View(viewer="detail"))
    form.which.setCurrentIndex(0)
    assert form.fields["wells"].text() == "A/1, B2"
    form.remove.click()
    assert design.document.experiment.view == (View(viewer="detail"),)
    fold.tick.click()
    assert design.document.experiment.view == ()
    fold.tick.click()
    assert design.document.experiment.view == (View(viewer="detail"),)
    while design.document.stack.canUndo():
        design.document.stack.undo()
    assert design.document.experiment == before
    assert not fold.tick.isChecked()


def test_a_name_that_is_typed_is_one_step_back(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.summary.views_fold.tick.click()
    steps = design.document.stack.count()
    typed(qtbot, design.summary.views, "wells", "A/1, B/2, C/3")
    assert design.document.stack.count() == steps + 1


def test_a_phase_and_its_products_have_viewers_of_their_own(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    page, fold = design.phase_page, design.phase_page.folds["viewers"]
    assert fold.summary.text() == "as the experiment says"
    fold.tick.click()
    assert page.views.isVisible()
    typed(qtbot, page.views, "channels", "all")
    page.views.add.click()
    typed(qtbot, page.views, "viewer", "read-out")
    page.views.product.setCurrentIndex(page.views.product.findData("reference"))
    page.views.product.activated.emit(2)
    assert phase(design).view == (View(viewer=MAIN, channels=()),)
    assert phase(design).products == {"reference": (View(viewer="read-out"),)}
    assert fold.summary.text() == "main: all channels; read-out: reference"
    assert not page.views.fields["steps"].isEnabled(), "a product is one step already"
    assert page.views.fields["viewer"].text() == "read-out", "what is edited stays in front"
    fold.tick.click()
    assert (phase(design).view, phase(design).products) == ((), {})
    fold.tick.click()
    assert phase(design).products == {"reference": (View(viewer="read-out"),)}


def test_a_new_phase_has_no_viewers_of_its_own(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.phase_page.folds["viewers"].tick.click()
    design.items.add("phase")
    _, fresh = items(design)
    assert isinstance(fresh, Phase)
    assert (fresh.view, fresh.products) == ((), {})


def test_a_view_of_a_product_comes_behind_those_of_the_phase_and_stays_chosen(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    form = design.phase_page.views
    design.phase_page.folds["viewers"].tick.click()
    form.product.setCurrentIndex(form.product.findData("stimulation"))
    form.product.activated.emit(3)
    form.add.click()
    assert [entry for entry, _ in form._entries] == ["", "stimulation"]
    assert form.which.currentIndex() == 0
    assert form.fields["viewer"].hasFocus()
    assert form.fields["viewer"].text() == "viewer 1"


def test_a_step_that_is_none_is_told_and_not_taken(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.summary.views_fold.tick.click()
    typed(qtbot, design.summary.views, "steps", "imaging")
    typed_before = design.document.experiment.view
    design.summary.views.fields["steps"].end(False)
    qtbot.keyClicks(design.summary.views.fields["steps"], ", lig")
    assert "“lig” is no step" in design.summary.views.complaint.text()
    assert design.document.experiment.view == typed_before
    assert typed_before == (View(viewer=MAIN, steps=("imaging",)),)
    qtbot.keyClick(design.summary.views.fields["steps"], Qt.Key.Key_Return)
    assert design.summary.views.fields["steps"].text() == "imaging"


@pytest.mark.parametrize(
    ("text", "names"),
    [("", None), ("all", ()), ("B/2", ("B/2",)), (" a , b,", ("a", "b")), (",", None)],
)
def test_names_are_read_as_they_are_written(text: str, names: tuple[str, ...] | None) -> None:
    assert names_from(text) == names
    assert names_from(names_text(names)) == names


def test_another_preset_is_another_one_in_the_views_too() -> None:
    experiment = demo_experiment()
    view = (View(viewer="overview", channels=("DAPI", "FITC")), View(viewer="all", channels=()))
    one = experiment.phases[0].model_copy(update={"view": view, "products": {"imaging": view}})
    amended = with_channel(
        experiment.model_copy(update={"view": view, "items": (one,)}), "DAPI", "Channel", "Cy5"
    )
    expected = (View(viewer="overview", channels=("Cy5", "FITC")), View(viewer="all", channels=()))
    assert amended.view == amended.phases[0].view == expected
    assert amended.phases[0].products == {"imaging": expected}


def test_steps_are_the_three_there_are() -> None:
    assert steps_from("reference, stimulation") == ("reference", "stimulation")
    assert steps_from("") is None
    with pytest.raises(ValueError, match="no step"):
        steps_from("segmentation")
