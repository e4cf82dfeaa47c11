"""What the tests of the Design workspace share."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from parfocal.plan import Item
from parfocal.ui.design_workspace import DesignWorkspace
from parfocal.ui.desk import Desk
from ui.keyboard_focus import take_keyboard

PATIENCE_MS = 20_000


def shown(qtbot: QtBot, desk: Desk) -> DesignWorkspace:
    """The workspace on the screen, with the keyboard."""
    design = DesignWorkspace(desk)
    qtbot.addWidget(design)
    design.resize(1200, 740)
    design.show()
    desk.actions.give_shortcuts_to(design)
    take_keyboard(qtbot, design)
    desk.actions.refresh()  # as the window does ten times a second
    return design


def items(design: DesignWorkspace) -> tuple[Item, ...]:
    """The items of the plan."""
    return design.document.experiment.items


def settled(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    qtbot.waitUntil(condition, timeout=PATIENCE_MS)
