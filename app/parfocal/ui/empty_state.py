"""Say what a place is for while there is nothing in it yet, and offer the first thing to do."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

__all__ = ["EmptyState"]

SENTENCE_WIDTH = 440


class EmptyState(QWidget):
    """A headline, a sentence, and buttons under it, in the middle of the place."""

    def __init__(self, headline: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headline = QLabel(headline)
        font = self._headline.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._headline.setFont(font)
        self._sentence = QLabel(sentence)
        self._sentence.setWordWrap(True)
        self._sentence.setFixedWidth(SENTENCE_WIDTH)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(10)
        self._layout.addStretch(2)
        for label in (self._headline, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setForegroundRole(self.foregroundRole())
        self._layout.addWidget(self._headline, 0, Qt.AlignmentFlag.AlignHCenter)
        # in a row of its own: a label that wraps loses its second line when it is aligned itself
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._sentence)
        row.addStretch(1)
        self._layout.addLayout(row)
        self._layout.addStretch(3)

    def say(self, headline: str, sentence: str) -> None:
        """Change the words."""
        self._headline.setText(headline)
        self._sentence.setText(sentence)

    def offer(self, button: QPushButton) -> None:
        """Put a button under the sentence."""
        self._layout.insertWidget(
            self._layout.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter
        )
