"""Say in place what is wrong: a sentence under the field that it is about."""

from html import escape

from PyQt6.QtWidgets import QLabel, QWidget

from parfocal.ui.theme import Theme, Token

__all__ = ["Note"]


class Note(QLabel):
    """Takes no room while there is nothing to say."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._token: Token = "error"
        self.sentence = ""
        self.setAccessibleName(name)
        self.setWordWrap(True)
        self.hide()
        theme.changed.connect(self._show)

    def say(self, sentence: str, token: Token = "error") -> None:
        """Show this; "" takes it away."""
        if (sentence, token) != (self.sentence, self._token):
            self.sentence, self._token = sentence, token
            self._show()

    def _show(self) -> None:
        color = self._theme.color(self._token).name()
        lines = escape(self.sentence).replace("\n", "<br>")
        self.setText(f'<span style="color:{color}">{lines}</span>')
        self.setVisible(bool(self.sentence))
