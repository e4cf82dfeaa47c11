"""One place in the window's stack: it holds a workspace from the moment that it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from parfocal.ui.desk import Desk
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.workspaces import Make


class WorkspacePage(QWidget):
    """Says what comes until `make`; a workspace that cannot be made leaves a sentence there."""

    def __init__(self, name: str, make: Make, desk: Desk) -> None:
        super().__init__()
        self.name = name
        self._make, self._desk = make, desk
        shown_by = desk.actions.action(f"view.{name}").iconText()
        self._words = QLabel(tr("{workspace} is being opened…").format(workspace=shown_by))
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._words)
        self.widget: Any = None

    def make(self) -> QWidget | None:
        """Make the workspace when it is not there yet."""
        if self.widget is None:
            # It stays when the next line raises, which the window tells as a toast. Trying again
            # is only showing it again.
            self._words.setText(
                tr("This workspace could not be opened; Help → Show logs has the reason.")
            )
            widget = self._make(self._desk)
            self._column.addWidget(widget)
            self._words.hide()
            self.widget = widget
        made: QWidget | None = self.widget
        return made

    def refresh(self, status: RunStatus | None) -> None:
        """Hand a status to the workspace, if it cares."""
        refresh = getattr(self.widget, "refresh", None)
        if refresh is not None:
            refresh(status)
