"""Lay out the Run workspace and hand the polled status to its panels."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk


class RunWorkspace(QWidget):
    """Drawn from polled `RunStatus` only: right even if no signal is ever delivered."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk

    def refresh(self, status: "RunStatus | None") -> None:
        """Draw `status`; the window calls this at 10 Hz while the workspace is visible."""
