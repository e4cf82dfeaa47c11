"""What every page has: the question at its top, a line under it, and a say in whether to go on."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from parfocal.ui.text import tr

__all__ = ["Page", "muted"]


class Page(QWidget):
    """A step. `changed` asks the wizard to look again whether it can be left."""

    changed = pyqtSignal()

    def __init__(self, question: str, explained: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(question)
        self.question = QLabel(question)
        font = self.question.font()
        font.setPointSizeF(font.pointSizeF() * 1.45)
        font.setBold(True)
        self.question.setFont(font)
        self.explained = muted(explained)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(self.question)
        self.column.addWidget(self.explained)
        self.column.addSpacing(4)

    def enter(self) -> None:
        """It is shown now."""

    def refresh(self) -> None:
        """Something that it shows may be another."""

    def obstacle(self) -> str:
        """Why one cannot go on from here; empty when one can."""
        return ""

    def next_words(self) -> str:
        """What the button that goes on says."""
        return tr("&Next")

    def focus(self) -> None:
        """Put the keyboard where it is of use."""


def muted(text: str) -> QLabel:
    """A line that explains."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
