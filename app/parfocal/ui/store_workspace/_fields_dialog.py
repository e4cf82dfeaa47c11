"""Ask which fields of a store to look at, and in which viewer."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.text import number, tr

__all__ = ["FieldsDialog", "FieldsWish"]

NUMBER = Qt.ItemDataRole.UserRole
ZERO = re.compile(r"\b([a-z]+)0(\d)\b")


class FieldsWish(NamedTuple):
    """Fields by their number; the viewer by its number, or None for one of its own."""

    fields: tuple[int, ...]
    viewer: int | None
    keep: bool


class FieldsDialog(QDialog):
    """The fields by name and well, with a filter; the viewers that are open."""

    wished = pyqtSignal(object)  # a FieldsWish

    def __init__(
        self,
        store: str,
        fields: Sequence[str],
        viewers: Sequence[tuple[int, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Fields of {name}").format(name=store))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter: B03, left …"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter the fields"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Fields"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for at, name in enumerate(fields):
            item = QListWidgetItem(name)
            item.setData(NUMBER, at)
            self.list.addItem(item)
        self.chosen = QLabel()
        self.viewer = QComboBox()
        self.viewer.addItem(tr("a viewer of its own"), None)
        for which, title in viewers:
            self.viewer.addItem(title, which)
        self.keep = QCheckBox(tr("&Beside what it shows"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        go = self.buttons.addButton(tr("&Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        assert go is not None
        self.go = go
        self._lay_out()
        self.go.setDefault(True)  # only once it lies in the dialog: Cancel was the default
        self.filter.textChanged.connect(self._narrow)
        self.list.itemSelectionChanged.connect(self._judge)
        self.list.itemDoubleClicked.connect(self.accept)
        self.viewer.currentIndexChanged.connect(self._judge)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._judge()

    def choose(self, fields: Sequence[int]) -> None:
        """Choose these, as somebody did elsewhere."""
        for number_ in fields:
            item = self.list.item(number_)
            if item is not None:
                item.setSelected(True)
        if fields:
            self.list.scrollToItem(self.list.item(fields[0]))

    def wish(self) -> FieldsWish:
        """What is chosen."""
        items = (self.list.item(row) for row in range(self.list.count()))
        chosen = [item for item in items if item is not None and item.isSelected()]
        numbers = tuple(int(item.data(NUMBER)) for item in chosen if not item.isHidden())
        viewer = self.viewer.currentData()
        return FieldsWish(numbers, viewer, viewer is not None and self.keep.isChecked())

    def accept(self) -> None:
        """Tell the wish, if there is one."""
        if self.wish().fields:
            self.wished.emit(self.wish())
            super().accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(tr("&In"), self.viewer)
        form.addRow("", self.keep)
        layout = QVBoxLayout(self)
        for widget in (self.filter, self.list, self.chosen):
            layout.addWidget(widget)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.resize(420, 480)

    def _narrow(self, text: str) -> None:
        words = text.lower().split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None:
                name = item.text().lower()
                names = f"{name} {ZERO.sub(_without, name)}"  # B3 is B03
                item.setHidden(not all(word in names for word in words))
        self._judge()

    def _judge(self) -> None:
        count = len(self.wish().fields)
        one = tr("1 field is chosen")
        many = tr("{n} fields are chosen").format(n=number(count))
        none = tr("Choose fields; Ctrl and Shift add more, Ctrl+A takes all.")
        self.chosen.setText(none if not count else one if count == 1 else many)
        self.go.setEnabled(count > 0)
        self.keep.setEnabled(self.viewer.currentData() is not None)


def _without(found: re.Match[str]) -> str:
    return found[1] + found[2]
