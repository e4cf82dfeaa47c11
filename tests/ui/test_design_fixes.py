"""Preflight: each finding has a button that makes it go away, as an edit like any other."""

from __future__ import annotations

import threading
from pathlib import Path
from unittest.mock import patch

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Phase, Reference, Stimulation, Wait, demo_experiment
from parfocal.run import Finding
from parfocal.scope import Limits
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.design_workspace._amend import (
    give_ids,
    with_channel,
    within_limits,
    without_light,
    without_pipeline,
    without_power,
)
from parfocal.ui.design_workspace._fixes import LABELS, label_of
from parfocal.ui.design_workspace._preflight_lines import Line, _line, preflight_lines
from parfocal.ui.design_workspace._preflight_list import PreflightList
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown
from ui.keyboard_focus import take_keyboard


def plan(**values: object) -> Experiment:
    sequence = useq.MDASequence(
        time_plan={"interval": 0, "loops": 2},
        channels=[{"config": "DAPI", "exposure": 5}],
        stage_positions=[(0, 0, 0)],
    )
    return Experiment(name="tiny", items=(Phase(sequence=sequence, **values),))


def fix(qtbot: QtBot, design: DesignWorkspace, word: str) -> None:
    """Press the button of a fix and wait until its line is gone."""
    settled(qtbot, lambda: word in design.summary.preflight.buttons)
    design.summary.preflight.buttons[word].click()
    settled(qtbot, lambda: word not in design.summary.preflight.buttons)


def test_a_channel_that_is_not_there_is_replaced_by_a_chosen_one(
    qtbot: QtBot, open_desk: Desk
) -> None:
    design = shown(qtbot, open_desk)
    design.document.edit(with_channel(demo_experiment(), "DAPI", "Channel", "Cy9"), "load")
    settled(qtbot, lambda: "edit-channel:Cy9" in design.summary.preflight.buttons)
    menu = design.summary.preflight.buttons["edit-channel:Cy9"].menu()
    assert menu is not None
    offered = {action.text(): action for action in menu.actions()}
    assert "DAPI" in offered
    offered["DAPI"].trigger()
    assert design.document.experiment == demo_experiment()
    settled(qtbot, design.summary.run_button.isEnabled)
    design.document.stack.undo()
    assert items(design)[0].sequence.channels[0].config == "Cy9"


def test_what_was_mended_outside_the_window_is_seen_without_an_edit(
    qtbot: QtBot, open_desk: Desk
) -> None:
    design = shown(qtbot, open_desk)
    design.outlook.again.setInterval(50)
    taken = open_desk.settings.values.data_folder / "taken.ome.zarr"
    taken.mkdir()
    design.summary.target.name.selectAll()
    qtbot.keyClicks(design.summary.target.name, "taken")
    settled(qtbot, lambda: "taken" in design.problem_with_start())
    taken.rmdir()
    settled(qtbot, lambda: not design.problem_with_start())
    assert not design.outlook.again.isActive()


def test_an_exposure_beyond_the_limit_is_set_to_it(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    sequence = plan().phases[0].sequence.replace(channels=[{"config": "DAPI", "exposure": 1e7}])
    design.document.edit(plan().model_copy(update={"items": (Phase(sequence=sequence),)}), "load")
    fix(qtbot, design, "keep-limits")
    assert items(design)[0].sequence.channels[0].exposure < 1e7
    settled(qtbot, design.summary.run_button.isEnabled)


def test_light_without_a_projector_is_left_out_and_an_uncalibrated_one_is_gone_to(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path))
    design, went = shown(qtbot, desk), []
    desk.actions.bind("microscope.projector", lambda: went.append("to the projector"))
    lit = plan(stimulate=Stimulation(exposure=5))
    design.document.edit(lit, "load")
    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=20_000):
        desk.controller.open_microscope("demo")
    settled(qtbot, lambda: "calibrate-projector" in design.summary.preflight.buttons)
    button = design.summary.preflight.buttons["calibrate-projector"]
    assert button.text() == "Calibrate…"
    button.click()
    assert went == ["to the projector"]
    microscope = desk.controller.microscope
    assert microscope is not None
    desk.controller.in_engine(microscope.projector.calibrate).result(20)
    desk.devices_changed.emit()
    settled(qtbot, design.summary.run_button.isEnabled)

    with qtbot.waitSignal(desk.controller.microscope_opened, timeout=20_000):
        desk.controller.open_microscope("demo-camera")
    name = lit.phases[0].name
    fix(qtbot, design, f"leave-light:{name}")
    assert items(design)[0].stimulate is None
    assert design.document.stack.undoText() == "leave the light out"
    desk.actions.trigger("edit.undo")
    assert design.document.experiment == lit


def test_a_pipeline_that_cannot_work_is_shown_or_left_out(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    wrong = plan(pipeline={"segment": {"otsu": {"smoth": 2}}})
    design.document.edit(wrong, "load")
    fix = "edit-pipeline:phase 1"
    settled(qtbot, lambda: fix in design.summary.preflight.buttons)
    line = design.summary.preflight.lines[0]
    assert line.text == "The segmenter 'otsu': there is no key 'smoth'."
    menu = design.summary.preflight.buttons[fix].menu()
    assert menu is not None
    show, leave = menu.actions()
    show.trigger()
    assert design.phase_page.pipeline.isVisible()
    assert design.document.experiment == wrong
    leave.trigger()
    assert items(design)[0].pipeline is None
    assert design.document.stack.undoText() == "leave the analysis out"
    settled(qtbot, design.summary.run_button.isEnabled)
    lit = plan(stimulate=Stimulation(exposure=5, stimulator="moonlight"))
    design.document.edit(lit, "load")
    settled(qtbot, lambda: fix in design.summary.preflight.buttons)
    menu = design.summary.preflight.buttons[fix].menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Show it", "Leave the light out"]
    menu.actions()[0].trigger()
    assert design.phase_page.light.isVisible()
    menu.actions()[1].trigger()
    assert items(design)[0].stimulate is None


def test_what_a_pipeline_lacks_is_named(
    open_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(tmp_path))
    (tmp_path / "odd.py").write_text("class Odd:\n    def segment(self):\n        return 0\n")
    needy = (
        "class Needy:\n    packages = 'stars'\n    def segment(self, image):\n        return 0\n"
    )
    (tmp_path / "needy.py").write_text(needy)
    microscope = open_desk.controller.microscope
    output = open_desk.settings.values.data_folder / "new.ome.zarr"
    spot = {"stimulate": Stimulation(exposure=5, stimulator="spot")}
    for values, why in (
        ({"pipeline": {"segment": "odd"}}, "must have segment(self, image)"),
        ({"pipeline": {"segment": "needy"}}, "needs the package 'stars', which is not installed"),
        (spot, "'spot' needs the metadata 'spot', which the phase does not give"),
        ({"pipeline": {"segment": "otsu", "channel": "Cy9"}}, "'Cy9', which is not imaged"),
    ):
        lines = preflight_lines(plan(**values), microscope, output, 2**30, threading.Event())
        found = [line for line in lines if line.fix == "edit-pipeline:phase 1"]
        assert [why in line.text for line in found] == [True], why
        assert found[0].choices[0][0] == "show"


def test_a_name_that_is_taken_gets_a_number(qtbot: QtBot, open_desk: Desk) -> None:
    design = shown(qtbot, open_desk)
    (open_desk.settings.values.data_folder / "taken.ome.zarr").mkdir()
    name = design.summary.target.name
    name.setText("taken")
    name.textEdited.emit("taken")
    fix(qtbot, design, "rename")
    assert name.text() == "taken-2"


def test_without_a_microscope_the_button_leads_to_the_place_that_opens_one(
    qtbot: QtBot, desk: Desk
) -> None:
    design = shown(qtbot, desk)
    wanted: list[str] = []
    desk.workspace_requested.connect(wanted.append)
    settled(qtbot, lambda: "open-microscope" in design.summary.preflight.buttons)
    design.summary.preflight.buttons["open-microscope"].click()
    assert wanted == ["microscope"]


def test_a_place_beyond_the_stage_leads_to_the_positions(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    design.items.add("wait")
    design.fixes.do(Line("error", "too far", "edit-positions"), None)
    assert design.items.current == 0
    tabs = design.editor.tables.tab_wdg
    assert tabs.currentWidget() is design.editor.tables.stage_positions


def test_less_memory_is_what_the_next_run_gets(qtbot: QtBot, desk: Desk) -> None:
    design = shown(qtbot, desk)
    before = desk.controller.memory_bytes
    design.fixes.do(Line("warning", "much memory", "set-memory"), None)
    assert desk.controller.memory_bytes == before // 2


def test_a_button_stays_under_the_finger_when_only_words_change(qtbot: QtBot, desk: Desk) -> None:
    shown_list = PreflightList(desk.theme)
    qtbot.addWidget(shown_list)
    shown_list.resize(300, 200)
    shown_list.show()
    take_keyboard(qtbot, shown_list)
    shown_list.show_lines((Line("error", "no light", "leave-light"), Line("ok", "62 GB free")))
    button = shown_list.buttons["leave-light"]
    settled(qtbot, button.isVisible)
    button.setFocus()
    shown_list.show_lines((Line("error", "no light", "leave-light"), Line("ok", "61 GB free")))
    assert shown_list.buttons["leave-light"] is button
    assert [text.text() for text in shown_list._texts] == ["no light", "61 GB free"]
    shown_list.show_lines((Line("error", "no light", "leave-light"),))
    settled(qtbot, lambda: shown_list.buttons["leave-light"].hasFocus())


def test_every_fix_that_a_finding_may_have_has_a_button(open_desk: Desk) -> None:
    microscope = open_desk.controller.microscope
    assert microscope is not None
    words = """rename choose-folder edit-plan edit-channel:DAPI edit-phase:baseline edit-positions
        edit-pipeline:baseline edit-power:DAPI edit-limits reopen-microscope open-microscope
        calibrate-pixels calibrate-projector set-memory"""
    documented = Finding.__doc__ or ""
    for word in words.split():
        assert word.partition(":")[0] in documented
        line = _line(Finding("rule", "error", "a sentence", word), plan(), microscope)
        assert label_of(line.fix), word
    assert documented.count("`") // 2 - 1 == len(words.split()), "a fix that is not known here"
    assert all(LABELS.values())


def test_a_folder_that_cannot_be_made_asks_for_another(open_desk: Desk) -> None:
    microscope, output = open_desk.controller.microscope, Path("/proc/nowhere/tiny.ome.zarr")
    with patch("os.access", return_value=False):  # root may write anywhere
        lines = preflight_lines(plan(), microscope, output, 2**30, threading.Event())
    assert (lines[0].severity, lines[0].fix) == ("error", "choose-folder")
    assert "/proc/nowhere" in lines[0].text


# -- the amended plans


def test_another_channel_takes_the_exposure_power_and_every_use_of_the_old() -> None:
    channel = useq.Channel(config="DAPI", exposure=5)
    old = plan(power={"DAPI": 3.0}, reference=Reference(channels=(channel,)))
    new = with_channel(old, "DAPI", "Channel", "FITC").phases[0]
    assert [(c.config, c.exposure) for c in new.sequence.channels] == [("FITC", 5)]
    assert new.reference is not None
    assert new.reference.channels[0].config == "FITC"
    assert new.power == {"FITC": 3.0}
    assert with_channel(old, "Cy5", "Channel", "FITC") == old


def test_within_limits_touches_only_what_is_beyond_them() -> None:
    limits = Limits.model_validate(
        {
            "exposure_ms": (1, 100),
            "power": [{"device": "L", "property": "P", "range": (0, 10), "channels": ["DAPI"]}],
        }
    )
    beyond = plan(power={"DAPI": 30.0, "FITC": 30.0}, stimulate=Stimulation(exposure=(5, 500)))
    kept = within_limits(beyond, limits).phases[0]
    assert kept.power == {"DAPI": 10.0, "FITC": 30.0}
    assert kept.stimulate is not None
    assert kept.stimulate.exposure == (5, 100)
    assert within_limits(plan(), limits) == plan()


def test_what_is_left_out_is_left_out_of_that_phase_alone() -> None:
    light = Stimulation(exposure=5, channel={"config": "FITC", "exposure": 1}, power=4)
    first = plan(stimulate=light, pipeline={"measure": []}, power={"FITC": 4.0}).phases[0]
    both = Experiment(items=(first, Wait(seconds=1), first.model_copy(update={"name": "other"})))
    assert [p.stimulate for p in without_light(both, "other").phases] == [light, None]
    assert [p.stimulate for p in without_light(both).phases] == [None, None]
    assert [p.pipeline for p in without_pipeline(both, "other").phases] == [{"measure": []}, None]
    powers = [(p.power, p.stimulate.power) for p in without_power(both, "FITC").phases]  # type: ignore[union-attr]
    assert powers == [({}, None), ({}, None)]


def test_an_id_is_one_that_no_other_phase_has() -> None:
    first = plan(metadata={"phase_name": "x", "phase_id": 1}).phases[0]
    second = plan(name="two", metadata={"phase_name": "x"}).phases[0]
    both = give_ids(Experiment(items=(first, second)), "two")
    assert [phase.metadata["phase_id"] for phase in both.phases] == [1, 2]
