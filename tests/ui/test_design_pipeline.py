"""The pipeline of a phase: parts chosen by name, their parameters in a form made of their types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import Phase, replace_item
from parfocal.react import Pipeline, read_pipeline
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._pipeline_form import PipelineForm
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown

MINE = '''
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field


@dataclass(frozen=True)
class Mine:
    """Brighter than a level."""

    level: Annotated[int, Field(ge=3, le=900, description="Counts.")] = 600
    exact: bool = False
    mode: Literal["quick", "slow"] = "quick"
    gain: Annotated[float, Field(gt=0)] | None = None
    pair: tuple[int, int] = (1, 2)
    note: str = ""

    def segment(self, image):
        return image > self.level
'''


@pytest.fixture
def design(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DesignWorkspace:
    """The workspace, the form open, the parts known."""
    folder = tmp_path / "plug-ins"
    folder.mkdir()
    (folder / "mine.py").write_text(MINE)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(folder))
    made = shown(qtbot, desk)
    made.phase_page.folds["pipeline"].tick.click()
    settled(qtbot, lambda: made.known_parts.here)
    return made


def phase(design: DesignWorkspace) -> Phase:
    one = items(design)[0]
    assert isinstance(one, Phase)
    return one


def put(design: DesignWorkspace, **values: Any) -> None:
    """Another phase in the plan, as a file would bring it."""
    changed = phase(design).model_copy(update=values)
    design.document.edit(replace_item(design.document.experiment, 0, changed), "put")


def choose(box: QComboBox, data: object) -> None:
    """As a person does."""
    place = [box.itemData(n) for n in range(box.count())].index(data)
    box.setCurrentIndex(place)
    box.activated.emit(place)


def tick(form: PipelineForm, name: str) -> None:
    next(one for one in form.measures.drop.actions() if one.data() == name).trigger()


def field(form: PipelineForm, name: str) -> Any:
    return form.parameters.fields[name].widget


def test_parts_are_chosen_and_their_parameters_are_edits_like_any_other(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    form, fold = design.phase_page.pipeline, design.phase_page.folds["pipeline"]
    assert phase(design).pipeline == {"segment": "otsu", "track": "laptrack"}
    assert fold.summary.text() == "otsu · laptrack"
    smooth, smallest = field(form, "smooth"), field(form, "smallest")
    assert isinstance(smooth, QDoubleSpinBox)
    assert isinstance(smallest, QSpinBox)
    assert (smooth.text(), smooth.maximum(), smooth.toolTip()) == (
        "1.5 px",
        50,
        "Width of the smoothing, in pixels.",
    )
    assert (smallest.text(), smallest.minimum(), smallest.accessibleName()) == (
        "40 px",
        1,
        "smallest",
    )
    smooth.setValue(2.5)
    smallest.setValue(60)
    expected = {"otsu": {"smooth": 2.5, "smallest": 60}}
    assert phase(design).pipeline == {"segment": expected, "track": "laptrack"}
    assert design.document.stack.undoText() == "change a parameter"
    smooth.setValue(1.5)
    assert phase(design).pipeline["segment"] == {"otsu": {"smallest": 60}}, "as usual: not written"
    tick(form, "intensity")
    tick(form, "ring-ratio")
    assert phase(design).pipeline["measure"] == ["intensity", "ring-ratio"]
    choose(form.which, ("measure", 0))
    channels = field(form, "channels")
    assert [one.data() for one in channels.drop.actions()] == ["DAPI", "FITC"]
    assert channels.text() == "every channel"
    channels.drop.actions()[1].trigger()
    assert phase(design).pipeline["measure"][0] == {"intensity": {"channels": ["FITC"]}}
    assert channels.text() == "FITC"
    choose(form.which, ("measure", 1))
    assert field(form, "channel").currentText() == "choose…"
    place = field(form, "channel").findText("FITC")
    field(form, "channel").activated.emit(place)
    assert phase(design).pipeline["measure"][1] == {"ring-ratio": {"channel": "FITC"}}
    choose(form.boxes["track"], "")
    assert "track" not in phase(design).pipeline
    choose(form.channel, "FITC")
    form.give_up.setValue(5)
    assert (phase(design).pipeline["channel"], phase(design).pipeline["give_up"]) == ("FITC", 5)
    design.document.stack.undo()
    assert form.give_up.value() == 60
    choose(form.boxes["segment"], "")
    assert "measure" not in phase(design).pipeline, "what nothing finds is not measured"
    fold.tick.click()
    assert phase(design).pipeline is None
    assert fold.summary.text() == "pictures are not analysed"


def test_a_part_of_your_own_has_a_field_for_each_type(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    form = design.phase_page.pipeline
    choose(form.boxes["segment"], "mine")
    assert list(form.parameters.fields) == ["level", "exact", "mode", "gain", "pair", "note"]
    level = field(form, "level")
    assert (level.minimum(), level.maximum(), level.toolTip()) == (3, 900, "Counts.")
    level.setValue(700)
    field(form, "exact").click()
    field(form, "mode").activated.emit(1)
    for name, text in (("gain", "2.5"), ("pair", "[3, 4]"), ("note", "a cell")):
        one = field(form, name)
        one.setFocus()
        one.selectAll()
        qtbot.keyClicks(one, text)
    values = {"level": 700, "exact": True, "mode": "slow", "gain": 2.5, "pair": [3, 4]}
    assert phase(design).pipeline["segment"] == {"mine": {**values, "note": "a cell"}}
    gain = field(form, "gain")
    gain.setFocus()
    gain.selectAll()
    qtbot.keyClicks(gain, "much")
    assert form.parameters.complaint.text() == "gain has to be a number."
    assert phase(design).pipeline["segment"]["mine"]["gain"] == 2.5
    names = [one.accessibleName() for one in form.findChildren(QWidget) if one.isVisible()]
    assert {"Cells found by", "Measured by", "followed by", "The part that is set"} <= set(names)


def test_light_has_one_stimulator_wherever_it_is_said(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    page, form = design.phase_page, design.phase_page.pipeline
    assert not form.boxes["stimulate"].isEnabled(), "there is no light"
    page.folds["stimulate"].tick.click()
    assert form.boxes["stimulate"].currentData() == "whole-cell"
    assert [page.light.stimulator.itemText(n) for n in range(3)] == ["", "whole-cell", "half-cell"]
    page.light.stimulator.setEditText("front")
    assert phase(design).stimulate.stimulator == "front"
    assert page.folds["pipeline"].summary.text() == "otsu · laptrack · light: front"
    choose(form.which, ("stimulate", 0))
    field(form, "angle").setValue(90)
    assert phase(design).pipeline["stimulate"] == {"front": {"angle": 90.0}}
    assert phase(design).stimulate.stimulator is None, "said twice it could be said differently"
    assert page.light.stimulator.currentText() == "front"
    page.light.deadline.setValue(1.5)
    assert (phase(design).stimulate.deadline, phase(design).stimulate.stimulator) == (1.5, None)
    page.light.stimulator.setEditText("line")
    assert "stimulate" not in phase(design).pipeline
    assert phase(design).stimulate.stimulator == "line"


def test_a_pipeline_is_saved_opened_and_offered_again(
    qtbot: QtBot, design: DesignWorkspace, desk: Desk, tmp_path: Path
) -> None:
    form = design.phase_page.pipeline
    field(form, "smallest").setValue(99)
    path = tmp_path / "nuclei.yaml"
    form.files.save(Pipeline.model_validate(phase(design).pipeline), path)
    settled(qtbot, lambda: desk.settings.values.recent_pipelines == (path,))
    assert read_pipeline(path).as_tree() == phase(design).pipeline
    form.file_button.about_to_show.emit()
    new, _open, recent, save = form.file_button.drop.actions()
    new.trigger()
    assert phase(design).pipeline == {"segment": "otsu", "track": "laptrack"}
    menu = recent.menu()
    assert menu is not None
    menu.actions()[0].trigger()
    settled(qtbot, lambda: phase(design).pipeline["segment"] == {"otsu": {"smallest": 99}})
    assert design.document.stack.undoText() == "use the pipeline nuclei.yaml"
    assert save.isEnabled()
    path.write_text("parfocal-pipeline: 1\nsegmant: otsu\n")
    form.files.open(path)
    settled(qtbot, lambda: len(desk.toasts.history) > 0)
    assert "there is no key 'segmant'" in desk.toasts.history[-1].text


def test_a_pipeline_that_cannot_be_read_is_told_and_can_be_begun_anew(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    form, fold = design.phase_page.pipeline, design.phase_page.folds["pipeline"]
    put(design, pipeline={"segmant": "otsu"})
    assert form.complaint.text() == "This pipeline cannot be read: there is no key 'segmant'"
    assert "segmant" in fold.summary.text()
    assert not form.boxes["segment"].isEnabled()
    form.file_button.about_to_show.emit()
    form.file_button.drop.actions()[0].trigger()
    assert phase(design).pipeline == {"segment": "otsu", "track": "laptrack"}
    assert form.boxes["segment"].isEnabled()
    put(design, pipeline={"segment": {"otsu": {"smoth": 2}}})
    assert "It has no parameter 'smoth'" in form.parameters.complaint.text()
    field(form, "smooth").setValue(2)
    assert phase(design).pipeline == {"segment": {"otsu": {"smooth": 2.0}}}
    assert not form.parameters.complaint.isVisible()
    put(design, pipeline={"segment": {"gone": {"level": 3}}})
    assert form.boxes["segment"].currentText() == "gone"
    settled(qtbot, lambda: "there is no segmenter 'gone'" in form.parameters.complaint.text())


def test_metadata_that_a_part_requires_are_given_in_its_form(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    form = design.phase_page.pipeline
    design.phase_page.folds["stimulate"].tick.click()
    design.phase_page.open("pipeline")
    choose(form.boxes["stimulate"], "spot")
    spot = field(form, "spot")
    assert spot.placeholderText() == "needed"
    spot.setFocus()
    qtbot.keyClicks(spot, "{y: 100, x: 80, radius: 20}")
    assert phase(design).metadata == {"spot": {"y": 100, "x": 80, "radius": 20}}
    assert phase(design).pipeline["stimulate"] == "spot"
    spot.selectAll()
    qtbot.keyClick(spot, Qt.Key.Key_Backspace)
    assert phase(design).metadata == {}


def test_every_control_of_the_form_is_reached_with_tab(
    qtbot: QtBot, design: DesignWorkspace
) -> None:
    form = design.phase_page.pipeline
    wanted = [form.file_button, *form.boxes.values(), form.measures, form.channel, form.which]
    wanted.remove(form.boxes["stimulate"])  # it is disabled
    wanted += [field(form, "smooth"), form.try_button, form.plug_ins_button]
    reached: list[QWidget | None] = []
    design.phase_page.folds["pipeline"].head.setFocus()
    for _ in range(25):
        now = design.focusWidget()
        reached.append(now)
        assert now is not None
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    assert [one for one in wanted if one not in reached] == []
