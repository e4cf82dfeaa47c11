"""Say what the run is doing, and pause or stop it."""

from math import ceil
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from parfocal.ui.eliding_label import ElidingLabel
from parfocal.ui.icons import icon
from parfocal.ui.run_workspace._clock import clock
from parfocal.ui.run_workspace._progress import TERMINAL
from parfocal.ui.run_workspace._state_chip import StateChip
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk

__all__ = ["Header", "what_it_does", "which_item"]

SOON_S = 3.0  # a shorter sleep is over before anybody has read of it


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
        self.doing = ElidingLabel()
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
        self.buttons: dict[str, QToolButton] = {}
        for key in ("run.change", "run.pause", "run.continue", "run.end_wait", "run.stop"):
            button = self.buttons[key] = _button()
            button.setDefaultAction(desk.actions.action(key))
            layout.addWidget(button)

    def show_status(
        self,
        status: "RunStatus | None",
        *,
        pause_requested: bool,
        items: int = 0,
        at_the_end: bool = False,
    ) -> None:
        """Say the state of `status`, of a plan of so many items.

        `at_the_end`: the plan is done, and to continue means to close its store.

        No button comes or goes: under the mouse of somebody in a hurry it would be another one.
        """
        self.chip.show_status(status)
        self.phase.setText("" if status is None else which_item(status, items))
        words = "" if status is None else what_it_does(status)
        if words != self.doing.text():
            self.doing.setText(words)
            self.doing.setToolTip(words)
        over = status is not None and status.state in TERMINAL
        self.open_viewer.setText(tr("Open in napari") if over else tr("Watch in napari"))
        self._name_continue(tr("Close the store") if at_the_end else tr("Continue"))
        resumes = pause_requested and not over
        action = self._desk.actions.action("run.pause")
        label = tr("Resume") if resumes else tr("Pause")
        if action.text() != label:
            action.setText(label)
            action.setIcon(icon("play" if resumes else "pause"))

    def _name_continue(self, label: str) -> None:
        action = self._desk.actions.action("run.continue")
        if action.iconText() != label:
            action.setIconText(label)

    def _tint(self) -> None:
        self.open_viewer.setIcon(icon("monitor-eye"))


def _button() -> QToolButton:
    button = QToolButton()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def which_item(status: "RunStatus", items: int) -> str:
    """The phase that goes on, and where it stands in the plan; a wait or hold says so itself."""
    if status.message:
        return ""
    name = tr("wait of {s}").format(s=status.phase) if status.state == "waiting" else status.phase
    if not name:
        return status.name
    return f"{name}  {status.item + 1}/{items}" if items > 1 else name


def what_it_does(status: "RunStatus") -> str:
    """One short sentence beside the state's word."""
    if status.fatal is not None:
        return status.fatal.message
    match str(status.state):
        case "pausing":
            if status.wait_remaining_s is not None:
                left = clock(ceil(status.wait_remaining_s))
                return tr("the wait comes to its end first, in {time}").format(time=left)
            return tr("the event that is being taken comes to its end first")
        case "cancelling":
            return tr("nothing more is taken; what was taken is kept")
        case "finishing":
            return tr("the last frames are being written")
        case "completed":
            return tr("{n} frames in {store}").format(
                n=number(status.frames_stored), store=status.store.name
            )
    if status.state == "running" and (status.wait_remaining_s or 0.0) > SOON_S:
        return tr("next event in {time}").format(time=clock(ceil(status.wait_remaining_s or 0.0)))
    return status.reason
