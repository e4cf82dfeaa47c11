"""What is seen of a trial: its picture, what was found, the choice of a picture, and Cancel."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.design_workspace._fields import Complaint
from parfocal.ui.design_workspace._trial_view import TrialView
from parfocal.ui.icons import icon
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

__all__ = ["TrialPanels"]


class TrialPanels:
    """The widgets of a `TrialDialog`, laid out in it."""

    def __init__(self, dialog: QWidget, theme: Theme) -> None:
        self.snap = QPushButton(tr("&Take a picture"))
        self.snap.setToolTip(tr("One in each channel of the phase; the channel is put back"))
        self.store = QPushButton(tr("From a &store…"))
        self.timepoint, self.field = QSpinBox(), QSpinBox()
        self._labels = (QLabel(tr("ti&mepoint")), QLabel(tr("&field")))
        for label, box in zip(self._labels, (self.timepoint, self.field), strict=True):
            label.setBuddy(box)
            box.setAccessibleName(label.text().replace("&", ""))
            box.setKeyboardTracking(False)
        self.cells = QCheckBox(tr("&Outlines"))
        self.light = QCheckBox(tr("&Light"))
        for tick in (self.cells, self.light):
            tick.setChecked(True)
        self.view = TrialView(theme)
        self.state = QLabel()
        self.state.setAccessibleName(tr("What is going on"))
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Something is going on"))
        self.bar.setMaximumWidth(160)
        self.cancel = QPushButton(tr("&Cancel"))
        self.complaint = Complaint(theme)
        self.found, self.took, self.measured = QLabel(), QLabel(), QLabel()
        font = self.found.font()
        font.setBold(True)
        self.found.setFont(font)
        for label in (self.found, self.took, self.measured, self.state, self.complaint):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.changed.connect(self._dress)
        self._dress()
        self._lay_out(dialog)
        self.show_places(1, 1, of_a_store=False)

    def show_places(self, timepoints: int, fields: int, of_a_store: bool) -> None:
        """Offer the pictures of a store, counted from 1 as Run does."""
        for box, count in ((self.timepoint, timepoints), (self.field, fields)):
            before = box.blockSignals(True)
            box.setRange(1, max(1, count))
            box.setSuffix(tr(" of {n}").format(n=number(count)))
            box.blockSignals(before)
        for widget in (*self._labels, self.timepoint, self.field):
            widget.setVisible(of_a_store)

    def place(self) -> tuple[int, int]:
        """Timepoint and field, counted from 0."""
        return self.timepoint.value() - 1, self.field.value() - 1

    def show_working(self, *, working: bool) -> None:
        """Something is going on that can be cancelled."""
        self.bar.setVisible(working)
        self.cancel.setEnabled(working)

    def say_nothing_found(self) -> None:
        """What was found before is not true any more."""
        for label in (self.found, self.took, self.measured):
            label.clear()

    def _lay_out(self, dialog: QWidget) -> None:
        top = QHBoxLayout()
        for widget in (self.snap, self.store, self._labels[0], self.timepoint):
            top.addWidget(widget)
        for widget in (self._labels[1], self.field):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self.cells)
        top.addWidget(self.light)
        facts = QVBoxLayout()
        for widget in (self.found, self.took, self.complaint, self.measured):
            facts.addWidget(widget)
        facts.addStretch(1)
        side = QWidget()
        side.setFixedWidth(250)
        side.setLayout(facts)
        middle = QHBoxLayout()
        middle.addWidget(self.view, 1)
        middle.addWidget(side)
        below = QHBoxLayout()
        below.addWidget(self.state, 1)
        below.addWidget(self.bar)
        below.addWidget(self.cancel)
        for button in (self.snap, self.store, self.cancel):
            button.setAutoDefault(False)
        layout = QVBoxLayout(dialog)
        layout.addLayout(top)
        layout.addLayout(middle, 1)
        layout.addLayout(below)

    def _dress(self) -> None:
        self.snap.setIcon(icon("camera"))
        self.store.setIcon(icon("folder-open-outline"))
