"""Fields for folders: one, or one a line; each can be typed or chosen."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QTextCursor
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from parfocal.ui.scan_form._draft import ABSENT
from parfocal.ui.scan_form._fields import Field, LineField, as_text, in_line
from parfocal.ui.text import tr

__all__ = ["PlaceField", "PlacesField"]

LINES = 2


class PlaceField(LineField):
    """One folder; empty it is none."""

    def __init__(self, empty: str) -> None:
        super().__init__(empty, read=as_text)
        self.button = QPushButton(tr("Choose…"))
        self.button.clicked.connect(lambda: _choose(self, self.line.text(), self._take))
        self.row.addWidget(self.button)

    def name_it(self, name: str) -> None:
        """How it is read aloud."""
        super().name_it(name)
        self.button.setAccessibleName(tr("Choose: {name}").format(name=name))

    def _take(self, folder: str) -> None:
        self.line.selectAll()
        self.line.insert(folder)  # so that Undo takes it back
        self.edited.emit()


class PlacesField(Field):
    """One folder a line."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.lines = QPlainTextEdit()
        self.lines.setPlaceholderText(empty)
        self.lines.setTabChangesFocus(True)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        spare = 2 * self.lines.frameWidth() + 10
        self.lines.setFixedHeight(LINES * self.lines.fontMetrics().lineSpacing() + spare)
        self._shown = ""
        self.lines.textChanged.connect(self._changed)
        self.button = QPushButton(tr("Choose…"))
        self.button.clicked.connect(lambda: _choose(self, "", self._take))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.lines, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def first(self) -> QPlainTextEdit:
        """Its lines."""
        return self.lines

    def name_it(self, name: str) -> None:
        """How it is read aloud."""
        super().name_it(name)
        self.button.setAccessibleName(tr("Choose: {name}").format(name=name))

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        told = value if isinstance(value, list) else [value]
        self._shown = "\n".join(map(in_line, told))
        self.lines.setPlainText(self._shown)

    def told(self) -> Any:
        """What is said there now."""
        folders = [line.strip() for line in self.lines.toPlainText().splitlines() if line.strip()]
        return folders or ABSENT

    def _changed(self) -> None:
        text = self.lines.toPlainText()
        if text != self._shown:  # a text that is shown is nobody's edit
            self._shown = text
            self.edited.emit()

    def _take(self, folder: str) -> None:
        cursor = self.lines.textCursor()  # here too
        cursor.movePosition(QTextCursor.MoveOperation.End)
        text = self.lines.toPlainText()
        cursor.insertText(folder if not text or text.endswith("\n") else f"\n{folder}")


def _choose(owner: QWidget, start: str, take: Any) -> None:
    dialog = QFileDialog(owner, tr("Choose a folder"), start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
