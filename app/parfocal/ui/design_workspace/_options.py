"""Choose how the store is written, what happens on trouble, and what a pause does."""

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QSpinBox, QWidget

from parfocal.plan import Experiment
from parfocal.ui.design_workspace._fields import add_row, choice
from parfocal.ui.text import figure, tr

CODECS = {"lz4": tr("lz4, fastest"), "zstd": tr("zstd, a tenth smaller"), "none": tr("none")}
ACTIONS = {
    "abort": tr("end the run"),
    "retry": tr("retry, then skip"),
    "skip": tr("skip the event"),
}
POLICIES = {
    "catch-up": tr("is caught up"),
    "shift": tr("shifts what follows"),
}


class OptionsForm(QWidget):
    """Storage, trouble and pause, as the plan has them."""

    edited = pyqtSignal(object, str)
    """The experiment after an edit, and what was done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self.codec = choice(CODECS, tr("Compression"))
        self.pyramid = QCheckBox(tr("pyramid after the run"))
        self.action = choice(ACTIONS, tr("On trouble"))
        self.deadline = QDoubleSpinBox()
        self.deadline.setRange(0.1, 86_400)
        self.deadline.setDecimals(1)
        self.deadline.setSuffix(tr(" s"))
        self.deadline.setToolTip(tr("How long a camera or stage may not answer"))
        self.retries = QSpinBox()
        self.retries.setRange(1, 100)
        self.retries.setSuffix(tr(" ×"))
        self.retries.setAccessibleName(tr("How often it is tried again"))
        self.retries.setToolTip(tr("How often it is tried again"))
        self.policy = choice(POLICIES, tr("A pause"))
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 0, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        add_row(grid, 0, 0, tr("Compression"), self.codec, span=2)
        grid.addWidget(self.pyramid, 1, 1, 1, 2)
        add_row(grid, 2, 0, tr("No answer in"), self.deadline, span=2)
        add_row(grid, 3, 0, tr("leads to"), self.action)
        grid.addWidget(self.retries, 3, 2)
        add_row(grid, 4, 0, tr("A pause"), self.policy, span=2)
        grid.setColumnStretch(1, 1)
        self._connect()

    def show_experiment(self, experiment: Experiment) -> None:
        """Show what this one says."""
        self._experiment = experiment
        trouble = experiment.on_trouble
        widgets: tuple[QWidget, ...] = (self.pyramid, self.deadline, self.retries)
        before = [widget.blockSignals(True) for widget in widgets]
        self.codec.setCurrentIndex(self.codec.findData(experiment.storage.codec))
        self.pyramid.setChecked(experiment.storage.pyramid)
        self.action.setCurrentIndex(self.action.findData(trouble.action))
        if self.deadline.value() != trouble.deadline:
            self.deadline.setValue(trouble.deadline)
        self.retries.setValue(trouble.retries)
        self.retries.setVisible(trouble.action == "retry")
        self.policy.setCurrentIndex(self.policy.findData(experiment.policy))
        for widget, was in zip(widgets, before, strict=True):
            widget.blockSignals(was)

    def _connect(self) -> None:
        self.codec.activated.connect(
            lambda _: self._storage(tr("change the compression"), codec=self.codec.currentData())
        )
        self.pyramid.toggled.connect(lambda on: self._storage(tr("change the pyramid"), pyramid=on))
        self.action.activated.connect(lambda _: self._trouble(action=self.action.currentData()))
        self.deadline.valueChanged.connect(lambda value: self._trouble(deadline=value))
        self.retries.valueChanged.connect(lambda value: self._trouble(retries=value))
        self.policy.activated.connect(
            lambda _: self._change(tr("change what a pause does"), policy=self.policy.currentData())
        )

    def _storage(self, what: str, **values: Any) -> None:
        if self._experiment is not None:
            self._change(what, storage=self._experiment.storage.model_copy(update=values))

    def _trouble(self, **values: Any) -> None:
        if self._experiment is not None:
            trouble = self._experiment.on_trouble.model_copy(update=values)
            self._change(tr("change what trouble does"), on_trouble=trouble)

    def _change(self, what: str, **values: Any) -> None:
        if self._experiment is not None:
            self.edited.emit(self._experiment.model_copy(update=values), what)


def options_in_words(experiment: Experiment) -> str:
    """All of it on one line."""
    trouble, storage = experiment.on_trouble, experiment.storage
    parts = [storage.codec if storage.codec != "none" else tr("not compressed")]
    parts.append(tr("pyramid") if storage.pyramid else tr("no pyramid"))
    words = {
        "abort": tr("ends after {s} s"),
        "retry": tr("retries after {s} s"),
        "skip": tr("skips after {s} s"),
    }[trouble.action]
    parts.append(words.format(s=figure(trouble.deadline)))
    if experiment.policy == "shift":
        parts.append(tr("a pause shifts"))
    return " · ".join(parts)
