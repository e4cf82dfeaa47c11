"""Say what the run is doing, and pause or stop it."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget
from superqt import QElidingLabel

from parfocal.ui.icons import icon
from parfocal.ui.run_workspace._state_chip import StateChip
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk

__all__ = ["TERMINAL", "Header", "what_it_does"]

TERMINAL = frozenset({"completed", "cancelled", "failed"})


class Header(QWidget):
    """State chip, phase, and the buttons; Pause's label follows the request, not its effect."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.chip = StateChip(desk.theme)
        self.phase = QLabel()
        font = self.phase.font()
        font.setBold(True)
        self.phase.setFont(font)
        self.doing = QElidingLabel()
        self.doing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.chip)
        layout.addWidget(self.phase)
        layout.addWidget(self.doing, 1)
        self.open_viewer = _button()
        self.open_viewer.setText(tr("Watch in napari"))
        desk.theme.changed.connect(self._tint)
        self._tint()
        layout.addWidget(self.open_viewer)
        for key in ("run.pause", "run.stop"):
            button = _button()
            button.setDefaultAction(desk.actions.action(key))
            layout.addWidget(button)

    def show_status(self, status: "RunStatus | None", *, pause_requested: bool) -> None:
        """Say the state of `status`."""
        self.chip.show_status(status)
        self.phase.setText("" if status is None else status.phase or status.name)
        words = "" if status is None else what_it_does(status)
        if words != self.doing.text():
            self.doing.setText(words)
            self.doing.setToolTip(words)
        over = status is not None and str(status.state) in TERMINAL
        self.open_viewer.setText(tr("Open in napari") if over else tr("Watch in napari"))
        action = self._desk.actions.action("run.pause")
        label = tr("Resume") if pause_requested else tr("Pause")
        if action.text() != label:
            action.setText(label)

    def _tint(self) -> None:
        self.open_viewer.setIcon(icon("monitor-eye"))


def _button() -> QToolButton:
    button = QToolButton()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def what_it_does(status: "RunStatus") -> str:
    """One short sentence beside the state's word."""
    if status.fatal is not None:
        return status.fatal.message
    match str(status.state):
        case "pausing":
            return tr("the event that is being taken comes to its end first")
        case "cancelling":
            return tr("nothing more is taken; what was taken is kept")
        case "finishing":
            return tr("the last frames are being written")
        case "completed":
            return tr("{n} frames in {store}").format(
                n=number(status.frames_stored), store=status.store.name
            )
    return status.reason
