"""Edit a wait, as hh:mm:ss, or a hold, as the words that a person will read."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QTextCursor
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from parfocal.plan import Hold, Wait
from parfocal.ui.design_workspace._fields import DurationBox
from parfocal.ui.design_workspace._item_words import duration_in_words
from parfocal.ui.text import tr


class WaitPage(QWidget):
    """How long."""

    edited = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.duration = DurationBox()
        self.duration.setAccessibleName(tr("How long the wait is"))
        self.duration.setMinimumWidth(140)
        self.duration.valueChanged.connect(lambda value: self.edited.emit(Wait(seconds=value)))
        label = QLabel(tr("&Wait for"))
        label.setBuddy(self.duration)
        self._words = QLabel()
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.duration)
        row.addWidget(self._words)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addSpacing(8)
        layout.addWidget(
            _explanation(
                tr(
                    "What follows begins so long after the last frame of all fields has been "
                    "taken. When the run is late the wait lasts as long all the same."
                )
            )
        )
        layout.addStretch(1)

    def show_item(self, wait: Wait) -> None:
        """Show this wait."""
        self._words.setText(tr("that is {time}").format(time=duration_in_words(wait.seconds)))
        if self.duration.value() != wait.seconds:
            self.duration.blockSignals(True)
            self.duration.setValue(wait.seconds)
            self.duration.blockSignals(False)

    def focus(self) -> None:
        """Begin to type."""
        self.duration.setFocus()
        self.duration.selectAll()

    def flush(self) -> None:
        """Take what is typed and not finished yet."""
        self.duration.interpretText()


class HoldPage(QWidget):
    """What there is to do."""

    edited = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = QPlainTextEdit()
        self.message.setTabChangesFocus(True)
        self.message.setAccessibleName(tr("What the operator shall do"))
        self.message.setPlaceholderText(tr("pipette the drug, then continue"))
        self.message.setMaximumHeight(110)
        # the document's own undo would fight with the plan's, which takes back every edit
        self.message.setUndoRedoEnabled(False)
        self.message.textChanged.connect(self._on_changed)
        label = QLabel(tr("Say to the &operator"))
        label.setBuddy(self.message)
        layout = QVBoxLayout(self)
        layout.addWidget(label)
        layout.addWidget(self.message)
        layout.addSpacing(8)
        layout.addWidget(
            _explanation(
                tr(
                    "The run stops here until somebody presses Continue; the clock of what "
                    "follows begins then."
                )
            )
        )
        layout.addStretch(1)

    def show_item(self, hold: Hold) -> None:
        """Show this hold."""
        if self.message.toPlainText() != hold.message:
            self.message.blockSignals(True)
            self.message.setPlainText(hold.message)
            self.message.moveCursor(QTextCursor.MoveOperation.End)
            self.message.blockSignals(False)

    def focus(self) -> None:
        """Begin to type."""
        self.message.setFocus()
        self.message.selectAll()

    def flush(self) -> None:
        """Every letter was taken already."""

    def _on_changed(self) -> None:
        self.edited.emit(Hold(message=self.message.toPlainText()))


def _explanation(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
