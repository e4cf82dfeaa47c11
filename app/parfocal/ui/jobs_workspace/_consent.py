"""Show what a clean-up would take away, and let somebody say in words that it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.text import number, size_in_words, tr

if TYPE_CHECKING:
    from parfocal.jobs import CleanupPreview

__all__ = ["CleanupBox", "ConsentDialog"]

SHOWN = 200


class CleanupBox(QWidget):
    """The dry run of a clean-up, and the field for the words that it asks for."""

    changed = pyqtSignal()

    def __init__(self, preview: CleanupPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = preview.words
        self.summary = QLabel(summary_of(preview))
        self.summary.setWordWrap(True)
        self.files = QPlainTextEdit(_files(preview))
        self.files.setReadOnly(True)
        self.files.setAccessibleName(tr("Files that would go, and copies of them"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(preview.words)
        self.field.textChanged.connect(lambda _: self.changed.emit())
        asks = QLabel(tr("To say so, &type: {words}").format(words=preview.words))
        asks.setBuddy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.summary)
        column.addWidget(self.files, 1)
        for widget in (asks, self.field):
            widget.setVisible(bool(preview.words))
            column.addWidget(widget)

    @property
    def consent(self) -> str | None:
        """The words, if they were typed as they are asked for."""
        typed = self.field.text().strip()
        return typed if self._words and typed == self._words else None

    @property
    def is_said(self) -> bool:
        """Whether nothing has to be typed any more."""
        return not self._words or self.consent is not None

    @property
    def is_half_said(self) -> bool:
        """Whether something else was typed than what is asked for."""
        return bool(self.field.text().strip()) and not self.is_said


class ConsentDialog(QDialog):
    """Asked before a clean-up that waits for a person is let go on."""

    def __init__(self, preview: CleanupPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Take the raw data away?"))
        self.resize(640, 420)
        self.box = CleanupBox(preview)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        yes = buttons.addButton(_verb(preview.action), QDialogButtonBox.ButtonRole.AcceptRole)
        assert yes is not None
        self.yes = yes
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.box, 1)
        column.addWidget(buttons)
        self.box.changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        self.yes.setEnabled(self.box.is_said)


def summary_of(preview: CleanupPreview) -> str:
    """What would happen, in two sentences."""
    count = number(len(preview.taken))
    size = size_in_words(preview.bytes_taken)
    if preview.where is not None:
        first = tr("{n} files, {size}, of {raw} would be moved to {where}.").format(
            n=count, size=size, raw=preview.raw, where=preview.where
        )
    else:
        first = tr(
            "{n} files, {size}, of {raw} would be deleted for good; {m} small files stay."
        ).format(n=count, size=size, raw=preview.raw, m=number(len(preview.kept)))
    open_ = [kind for kind, _, verified in preview.copies if not verified]
    second = tr("Before, the backup and the raw data are read again and compared.")
    if open_:
        second += " " + tr("Not verified yet: {what}; without it nothing goes.").format(
            what=", ".join(open_)
        )
    return f"{first}\n{second}"


def _files(preview: CleanupPreview) -> str:
    lines = [
        f"{kind}: {path}  ({tr('verified') if verified else tr('not verified')})"
        for kind, path, verified in preview.copies
    ]
    lines.append("")
    lines += [f"{name}  {size_in_words(size)}" for name, size in preview.taken[:SHOWN]]
    if len(preview.taken) > SHOWN:
        lines.append(tr("… and {n} more").format(n=number(len(preview.taken) - SHOWN)))
    lines += [tr("{name} stays").format(name=name) for name, _ in preview.kept[:SHOWN]]
    return "\n".join(lines)


def _verb(action: str) -> str:
    return {"move": tr("Move them"), "trash": tr("Put them in the trash")}.get(
        action, tr("Delete them")
    )
