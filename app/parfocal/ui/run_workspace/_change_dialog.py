"""Choose how the plan in Design changes the run that is going on."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from parfocal.plan import Experiment, Item
    from parfocal.run import Run

__all__ = ["WAYS", "ChangeDialog", "Way", "change_run", "item_in_words"]

Kind = Literal["replace", "extend", "continue"]


class Way(NamedTuple):
    """One way of changing a run: its word, what a person reads, and what is done."""

    kind: Kind
    text: str
    tip: str
    change: "Callable[[Run, tuple[Item, ...]], None]"


WAYS = (
    Way(
        "replace",
        "&Do it instead of what remains",
        "What was taken stays; the event that is being taken comes to its end first.",
        lambda run, items: run.replace_remaining(items),
    ),
    Way(
        "extend",
        "&Add it at the end",
        "It follows on the same clock, as if it had been planned from the beginning.",
        lambda run, items: run.extend(items),
    ),
    Way(
        "continue",
        "&Begin it as soon as the rest is done",
        "It has a clock of its own, which starts when it is reached.",
        lambda run, items: run.continue_with(items),
    ),
)


def change_run(run: "Run", kind: Kind, items: "tuple[Item, ...]") -> None:
    """Change a run's plan; laying out 100,000 steps takes seconds, so never in the GUI thread."""
    next(way for way in WAYS if way.kind == kind).change(run, items)


class ChangeDialog(QDialog):
    """Shows the plan in Design and asks what to do with it. Not modal: the run goes on beside."""

    chosen = pyqtSignal(str, object)  # the kind, the plan that was shown

    def __init__(
        self, experiment: "Experiment", *, at_the_end: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Change what remains"))
        self.setMinimumWidth(460)
        self._experiment = experiment
        says = QLabel(tr("The plan in Design, “{name}”:").format(name=experiment.name))
        self.items = QListWidget()
        self.items.addItems([item_in_words(item) for item in experiment.items])
        self.items.setAccessibleName(tr("Items of the plan in Design"))
        self.items.setMaximumHeight(150)
        says.setBuddy(self.items)
        self.ways = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.addWidget(says)
        column.addWidget(self.items)
        for number, way in enumerate(WAYS):
            button = QRadioButton(tr(way.text))
            button.setToolTip(tr(way.tip))
            self.ways.addButton(button, number)
            column.addWidget(button)
            tip = QLabel(tr(way.tip))
            tip.setForegroundRole(tip.palette().ColorRole.PlaceholderText)
            tip.setIndent(26)
            tip.setWordWrap(True)
            column.addWidget(tip)
        first = self.ways.button(2 if at_the_end else 0)
        if first is not None:
            first.setChecked(True)
        ok, cancel = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        buttons = QDialogButtonBox(ok | cancel)
        change = buttons.button(ok)
        if change is not None:
            change.setText(tr("Change the run"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addSpacing(8)
        column.addWidget(buttons)
        self.accepted.connect(self._choose)

    def choose(self, kind: Kind) -> None:
        """Tick one way."""
        for number, way in enumerate(WAYS):
            button = self.ways.button(number)
            if way.kind == kind and button is not None:
                button.setChecked(True)

    def _choose(self) -> None:
        self.chosen.emit(WAYS[self.ways.checkedId()].kind, self._experiment)


def item_in_words(item: "Item") -> str:
    """One line for an item of a plan."""
    from parfocal.plan import Hold, Wait

    if isinstance(item, Wait):
        return tr("wait {s} s").format(s=f"{item.seconds:g}")
    if isinstance(item, Hold):
        return tr("hold: {message}").format(message=item.message)
    return item.name
