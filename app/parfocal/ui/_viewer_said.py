"""Show why a viewer ended and the end of what it wrote, as a text that can be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from parfocal.ui._viewer_words import viewer_state_in_words
from parfocal.ui.text import tr
from parfocal.ui.text_dialog import TextDialog

if TYPE_CHECKING:
    from parfocal.viewer import Viewer


class ViewerSaid(TextDialog):
    """Not modal: the viewers and the run go on."""

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        title = tr("What the viewer {title} said").format(title=viewer.title)
        super().__init__(title, said_by(viewer), title, parent)


def said_by(viewer: Viewer) -> str:
    """State, reason and the end of stderr, as one text."""
    status = viewer.status()
    head = [
        f"{viewer.title} — {viewer_state_in_words(status)}",
        str(status.store or ""),
        status.problem,
    ]
    said = viewer.log.rstrip() or tr("It wrote nothing to stderr.")
    return "\n".join([*filter(None, head), "", said])
