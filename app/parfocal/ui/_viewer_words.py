"""Say in words how a viewer is: the state, with what waits for it or the code that it left with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parfocal.ui.text import number, tr
from parfocal.ui.theme import Token

if TYPE_CHECKING:
    from parfocal.viewer import ViewerStatus

__all__ = ["LIGHTS", "WORST_FIRST", "code_in_words", "viewer_state_in_words"]

# state: (drawing, colour) — the word beside it says the same to those who see neither
LIGHTS: dict[str, tuple[str, Token]] = {
    "starting": ("progress-clock", "info"),
    "ready": ("circle", "ok"),
    "busy": ("circle-slice-8", "warn"),
    "not responding": ("alert-circle", "error"),
    "exited": ("circle-outline", "muted"),
    "detached": ("window-restore", "info"),
}
WORST_FIRST = ("not responding", "exited", "starting", "busy", "ready", "detached")


def viewer_state_in_words(status: ViewerStatus) -> str:
    """What stands beside a viewer's light."""
    state = str(status.state)
    if state == "starting":
        words = tr("Starting ({n} queued)").format(n=number(status.queued))
    elif state == "exited":
        words = tr("Exited ({code})").format(code=code_in_words(status.exit_code))
    else:
        words = {
            "ready": tr("Ready"),
            "busy": tr("Busy"),
            "not responding": tr("Not responding"),
            "detached": tr("Kept open"),
        }[state]
    return tr("{state}, kept open").format(state=words) if status.kept else words


def code_in_words(code: int | None) -> str:
    """How a process left: its code, or the signal that ended it."""
    if code is None:
        return tr("code not known")
    return tr("signal {n}").format(n=-code) if code < 0 else number(code)
