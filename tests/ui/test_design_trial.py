"""A pipeline is tried on the microscope's picture or a store's, and again after an edit."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.plan import Phase, Stimulation, replace_item
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._trial_dialog import TrialDialog
from parfocal.ui.design_workspace._trial_paint import outlines, painted
from parfocal.ui.desk import Desk
from parfocal.wiring import prepare_run
from ui.design_parts import items, settled, shown

STUBBORN = """
import threading

GATE = threading.Event()


class Stubborn:
    def segment(self, image):
        GATE.wait(60)
        return (image > 500).astype(int)


class Refuses:
    def segment(self, image):
        raise ValueError("no cell likes this picture")
"""


@pytest.fixture
def design(
    qtbot: QtBot, open_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DesignWorkspace:
    folder = tmp_path / "plug-ins"
    folder.mkdir()
    (folder / "stubborn.py").write_text(STUBBORN)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(folder))
    return shown(qtbot, open_desk)


def put(design: DesignWorkspace, **values: object) -> None:
    experiment = design.document.experiment
    phase = experiment.items[0].model_copy(update=values)
    design.document.edit(replace_item(experiment, 0, phase), "put")


def opened(design: DesignWorkspace) -> TrialDialog:
    design.phase_page.open("pipeline")
    design.phase_page.pipeline.try_button.click()
    dialog = design.pipeline_dialogs.trial
    assert dialog is not None
    return dialog


def closed(qtbot: QtBot, design: DesignWorkspace, dialog: TrialDialog) -> None:
    dialog.close()
    settled(qtbot, lambda: design.pipeline_dialogs.trial is None)


def test_the_microscopes_picture_is_tried_and_tried_again_after_an_edit(
    qtbot: QtBot, design: DesignWorkspace, open_desk: Desk
) -> None:
    put(design, pipeline={"segment": "otsu", "measure": "intensity"})
    microscope = open_desk.controller.microscope
    assert microscope is not None
    before = open_desk.controller.in_engine(microscope.remember).result(20)
    dialog = opened(design)
    panels = dialog.panels
    panels.snap.click()
    assert dialog.working
    assert panels.cancel.isEnabled()
    settled(qtbot, lambda: not dialog.working)
    assert panels.complaint.text() == ""
    assert panels.state.text() == "from the microscope: DAPI, FITC"
    first = panels.found.text()
    assert first.endswith(" cells")
    assert panels.took.text().startswith("It took ")
    measured = [line.partition(":")[0] for line in panels.measured.text().splitlines()]
    assert measured == ["area", "mean_DAPI", "mean_FITC"]
    assert panels.view.picture_size == (512, 512)
    after = open_desk.controller.in_engine(microscope.remember).result(20)
    assert after == before, "channel and exposure were put back"
    design.phase_page.pipeline.parameters.fields["smallest"].widget.setValue(100_000)  # type: ignore[attr-defined]
    settled(qtbot, lambda: panels.found.text() == "0 cells")
    put(design, stimulate=Stimulation(exposure=5, stimulator="line"))
    settled(qtbot, lambda: panels.found.text().startswith("0 cells · light on "))
    lit = panels.view.grab().toImage()
    panels.light.click()
    settled(qtbot, lambda: panels.view.grab().toImage() != lit)
    put(design, pipeline={"segment": "refuses"})
    settled(qtbot, lambda: panels.complaint.isVisible())
    assert "no cell likes this picture" in panels.complaint.text()
    assert panels.found.text() == "", "what was found before is not true any more"
    closed(qtbot, design, dialog)


def test_a_part_that_hangs_is_let_go_within_a_second(qtbot: QtBot, design: DesignWorkspace) -> None:
    put(design, pipeline={"segment": "stubborn"})
    dialog = opened(design)
    dialog.panels.snap.click()
    settled(qtbot, lambda: dialog.panels.state.text().startswith("finding cells…"))
    task = dialog._answers._task
    assert task is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    began = time.monotonic()
    assert not dialog.working
    assert dialog.panels.state.text() == "Cancelled."
    assert dialog.isVisible()
    settled(qtbot, lambda: task.status.state.final)
    assert time.monotonic() - began < 1
    put(design, pipeline={"segment": "otsu"})
    settled(qtbot, lambda: dialog.panels.found.text().endswith("cells"))
    closed(qtbot, design, dialog)
    hanging = [one for one in threading.enumerate() if one.name == "parfocal-trial"]
    sys.modules["parfocal_plug_in_stubborn"].GATE.set()
    for thread in hanging:
        thread.join(20)


def test_a_stores_pictures_are_chosen_by_field_and_timepoint(
    qtbot: QtBot, design: DesignWorkspace, open_desk: Desk, tmp_path: Path
) -> None:
    microscope = open_desk.controller.microscope
    assert microscope is not None
    phase = items(design)[0]
    assert isinstance(phase, Phase)
    short = phase.sequence.replace(
        time_plan={"interval": 0, "loops": 2},
        z_plan=None,
        channels=[{"config": "DAPI", "exposure": 5}],
        stage_positions=[(0, 0, 0)],
    )
    experiment = replace_item(
        design.document.experiment, 0, phase.model_copy(update={"sequence": short})
    )

    def record() -> None:
        session = prepare_run(experiment, microscope, tmp_path / "seen.ome.zarr", live=False)
        session.run.execute()
        session.close()

    open_desk.controller.in_engine(record).result(60)
    put(design, pipeline={"segment": "otsu"}, sequence=short)
    dialog = opened(design)
    panels = dialog.panels
    dialog.use_store(tmp_path / "seen.ome.zarr")
    settled(qtbot, lambda: panels.found.text().endswith("cells"))
    assert panels.state.text() == "from seen.ome.zarr: DAPI"
    assert (panels.timepoint.text(), panels.field.text()) == ("1 of 2", "1 of 1")
    first = panels.view.grab().toImage()
    panels.timepoint.setValue(2)
    settled(qtbot, lambda: not dialog.working and panels.view.grab().toImage() != first)
    dialog.use_store(tmp_path / "nothing")
    settled(qtbot, lambda: panels.complaint.isVisible())
    assert str(tmp_path / "nothing") in panels.complaint.text()
    closed(qtbot, design, dialog)


def test_cells_have_outlines_and_light_has_a_hatch() -> None:
    labels = np.zeros((40, 40), np.int32)
    labels[5:15, 5:15] = 1
    labels[5:15, 15:25] = 2
    edge = outlines(labels)
    assert edge[5, 5:25].all()
    assert edge[5:15, 14].all(), "two that touch are told apart"
    assert not edge[7:13, 7:13].any()
    mask = np.zeros((40, 40), bool)
    mask[20:, :] = True
    picture = np.full((40, 40), 100, np.uint16)
    rgba = painted(picture, labels, mask, (0, 0, 255), (255, 0, 0))
    assert (rgba[edge][:, :3] == (0, 0, 255)).all()
    assert len(np.unique(rgba[20:, :, 0])) == 2, "lines and what is between them"
    assert (rgba[:, :, 3] == 255).all()
