"""Make a button of a page: Enter goes on to the next page and presses none of them."""

from collections.abc import Callable

from PyQt6.QtWidgets import QPushButton

from parfocal.ui.icons import icon

__all__ = ["button"]


def button(text: str, drawing: str, work: Callable[[], object] | None = None) -> QPushButton:
    """A button with a drawing."""
    made = QPushButton(icon(drawing), text)
    made.setAutoDefault(False)
    if work is not None:
        made.clicked.connect(lambda: work())
    return made
