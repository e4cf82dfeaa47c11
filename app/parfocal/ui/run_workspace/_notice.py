"""Tell the operator, large and plain, what has to be done before the run can go on."""

from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from parfocal.ui.icons import icon

if TYPE_CHECKING:
    from PyQt6.QtGui import QAction

    from parfocal.ui.theme import Theme, Token

__all__ = ["Notice"]

LARGER = 1.45  # than the other words: it is read from where the pipette is
MARK = 30


class Notice(QFrame):
    """A band with a mark, a sentence and what can be done; hidden when there is nothing to say."""

    def __init__(
        self, theme: "Theme", token: str, drawing: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._token, self._drawing = theme, cast("Token", token), drawing
        self._mark = QLabel()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        font = self.words.font()
        font.setPointSizeF(font.pointSizeF() * LARGER)
        self.words.setFont(font)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 10, 14, 10)
        self._row.setSpacing(14)
        self._row.addWidget(self._mark)
        self._row.addWidget(self.words, 1)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def offer(self, action: "QAction") -> QToolButton:
        """Put a button for an action at the right end."""
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._row.addWidget(button)
        return button

    def say(self, sentence: str) -> None:
        """Show a sentence, or nothing at all."""
        if sentence != self.words.text():
            self.words.setText(sentence)
            self.setAccessibleName(sentence)
        if self.isHidden() == bool(sentence):
            self.setVisible(bool(sentence))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color(self._token)
        painter.setPen(QPen(color, 2))
        color.setAlphaF(0.14)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _dress(self) -> None:
        drawing = icon(self._drawing, self._theme.color(self._token))
        self._mark.setPixmap(drawing.pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))
        self.update()
