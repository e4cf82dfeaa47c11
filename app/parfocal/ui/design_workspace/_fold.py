"""A line that says in short what is set, and opens to the form that sets it."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.eliding_label import ElidingLabel
from parfocal.ui.text import tr

__all__ = ["Fold", "one_open"]


class Fold(QFrame):
    """Title, summary and, when opened, the form. With a tick it can be left out altogether."""

    opened = pyqtSignal()
    used = pyqtSignal(bool)
    """A person ticked it, or took the tick away."""

    def __init__(self, title: str, form: QWidget, *, optional: bool = False) -> None:
        super().__init__()
        self.form = form
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.tick = QCheckBox()
        self.tick.setAccessibleName(tr("Use {what}").format(what=title))
        self.tick.setToolTip(tr("Use {what}").format(what=title))
        self.tick.setVisible(optional)
        policy = self.tick.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that all titles begin at one line
        self.tick.setSizePolicy(policy)
        self.tick.clicked.connect(self._on_ticked)
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setCheckable(True)
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setArrowType(Qt.ArrowType.RightArrow)
        self.head.toggled.connect(self._on_toggled)
        self.head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = title
        self.summary = ElidingLabel()
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.summary.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.tick)
        row.addWidget(self.head)
        row.addWidget(self.summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(form)
        form.hide()

    def say(self, summary: str, *, used: bool = True) -> None:
        """Write what is set, and whether it is used."""
        self.summary.setText(summary)
        self.summary.setToolTip(summary)
        self.head.setAccessibleName(f"{self._title}: {summary}")
        self.tick.setChecked(used)
        self.form.setEnabled(used)

    def open(self, *, wide: bool = True) -> None:
        """Show the form, or hide it again."""
        self.head.setChecked(wide)

    def _on_toggled(self, wide: bool) -> None:
        self.form.setVisible(wide)
        self.head.setArrowType(Qt.ArrowType.DownArrow if wide else Qt.ArrowType.RightArrow)
        if wide:
            self.opened.emit()

    def _on_ticked(self, ticked: bool) -> None:
        if ticked:
            self.open()
        self.used.emit(ticked)


def one_open(*folds: Fold) -> None:
    """Let the opening of one close the others: there is room for one form."""
    width = max(fold.head.sizeHint().width() for fold in folds)
    for fold in folds:
        fold.head.setMinimumWidth(width)
    for fold in folds:
        others = [other for other in folds if other is not fold]
        fold.opened.connect(lambda others=others: [other.open(wide=False) for other in others])
