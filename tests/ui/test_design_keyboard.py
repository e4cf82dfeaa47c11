"""The whole of Design without a mouse, and a right column that is never behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from parfocal.plan import Hold, Phase, Wait, demo_experiment, read_plan
from parfocal.plan import write_plan as write
from parfocal.ui.design_workspace import DesignWorkspace, _outlook
from parfocal.ui.desk import Desk
from ui.design_parts import items, settled, shown
from ui.keyboard_focus import press

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def write_letters(qtbot: QtBot, text: str) -> None:
    qtbot.keyClicks(QApplication.focusWidget(), text)


def tab_to(qtbot: QtBot, control: QWidget | Callable[[], QWidget]) -> None:
    """Press Tab until a control has the keyboard."""
    for _ in range(400):  # more than once around: parts come and go as answers do
        here = QApplication.focusWidget()
        target = control if isinstance(control, QWidget) else control()
        if here is target or (here is not None and target.isAncestorOf(here)):
            return
        press(qtbot, KEY.Key_Tab)
    raise AssertionError(f"{control} cannot be reached with Tab")


def test_an_experiment_is_designed_from_the_keyboard_alone(
    qtbot: QtBot, open_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path))  # before the projector is asked for
    design = shown(qtbot, open_desk)
    settled(qtbot, lambda: bool(design.phase_page._groups))
    design.title.setFocus()
    design.title.selectAll()
    write_letters(qtbot, "night")
    tab_to(qtbot, design.items.view)
    press(qtbot, KEY.Key_W, CTRL | ALT)  # a wait, of five minutes
    press(qtbot, KEY.Key_H, CTRL | ALT)  # a hold
    press(qtbot, KEY.Key_N, CTRL | ALT)  # and a second phase
    press(qtbot, KEY.Key_Up)
    press(qtbot, KEY.Key_Up)
    tab_to(qtbot, design.wait_page.duration)
    write_letters(qtbot, "5 min")
    press(qtbot, KEY.Key_Return)
    design.items.view.setFocus()
    press(qtbot, KEY.Key_Down)
    tab_to(qtbot, design.hold_page.message)
    press(qtbot, KEY.Key_A, CTRL)
    write_letters(qtbot, "drug")
    design.items.view.setFocus()
    press(qtbot, KEY.Key_Down)
    fold = design.phase_page.folds["stimulate"]
    tab_to(qtbot, fold.tick)
    press(qtbot, KEY.Key_Space)
    tab_to(qtbot, design.phase_page.light.timepoints)
    press(qtbot, KEY.Key_A, CTRL)
    write_letters(qtbot, "every 2")
    tab_to(qtbot, design.phase_page.folds["batches"].tick)
    tab_to(qtbot, design.summary.target.name)
    first, wait, hold, second = items(design)
    assert isinstance(first, Phase)
    assert (wait, hold) == (Wait(seconds=300), Hold(message="drug"))
    assert isinstance(second, Phase)
    assert second.stimulate is not None
    assert second.stimulate.timepoints.step == 2  # type: ignore[union-attr]
    monkeypatch.setattr(
        "parfocal.ui.design_workspace._files.QFileDialog.getSaveFileName",
        lambda *_args: (str(tmp_path / "night.parfocal.yaml"), ""),
    )
    open_desk.actions.refresh()
    press(qtbot, KEY.Key_S, CTRL)
    assert read_plan(tmp_path / "night.parfocal.yaml") == design.document.experiment

    def calibrate() -> None:
        microscope = open_desk.controller.microscope
        assert microscope is not None
        open_desk.controller.in_engine(microscope.projector.calibrate).result(20)
        open_desk.devices_changed.emit()

    open_desk.actions.bind("microscope.projector", calibrate)

    def offered() -> bool:
        button = design.summary.preflight.buttons.get("calibrate-projector")
        return button is not None and button.isVisible()

    settled(qtbot, offered)  # one that was made just now is shown by the layout's next turn
    tab_to(qtbot, lambda: design.summary.preflight.buttons["calibrate-projector"])
    press(qtbot, KEY.Key_Space)
    settled(qtbot, design.summary.run_button.isEnabled)
    tab_to(qtbot, design.summary.run_button)
    while design.document.stack.canUndo():
        press(qtbot, KEY.Key_Z, CTRL)
    assert design.document.experiment == demo_experiment()


def test_the_right_column_follows_an_edit_and_an_answer_to_an_older_one_is_dropped(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = shown(qtbot, desk)
    settled(qtbot, lambda: design.outlook.preview is not None)
    gate, real = threading.Event(), _outlook.preview
    asked: list[str] = []

    def slow(experiment, camera, stage, overview):  # type: ignore[no-untyped-def] # as the real one
        asked.append(experiment.name)
        if experiment.name == "slow":
            gate.wait(10)
        return real(experiment, camera, stage, overview)

    monkeypatch.setattr(_outlook, "preview", slow)
    shown_names: list[str] = []
    design.outlook.previewed.connect(lambda answer: shown_names.append(answer.experiment.name))
    for name in ("slow", "newest"):
        design.document.edit(design.document.experiment.model_copy(update={"name": name}), "rename")
        settled(qtbot, lambda name=name: name in asked)
    started = time.perf_counter()
    settled(qtbot, lambda: "newest" in shown_names)
    assert time.perf_counter() - started < 1.0
    gate.set()
    qtbot.wait(60)
    assert shown_names == ["newest"]
    assert design.outlook.preview is not None
    assert design.outlook.preview.experiment.name == "newest"


def clipped(place: QWidget) -> list[str]:
    """The words that are wider than what shows them, and what lies beyond its parent."""
    found = []
    for kind in (QAbstractButton, QLabel):
        for widget in place.findChildren(kind):
            if not widget.isVisible() or widget.visibleRegion().isEmpty() or not widget.text():
                continue
            if isinstance(widget, QLabel) and (widget.wordWrap() or type(widget) is not QLabel):
                continue
            if widget.width() + 1 < widget.minimumSizeHint().width():
                found.append(f"{type(widget).__name__} {widget.text()!r}")
            elif widget.geometry().right() > widget.parentWidget().width():
                found.append(f"{type(widget).__name__} {widget.text()!r} beyond its parent")
    return found


FORMS = ("stimulate", "reference", "power", "batches", "viewers", "storing", "views")


@pytest.mark.parametrize("form", ["", *FORMS])
def test_no_word_is_clipped_at_1280_by_800(qtbot: QtBot, open_desk: Desk, form: str) -> None:
    design = shown(qtbot, open_desk)
    design.resize(1280 - 92, 800 - 52)  # what bars and menus leave of the window
    settled(qtbot, lambda: bool(design.summary.preflight.lines))
    if form == "storing":
        design.summary.options_fold.open()
    elif form == "views":
        design.summary.views_fold.open()
    elif form:
        design.phase_page.open(form)
    qtbot.wait(50)
    assert clipped(design) == []
    assert design.minimumSizeHint().width() <= design.width()
    assert design.minimumSizeHint().height() <= design.height()


@pytest.mark.parametrize("ending", ["parfocal.yaml", "parfocal.json", "useq.yaml", "useq.json"])
def test_a_plan_is_saved_and_opened_in_each_form(
    qtbot: QtBot, desk: Desk, tmp_path: Path, ending: str
) -> None:
    design: DesignWorkspace = shown(qtbot, desk)
    path = tmp_path / f"plan.{ending}"
    write(demo_experiment(), path)
    design.items.add("wait")
    design.document.stack.setClean()
    assert design.open_path(path)
    assert items(design)[0].sequence == demo_experiment().phases[0].sequence
    assert len(items(design)) == 1
    assert desk.settings.values.recent_files[0] == path
