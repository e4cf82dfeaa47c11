"""The file as it will be written, to be read and copied; a thread writes it, as a person types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from parfocal.jobs import Rewritten, rewrite
from parfocal.ui.icons import icon
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.note import Note
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

__all__ = ["Preview"]


class Preview(QWidget):
    """What is at the right of the form."""

    def __init__(self, desk: Desk, before: str) -> None:
        super().__init__()
        self._before = before
        self._answer = NewestAnswer(desk.tasks, self)
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setTabChangesFocus(True)
        self.words.setPlaceholderText(tr("Nothing is said yet."))
        self.words.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.words.setAccessibleName(tr("The file as it will be written"))
        title = QLabel(tr("Th&e file as it will be written"))
        title.setBuddy(self.words)
        self.button = QPushButton(icon("content-copy"), tr("Cop&y"))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.copy)
        self.lost = Note(desk.theme, tr("Comments that will be lost"))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.words, 1)
        column.addWidget(self.lost)

    def show_values(self, values: dict[str, Any]) -> None:
        """Write the file with these, off the window's thread: it may be long."""
        before = self._before
        self._answer.ask(
            tr("write the preview of a scan's file"),
            lambda _task: rewrite(before, values),
            self._show,
            self._refused,
        )

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.words.toPlainText())

    def _show(self, made: Rewritten) -> None:
        if self.words.toPlainText() != made.text:
            bar = self.words.verticalScrollBar()
            stood = 0 if bar is None else bar.value()
            self.words.setPlainText(made.text)
            if bar is not None:
                bar.setValue(stood)
        lost = "\n".join(made.lost)
        self.lost.say(
            tr("These comments of the file go with what they stood beside:\n{lost}").format(
                lost=lost
            )
            if lost
            else "",
            "warn",
        )

    def _refused(self, sentence: str) -> None:
        self.lost.say(sentence)
