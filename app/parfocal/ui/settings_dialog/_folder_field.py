"""Choose a folder: type its path, or pick it; `chosen` gives it, None when it may be left empty."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["FolderField"]


class FolderField(QWidget):
    """What is no whole path is refused in place. Whether it is there, the disk may say later."""

    chosen = pyqtSignal(object)  # Path or None

    def __init__(
        self, theme: Theme, name: str, path: Path | None, *, optional: bool = False
    ) -> None:
        super().__init__()
        self._name, self._optional = name, optional
        self._path = path
        self.path = QLineEdit("" if path is None else str(path))
        self.path.setAccessibleName(name)
        self.path.editingFinished.connect(self._typed)
        self.button = QPushButton(tr("Choose…"))
        self.button.setAccessibleName(tr("Choose: {name}").format(name=name))
        self.button.clicked.connect(self._pick)
        self.note = Note(theme, tr("What is wrong with the folder"))
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.note)
        self.button.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusProxy(self.path)

    def show_path(self, path: Path | None) -> None:
        """Show what is chosen now."""
        self._path = path
        self.path.setText("" if path is None else str(path))
        self.note.say("")

    def _pick(self) -> None:
        dialog = QFileDialog(self, self._name, self.path.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._take(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _typed(self) -> None:
        text = self.path.text().strip()
        if not text and self._optional:
            self._take(None)
        elif text and (path := Path(text).expanduser()).is_absolute():
            self._take(path)
        else:
            self.note.say(
                tr("Give the whole path of a folder, as {example}.").format(
                    example=Path.home() / "Parfocal"
                )
            )

    def _take(self, path: Path | None) -> None:
        changed = path != self._path
        self.show_path(path)
        if changed:
            self.chosen.emit(path)
