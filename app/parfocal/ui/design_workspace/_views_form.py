"""Edit which viewers show what: one view at a time, chosen in a box, each field as above or not."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from parfocal.plan import MAIN, View
from parfocal.ui.design_workspace._fields import Complaint, SenseField, add_row, choice
from parfocal.ui.design_workspace._views_text import (
    PRODUCT_WORDS,
    Entry,
    entries_in_words,
    names_from,
    names_text,
    steps_from,
    viewer_from,
)
from parfocal.ui.icons import icon
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

TIPS = {
    "viewer": tr("The title of its window; none is no viewer"),
    "wells": tr("B/2, B2 or B02, with commas; or all"),
    "fields": tr("Names, or numbers from 1, with commas; or all"),
    "channels": tr("Presets, with commas; or all"),
    "steps": tr("imaging, reference, stimulation; or all"),
}


class ViewsForm(QWidget):
    """The views of an experiment, or of a phase and its products; each edit is all of them."""

    edited = pyqtSignal(object)
    """The entries after an edit, at least one."""

    def __init__(
        self, theme: "Theme", *, of_a_phase: bool, columns: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self.which = QComboBox()
        self.which.setAccessibleName(tr("View"))
        self.which.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.which.setMinimumContentsLength(8)
        self.add = _button("plus", tr("One more view"))
        self.remove = _button("minus", tr("Remove this view"))
        self.product = choice(PRODUCT_WORDS, tr("What of the phase"))
        self.fields: dict[str, SenseField] = {
            "viewer": SenseField(viewer_from, lambda name: name or ""),
            "wells": SenseField(names_from, names_text),
            "fields": SenseField(names_from, names_text),
            "channels": SenseField(names_from, names_text),
            "steps": SenseField(steps_from, names_text),
        }
        for name, field in self.fields.items():
            field.setToolTip(TIPS[name])
            field.setPlaceholderText(
                tr("as above") if of_a_phase else (MAIN if name == "viewer" else tr("all"))
            )
        self.complaint = Complaint(theme)
        self._lay_out(columns, of_a_phase=of_a_phase)
        self._connect()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these views; the one that was looked at stays in front."""
        self._entries = tuple(entries)
        place = max(0, min(self.which.currentIndex(), len(self._entries) - 1))
        self.which.blockSignals(True)
        self.which.clear()
        for at, entry in enumerate(self._entries, 1):
            self.which.addItem(
                tr("{n}  {view}").format(n=number(at), view=entries_in_words([entry]))
            )
        self.which.setCurrentIndex(place if self._entries else -1)
        self.which.blockSignals(False)
        self.remove.setEnabled(len(self._entries) > 1)
        self._show_chosen()

    def _lay_out(self, columns: int, *, of_a_phase: bool) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.which, 1)
        head.addWidget(self.add)
        head.addWidget(self.remove)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        labels = {
            "viewer": tr("Viewer"),
            "wells": tr("Wells"),
            "fields": tr("Fields"),
            "channels": tr("Channels"),
            "steps": tr("Steps"),
        }
        parts: list[tuple[str, QWidget]] = [(tr("Shows"), self.product)] if of_a_phase else []
        parts += [(labels[name], field) for name, field in self.fields.items()]
        for place, (text, field) in enumerate(parts):
            row, column = divmod(place, columns)
            add_row(grid, row, 2 * column, text, field)
            grid.setColumnStretch(2 * column + 1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24 if of_a_phase else 12, 0, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addWidget(self.complaint)

    def _connect(self) -> None:
        self.which.currentIndexChanged.connect(self._show_chosen)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.product.activated.connect(self._on_product)
        for name, field in self.fields.items():
            field.changed.connect(self._changer(name))
            field.wrong.connect(self.complaint.say)

    def _changer(self, name: str) -> Callable[[Any], None]:
        return lambda value: self._change(name, value)

    def _show_chosen(self) -> None:
        place = self.which.currentIndex()
        product, view = self._entries[place] if 0 <= place < len(self._entries) else ("", View())
        self.product.setCurrentIndex(self.product.findData(product))
        for name, field in self.fields.items():
            field.show_value(getattr(view, name))
        # a product is one step already
        self.fields["steps"].setEnabled(not product)

    def _change(self, name: str, value: Any) -> None:
        place = self.which.currentIndex()
        if 0 <= place < len(self._entries):
            product, view = self._entries[place]
            self._put(place, (product, view.model_copy(update={name: value})))

    def _on_product(self) -> None:
        place, product = self.which.currentIndex(), self.product.currentData()
        if 0 <= place < len(self._entries):
            view = self._entries[place][1]
            if product:
                view = view.model_copy(update={"steps": None})
            self._put(place, (product, view))

    def _put(self, place: int, entry: Entry) -> None:
        if entry != self._entries[place]:
            self._tell([*self._entries[:place], entry, *self._entries[place + 1 :]], entry)

    def _add(self) -> None:
        taken = {view.viewer for _, view in self._entries}
        name = next(
            name for n in range(len(taken) + 2) if (name := tr("viewer {n}").format(n=n + 1))
            not in taken
        )  # fmt: skip
        entry = ("", View(viewer=name))
        self._tell([*self._entries, entry], entry)
        self.fields["viewer"].setFocus()
        self.fields["viewer"].selectAll()

    def _remove(self) -> None:
        place = self.which.currentIndex()
        if len(self._entries) > 1:
            self._tell([*self._entries[:place], *self._entries[place + 1 :]], None)

    def _tell(self, entries: Sequence[Entry], chosen: Entry | None) -> None:
        """Give the plan its views; it keeps those of a product behind the others."""
        ordered = sorted(entries, key=lambda entry: list(PRODUCT_WORDS).index(entry[0]))
        if chosen is not None:
            self._entries = tuple(ordered)
            self.which.blockSignals(True)
            while self.which.count() < len(ordered):
                self.which.addItem("")
            # the same one twice is told apart by who it is, not by what it says
            self.which.setCurrentIndex(next(n for n, one in enumerate(ordered) if one is chosen))
            self.which.blockSignals(False)
        self.edited.emit(tuple(ordered))


def _button(drawing: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(drawing))
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button
