"""Show why a viewer ended and the end of what it wrote, as a text that can be copied."""

from __future__ import annotations

from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from parfocal.ui._viewer_row import AnyViewer
from parfocal.ui._viewer_words import viewer_state_in_words
from parfocal.ui.text import tr


class ViewerSaid(QDialog):
    """Not modal: the viewers and the run go on."""

    def __init__(self, viewer: AnyViewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What the viewer {title} said").format(title=viewer.title))
        self.resize(760, 420)
        self.words = QPlainTextEdit(said_by(viewer))
        self.words.setReadOnly(True)
        self.words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.words.setAccessibleName(self.windowTitle())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        copy = buttons.addButton(tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        if copy is not None:
            copy.clicked.connect(self.copy)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(buttons)
        self.finished.connect(self.deleteLater)

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.words.toPlainText())


def said_by(viewer: AnyViewer) -> str:
    """State, reason and the end of stderr, as one text."""
    status = viewer.status()
    head = [
        f"{viewer.title} — {viewer_state_in_words(status)}",
        str(status.store or ""),
        status.problem,
    ]
    said = viewer.log.rstrip() or tr("It wrote nothing to stderr.")
    return "\n".join([*filter(None, head), "", said])
