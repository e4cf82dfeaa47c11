"""Ask which strip is meant when a name comes again with other data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.jobs import Conflict

__all__ = ["ConflictDialog"]


class ConflictDialog(QDialog):
    """`answer` and `project` are what was chosen. Nothing is chosen at first: each does harm when
    it is the wrong one."""

    def __init__(self, conflict: Conflict, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conflict = conflict
        self.setWindowTitle(tr("Which strip is meant?"))
        self.setMinimumWidth(560)
        told = QLabel(
            tr(
                "{raw} has the name of {strip}, but other data than those of which that strip was "
                "made ({known})."
            ).format(raw=conflict.raw, strip=conflict.strip, known=conflict.known)
        )
        told.setWordWrap(True)
        self.again = QRadioButton(tr("The same strip, taken &again: make it anew"))
        self.other = QRadioButton(tr("Another strip: take it for one of the &project"))
        self.leave = QRadioButton(tr("&Leave these data alone"))
        self.name = QLineEdit(f"{conflict.project} 2")
        self.name.setAccessibleName(tr("Name of the other project"))
        self.name.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        yes = buttons.addButton(tr("Do it"), QDialogButtonBox.ButtonRole.AcceptRole)
        assert yes is not None
        self.yes = yes
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(told)
        column.addWidget(self.again)
        column.addWidget(_note(tr("What was made of it before is kept aside.")))
        row = QHBoxLayout()
        row.addWidget(self.other)
        row.addWidget(self.name, 1)
        column.addLayout(row)
        column.addWidget(_note(tr("What was made before stays as it is.")))
        column.addWidget(self.leave)
        column.addWidget(_note(tr("Nothing is copied and nothing is removed.")))
        column.addWidget(buttons)
        for choice in (self.again, self.other, self.leave):
            choice.toggled.connect(self._look)
        self.name.textChanged.connect(self._look)
        self._look()

    @property
    def answer(self) -> Any:
        """A word of jobs.Answer; empty while nothing is chosen."""
        for word in ("again", "other", "leave"):
            if getattr(self, word).isChecked():
                return word
        return ""

    @property
    def project(self) -> str:
        """Of which project the strip is, when it is another one."""
        return self.name.text().strip()

    def _look(self) -> None:
        self.name.setEnabled(self.other.isChecked())
        new = self.project and self.project != self.conflict.project
        self.yes.setEnabled(bool(self.answer) and (self.answer != "other" or bool(new)))


def _note(text: str) -> QLabel:
    made = QLabel(text)
    made.setIndent(24)
    font = made.font()
    font.setPointSizeF(font.pointSizeF() * 0.9)
    made.setFont(font)
    return made
