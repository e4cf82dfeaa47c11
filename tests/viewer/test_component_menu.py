"""The menu that gives components layers or sliders, by keyboard too."""

from __future__ import annotations

import warnings

import pytest
from PyQt6.QtWidgets import QMainWindow, QMessageBox
from pytestqt.qtbot import QtBot

from parfocal.viewer import ViewerError
from parfocal.viewer.child._components import Components

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from parfocal.viewer.child._component_menu import ComponentMenu


def test_a_tick_gives_layers_and_its_removal_the_slider_back(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    made: list[tuple[Components, int]] = [(Components(), 0)]

    def arrange(components: Components, most: int) -> None:
        if components.is_sliced("well") and most < 768:
            raise ViewerError("that would make 768 layers")
        made.append((components, most))

    ComponentMenu(window, lambda: made[-1][0], arrange)
    bar = window.menuBar()
    assert bar is not None
    (entry,) = bar.actions()
    assert entry.text() == "L&ayer for each"
    menu = entry.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert [name for name, action in actions.items() if action.isChecked()] == ["Channels"]
    letters = [action.text().partition("&")[2][:1] for action in menu.actions()]
    assert len(set(letters)) == len(letters)

    actions["Fields"].trigger()
    assert made[-1][0] == Components().changed({"field": "slice"})
    actions["Fields"].trigger()
    assert made[-1][0] == Components()

    answers = iter([QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes])
    asked: list[str] = []

    def question(_: object, __: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(QMessageBox, "question", question)
    actions["Wells"].trigger()
    assert made[-1][0] == Components()
    assert not actions["Wells"].isChecked()
    actions["Wells"].trigger()
    assert made[-1][0].is_sliced("well")
    assert asked == ["That would make 768 layers.\n\nMake them anyway?"] * 2
