"""Places from the microscope: pymmcore-widgets' own plate wizard and stage explorer."""

from __future__ import annotations

import numpy as np
import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import compile_schedule
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._by_hand import CoreWithOurStage
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown

FIELD = (256.0, 256.0)
PLATE = useq.WellPlatePlan(
    plate="96-well", a1_center_xy=(100, 200), rotation=0, selected_wells=((0, 0, 1), (0, 1, 1))
)


def places(design: DesignWorkspace) -> object:
    return items(design)[0].sequence.stage_positions


def test_a_plate_from_the_wizard_is_the_places_of_the_phase(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    design.editor.plate_button.click()
    dialog = design.places.plate_dialog
    assert dialog is not None
    assert type(dialog.wizard).__module__.startswith("pymmcore_widgets")
    assert not dialog.isModal(), "its calibration wants the stage moved in Microscope"
    dialog.wizard.setValue(PLATE.model_copy(deep=True))
    dialog.wizard.accept()
    settled(qtbot, lambda: design.places.plate_dialog is None)
    plan = places(design)
    assert isinstance(plan, useq.WellPlatePlan)
    assert plan.selected_well_names == ["A1", "A2", "B2"]
    assert design.document.stack.count() == 1
    settled(qtbot, lambda: "3, in order" in design.summary.map.counter.text())
    assert "3 wells" in design.editor.plate_button.text()
    assert "A1, A2, B2" in design.editor.plate_note.words.text()
    open_desk.actions.trigger("edit.undo")
    assert len(items(design)[0].sequence.stage_positions) == 2
    assert design.editor.plate_note.isHidden()


def test_the_wizard_begins_with_the_plate_that_is_there(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    design.editor.put(stage_positions=PLATE)
    before = design.document.experiment
    design.places.choose_wells()
    dialog = design.places.plate_dialog
    assert dialog is not None
    assert dialog.wizard.value().selected_well_names == ["A1", "A2", "B2"]
    dialog.wizard.reject()
    settled(qtbot, lambda: design.places.plate_dialog is None)
    assert design.document.experiment == before


def test_a_plate_becomes_a_list_and_goes_with_its_tick(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.editor.put(stage_positions=PLATE)
    design.editor.plate_note.list_button.click()
    assert [place.name for place in places(design)] == ["A1", "A2", "B2"]  # type: ignore[attr-defined]
    assert design.editor.tables.stage_positions.table().rowCount() == 3
    design.editor.put(stage_positions=PLATE)
    tables = design.editor.tables
    tables.tab_wdg.setChecked(tables.stage_positions, False)
    settled(qtbot, lambda: not places(design))


def test_the_explorer_adds_where_the_stage_is_and_what_was_drawn(
    qtbot: QtBot, open_desk: Desk
) -> None:
    from pymmcore_widgets.control._rois.roi_model import RectangleROI

    design = shown(qtbot, open_desk)
    settled(qtbot, lambda: open_desk.controller.stage() is not None)
    design.editor.explorer_button.click()
    dialog = design.places.stage_dialog
    assert dialog is not None
    assert type(dialog.explorer).__module__.startswith("pymmcore_widgets")
    dialog.here_button.click()
    assert len(places(design)) == 3  # type: ignore[arg-type]
    dialog.areas_button.click()
    assert "Draw an area" in dialog.words.text()
    dialog.explorer.roi_manager.add_roi(RectangleROI((0, 600), (600, 0), fov_size=FIELD))
    dialog.explorer.roi_manager.add_roi(RectangleROI((1000, 1050), (1050, 1000), fov_size=FIELD))
    dialog.areas_button.click()
    large, small = list(places(design))[3:]  # type: ignore[call-overload]
    assert large.sequence.grid_plan is not None
    assert (small.x, small.y, small.sequence) == (1025, 1025, None)
    schedule = compile_schedule(design.document.experiment, field_of_view_um=FIELD)
    assert len(schedule.fields) > 6, "the grid of the large area covers it"
    dialog.close()
    settled(qtbot, lambda: design.places.stage_dialog is None)


def test_a_double_click_moves_the_stage_off_the_windows_thread_and_within_limits(
    qtbot: QtBot, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = shown(qtbot, open_desk)
    microscope = open_desk.controller.microscope
    assert microscope is not None
    design.places.explore()
    dialog = design.places.stage_dialog
    assert dialog is not None
    dialog.by_hand.move_absolute((40.0, 30.0))
    settled(qtbot, lambda: np.allclose(microscope.core.getXYPosition(), (40, 30), atol=0.1))
    monkeypatch.setattr(
        type(microscope.limits), "against_place", lambda *_args, **_named: "x is too far"
    )
    dialog.by_hand.move_absolute((9e6, 0.0))
    settled(qtbot, lambda: "too far" in dialog.words.text())
    assert np.allclose(microscope.core.getXYPosition(), (40, 30), atol=0.1)
    dialog.close()


def test_a_place_for_a_wait_is_refused_in_a_sentence(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    design.places.explore()
    dialog = design.places.stage_dialog
    assert dialog is not None
    design.items.add("wait")
    before = design.document.experiment
    settled(qtbot, lambda: open_desk.controller.stage() is not None)
    dialog.here_button.click()
    assert design.document.experiment is before
    assert "Choose the phase" in dialog.words.text()
    design.items.choose(0)
    dialog.here_button.click()
    assert len(items(design)[0].sequence.stage_positions) == 3
    dialog.close()


def test_both_dialogs_close_when_a_run_wants_the_camera(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    design.places.explore()
    design.places.choose_wells()
    open_desk.controller.camera_wanted.emit()
    settled(qtbot, lambda: design.places.stage_dialog is None)
    settled(qtbot, lambda: design.places.plate_dialog is None)


def test_without_a_microscope_the_dialogs_say_why_they_stay_shut(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.places.explore()
    design.places.choose_wells()
    assert design.places.stage_dialog is None
    assert design.places.plate_dialog is None
    assert "No microscope" in desk.toasts.history[-1].text


def test_a_camera_without_the_property_that_the_explorer_asks_for_says_no(
    open_desk: Desk,
) -> None:
    microscope = open_desk.controller.microscope
    assert microscope is not None
    core = CoreWithOurStage(microscope.core, lambda _target: None)
    camera = core.getCameraDevice()
    assert core.getProperty(camera, "TransposeMirrorX") == "0"
    assert core.getProperty(camera, "Binning") == microscope.core.getProperty(camera, "Binning")
