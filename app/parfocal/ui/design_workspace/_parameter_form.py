"""Edit the parameters of one part, in a form that is made from the part's own types."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from parfocal.ui.design_workspace._fields import Complaint, add_row
from parfocal.ui.design_workspace._parameter_fields import ParameterField, field_of
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import Parameter, PartFacts
    from parfocal.ui.theme import Theme

__all__ = ["ParameterForm"]

ACROSS = 2


class ParameterForm(QWidget):
    """A field for each parameter, two beside each other; what is as usual stays out of the plan.

    The keyboard comes to them from the widget `after` which they stand.
    """

    edited = pyqtSignal(object)
    """All parameters that are not as usual, by name."""
    told = pyqtSignal(str, object)
    """A word that the metadata of the phase have to say, and what it says now."""

    def __init__(self, theme: "Theme", after: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._after = after
        self.fields: dict[str, ParameterField] = {}
        self._made_of: tuple[Any, ...] = ()
        self._values: dict[str, Any] = {}
        self._of_metadata: frozenset[str] = frozenset()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setEnabled(False)
        self.complaint = Complaint(theme)

    def show_part(
        self,
        facts: "PartFacts | None",
        values: Mapping[str, Any],
        channels: Sequence[str],
        metadata: Mapping[str, Any],
    ) -> None:
        """Show what a part is set to; None: it is being loaded.

        What the part requires of the phase's metadata is shown as a field too.
        """
        self._values = dict(values)
        asked = () if facts is None else _of_metadata(facts)
        self._of_metadata = frozenset(one.name for one in asked)
        parameters = () if facts is None else (*facts.parameters, *asked)
        made_of = (None if facts is None else (facts.kind, facts.name), parameters, tuple(channels))
        if made_of != self._made_of:
            self._made_of = made_of
            self._make(parameters, channels)
        for parameter in parameters:
            told = metadata if parameter.name in self._of_metadata else self._values
            self.fields[parameter.name].show(told.get(parameter.name, parameter.default))
        self._say(facts)

    def say_none(self) -> None:
        """There is no part to show."""
        self._made_of, self._values = (), {}
        self._make((), ())
        self._note.setText(tr("Choose a part to set what it is to do."))
        self._note.show()
        self.complaint.say("")

    def _say(self, facts: "PartFacts | None") -> None:
        notes = [tr("The part is being loaded…")] if facts is None else [facts.words]
        if facts is not None and not (facts.fault or facts.parameters or facts.requires):
            notes.append(tr("It has no parameters."))
        self._note.setText(" ".join(note for note in notes if note))
        self._note.setVisible(bool(self._note.text()))
        self.complaint.say("" if facts is None else facts.fault or self._surplus())

    def _surplus(self) -> str:
        """About what the plan sets and the part does not have; the next edit leaves it out."""
        names = [name for name in self._values if name not in self.fields]
        words = tr("It has no parameter {names}; the next edit here takes that out of the plan.")
        return words.format(names=", ".join(map(repr, names))) if names else ""

    def _make(self, parameters: "Sequence[Parameter]", channels: Sequence[str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in (self._note, self.complaint):
                widget.hide()
                widget.deleteLater()
        self.fields = {}
        last = self._after
        self._grid.addWidget(self._note, 0, 0, 1, 2 * ACROSS)
        for place, parameter in enumerate(parameters):
            field = field_of(parameter, channels, self._teller(parameter), self.complaint.say)
            row, column = divmod(place, ACROSS)
            label = parameter.name.replace("_", " ").replace("&", "&&")
            add_row(self._grid, row + 1, 2 * column, label, field.widget)
            field.widget.setToolTip(parameter.words)
            field.widget.setAccessibleDescription(parameter.words)
            self.fields[parameter.name] = field
            QWidget.setTabOrder(last, field.widget)
            last = field.widget
        for column in range(ACROSS):
            self._grid.setColumnStretch(2 * column + 1, 1)
        below = (len(parameters) + ACROSS - 1) // ACROSS + 1
        self._grid.addWidget(self.complaint, below, 0, 1, 2 * ACROSS)

    def _teller(self, parameter: "Parameter") -> Any:
        if parameter.name in self._of_metadata:
            return partial(self.told.emit, parameter.name)

        def tell(value: Any) -> None:
            values = {name: kept for name, kept in self._values.items() if name != parameter.name}
            if parameter.required or value != parameter.default:
                values[parameter.name] = value
            self._values = {name: values[name] for name in self.fields if name in values}
            self.edited.emit(dict(self._values))

        return tell


def _of_metadata(facts: "PartFacts") -> "tuple[Parameter, ...]":
    """A parameter for each word of the metadata; one of the same name goes before it."""
    from parfocal.react import Parameter

    words = tr("What the metadata of the phase say of it, as YAML: 3, word, {y: 100, x: 80}")
    taken = {one.name for one in facts.parameters}
    return tuple(
        Parameter(name, "other", required=True, may_be_none=True, words=words)
        for name in facts.requires
        if name not in taken
    )
