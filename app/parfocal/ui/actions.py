"""What the window can do: `bind` gives an action its work, `trigger` does it by its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

Enabled = Callable[[], bool] | bool


class Actions(QObject):
    """Every action by key; one that nobody bound is disabled, never an error."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._actions: dict[str, QAction] = {}

    def bind(self, key: str, callback: Callable[[], object], enabled: Enabled = True) -> None:
        """Give an action its work; `enabled` is asked again at every refresh."""

    def trigger(self, key: str) -> bool:
        """Do it if it can be done now; says whether it was."""
        return False

    def refresh(self) -> None:
        """Ask every action again whether it can be done now (the window does so at 10 Hz)."""

    def action(self, key: str) -> QAction:
        """The one QAction of a key, for buttons: `button.setDefaultAction(actions.action(…))`."""
        return self._actions.setdefault(key, QAction(self))
