"""Every control of these workspaces can be read aloud: it has words, a name, or a label's buddy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from parfocal.ui.declarations import menus
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace import JobsWorkspace
from parfocal.ui.microscope_workspace import MicroscopeWorkspace
from parfocal.ui.store_workspace import StoreWorkspace

CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit)


def nameless(place: QWidget) -> list[str]:
    labelled = {label.buddy() for label in place.findChildren(QLabel)}
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for kind in CONTROLS
        for widget in place.findChildren(kind)
        if widget.isVisible()
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and widget not in labelled
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QLineEdit)
        and not widget.objectName().startswith("qt_")  # Qt's own parts
    ]


def clashing(place: QWidget) -> list[str]:
    """Alt with a letter that two things in sight want, or a menu: Qt then opens neither."""
    words = [title for _key, title in menus()]
    for label in place.findChildren(QLabel):
        if label.isVisible() and label.buddy() is not None:
            words.append(label.text())
    for button in place.findChildren(QAbstractButton):
        if button.isVisible():
            words.append(button.text())
    for bar in place.findChildren(QTabBar):
        if bar.isVisible():
            words += [bar.tabText(tab) for tab in range(bar.count()) if bar.isTabVisible(tab)]
    taken: dict[str, list[str]] = {}
    for text in words:
        key = QKeySequence.mnemonic(text).toString()
        if key:
            taken.setdefault(key, []).append(text)
    return [f"{key}: {wanting}" for key, wanting in taken.items() if len(wanting) > 1]


@pytest.mark.parametrize(
    "make", [DesignWorkspace, MicroscopeWorkspace, StoreWorkspace, JobsWorkspace]
)
def test_every_control_has_a_name(
    qtbot: QtBot, open_desk: Desk, make: Callable[[Desk], QWidget]
) -> None:
    open_desk.tasks.start("a job", lambda _task: None)
    workspace = make(open_desk)
    qtbot.addWidget(workspace)
    workspace.resize(1200, 740)
    workspace.show()
    qtbot.wait(150)
    assert nameless(workspace) == []
    assert clashing(workspace) == []
    if isinstance(workspace, DesignWorkspace):
        tabs = workspace.editor.tables.tab_wdg
        for tab in range(tabs.count()):
            tabs.setCurrentIndex(tab)
            QApplication.processEvents()
            assert nameless(workspace) == [], tabs.tabText(tab)
        for name in workspace.phase_page.folds:
            workspace.phase_page.open(name)
            assert nameless(workspace) == [], name
            assert clashing(workspace) == [], name
        dialogs = workspace.pipeline_dialogs
        dialogs.show_plug_ins()
        dialogs.show_trial()
        for dialog in (dialogs.plug_ins, dialogs.trial):
            assert dialog is not None
            assert nameless(dialog) == []
            dialog.close()
        workspace.summary.options_fold.open()
        assert nameless(workspace) == []
        workspace.summary.views_fold.open()
        assert nameless(workspace) == []
        for kind in ("wait", "hold"):
            workspace.items.add(kind)
            assert nameless(workspace) == [], kind
            assert clashing(workspace) == [], kind
