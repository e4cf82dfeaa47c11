"""Fields of rows that can be added and taken away: ways to tell people, and a table of paths."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.jobs import Way
from parfocal.ui.icons import icon
from parfocal.ui.note import Note
from parfocal.ui.scan_form._draft import ABSENT
from parfocal.ui.scan_form._fields import Field, in_line
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme
from parfocal.ui.way_kinds import MAIL, way_kinds

__all__ = ["PairsField", "WaysField"]

NEEDED = "needs me"


class Row(QWidget):
    """One of several; `gone` asks to take it away."""

    edited = pyqtSignal()
    gone = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.chain: tuple[QWidget, ...] = ()
        """What the keyboard goes through."""
        self.remove = QToolButton()
        self.remove.setIcon(icon("close"))
        self.remove.setAutoRaise(True)
        self.remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove.setToolTip(tr("Take it away"))
        self.remove.clicked.connect(self.gone)

    def line(self, name: str, empty: str, value: Any) -> QLineEdit:
        """A line of it."""
        made = QLineEdit(in_line(value))
        made.setAccessibleName(name)
        made.setPlaceholderText(empty)
        made.textEdited.connect(lambda _: self.edited.emit())
        return made


class WayRow(Row):
    """One way on which people are told."""

    def __init__(self, theme: Theme, way: Mapping[str, Any]) -> None:
        super().__init__()
        self._way = dict(way)
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("On which way"))
        for value, words in way_kinds().items():
            self.kind.addItem(words, value)
        hook = way.get("format", Way.model_fields["format"].default) if "webhook" in way else MAIL
        if self.kind.findData(hook) < 0:  # so that what is wrong can be seen
            self.kind.addItem(in_line(hook), hook)
        self.kind.setCurrentIndex(self.kind.findData(hook))
        self._kind_before = hook
        self.kind.activated.connect(lambda _: self._turn())
        self.address = self.line("", "", way.get("webhook", way.get(MAIL, ABSENT)))
        fields = Way.model_fields
        self.server = self.line(tr("Mail server"), fields["smtp"].default, way.get("smtp", ABSENT))
        self.origin = self.line(tr("From"), fields["sender"].default, way.get("sender", ABSENT))
        self.only = QCheckBox(tr("Only what needs a person"))
        self.only.setChecked(way.get("only") == NEEDED)
        self.only.clicked.connect(lambda _: self.edited.emit())
        self.note = Note(theme, tr("What is wrong with this way"))
        self.remove.setAccessibleName(tr("Tell nobody on this way"))
        self.chain = (
            self.kind, self.address, self.server, self.origin, self.only, self.remove,
        )  # fmt: skip
        self._labels = (QLabel(tr("by")), QLabel(tr("from")))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.kind, 0, 0)
        grid.addWidget(self.address, 0, 1)
        grid.addWidget(self.remove, 0, 2)
        for row, (label, edit) in enumerate(
            zip(self._labels, (self.server, self.origin), strict=True), 1
        ):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, row, 0)
            grid.addWidget(edit, row, 1)
        grid.addWidget(self.only, 3, 1)
        grid.addWidget(self.note, 4, 1, 1, 2)
        self._look()

    def told(self) -> dict[str, Any]:
        """What the file says of it; what the form does not know stays."""
        kind, way = self.kind.currentData(), dict(self._way)
        address, usual = self.address.text().strip(), Way.model_fields["format"].default
        said: dict[str, Any] = {}
        if kind != self._kind_before:  # else what the file says besides is not ours to take
            said = dict.fromkeys(("webhook", "format", MAIL, "smtp", "sender"), ABSENT)
        if kind == MAIL:
            said |= {
                MAIL: address,
                "smtp": self.server.text().strip() or ABSENT,
                "sender": self.origin.text().strip() or ABSENT,
            }
        else:
            unsaid = kind == usual and "format" not in way
            said |= {"webhook": address, "format": ABSENT if unsaid else kind}
        if self.only.isChecked() is not (way.get("only") == NEEDED):
            said["only"] = NEEDED if self.only.isChecked() else ABSENT
        for key, value in said.items():
            if value is ABSENT:
                way.pop(key, None)
            else:
                way[key] = value
        return way

    def _turn(self) -> None:
        self._look()
        self.edited.emit()

    def _look(self) -> None:
        mail = self.kind.currentData() == MAIL
        for widget in (self.server, self.origin, *self._labels):
            widget.setVisible(mail)
        self.address.setAccessibleName(tr("Mail address") if mail else tr("Address of the hook"))
        self.address.setPlaceholderText(
            tr("to whom, as me@example.org") if mail else tr("the hook's address, https://…")
        )


class PairRow(Row):
    """A path as the rig has it, and where it is here."""

    def __init__(self, there: Any, here: Any) -> None:
        super().__init__()
        self.there = self.line(tr("Path at the rig"), "D:\\", there)
        self.here = self.line(tr("The same path here"), "/mnt/rig", here)
        self.remove.setAccessibleName(tr("Take this path away"))
        self.chain = (self.there, self.here, self.remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.there, 1)
        row.addWidget(QLabel("→"))
        row.addWidget(self.here, 1)
        row.addWidget(self.remove)


class RowsField(Field):
    """Rows under each other, and a button for one more."""

    def __init__(self, add: str) -> None:
        super().__init__()
        self.rows: list[Any] = []
        self.add = QPushButton(icon("plus"), add)
        self.add.clicked.connect(lambda: self._added())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        self._column.addLayout(line)

    @property
    def first(self) -> QWidget:
        """The button: rows come and go."""
        return self.add

    def name_it(self, name: str) -> None:
        """The button has its own words."""

    def put(self, row: Row) -> None:
        """One more."""
        row.edited.connect(self.edited)
        row.gone.connect(partial(self._gone, row))
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        if self.isVisible():
            self._order()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt shows it: only now is it known what stands before it."""
        super().showEvent(event)
        self._order()

    def make_row(self) -> Row:
        """An empty one."""
        raise NotImplementedError

    def _order(self) -> None:
        """Tab goes through the rows and then to the button; Qt has what came last at the end."""
        before = self._before()
        for widget in (*(one for row in self.rows for one in row.chain), self.add):
            if before is not None:
                QWidget.setTabOrder(before, widget)
            before = widget

    def _before(self) -> QWidget | None:
        """What Tab comes from; a label in between would take no order."""
        widget = self.add.previousInFocusChain()
        while widget is not None and widget is not self.add:
            if not self.isAncestorOf(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                return widget
            widget = widget.previousInFocusChain()
        return None

    def _added(self) -> None:
        row = self.make_row()
        self.put(row)
        row.show()  # its layout would do so later, and a key may come sooner
        row.chain[0].setFocus()
        self.edited.emit()

    def _gone(self, row: Row) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        self.add.setFocus()  # the row takes the keyboard with it
        row.hide()
        row.deleteLater()
        self.edited.emit()


class WaysField(RowsField):
    """Who is told, and how."""

    rows: list[WayRow]

    def __init__(self, theme: Theme) -> None:
        super().__init__(tr("A&dd a way"))
        self._theme = theme

    def make_row(self) -> Row:
        """An empty mail."""
        return WayRow(self._theme, {})

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        for way in value if isinstance(value, list) else ():
            self.put(WayRow(self._theme, way if isinstance(way, Mapping) else {}))

    def told(self) -> Any:
        """What is said there now."""
        return [row.told() for row in self.rows] or ABSENT

    @property
    def shows_fault(self) -> bool:
        """Whether a row says that something is wrong."""
        return any(row.note.sentence for row in self.rows)

    @property
    def wrong_part(self) -> QWidget:
        """The first way that is wrong."""
        return next((row.address for row in self.rows if row.note.sentence), self.first)

    def show_faults(self, faults: Mapping[tuple[str | int, ...], str]) -> str:
        """Each at its row."""
        rest, at = [], dict[int, list[str]]()
        for place, words in faults.items():
            number = place[1] if len(place) > 1 else None
            if isinstance(number, int) and number < len(self.rows):
                at.setdefault(number, []).append(words)
            else:
                rest.append(words)
        for number, row in enumerate(self.rows):
            row.note.say("\n".join(at.get(number, ())))
        return "\n".join(rest)


class PairsField(RowsField):
    """A table of paths."""

    rows: list[PairRow]

    def __init__(self) -> None:
        super().__init__(tr("Add a path"))

    @property
    def trouble(self) -> str:
        """A table has each path once."""
        names = [row.there.text().strip() for row in self.rows]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is None:
            return ""
        return tr("“{path}” is there twice; take one of them away.").format(path=twice)

    def make_row(self) -> Row:
        """An empty one."""
        return PairRow(ABSENT, ABSENT)

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        for there, here in value.items() if isinstance(value, Mapping) else ():
            self.put(PairRow(there, here))

    def told(self) -> Any:
        """What is said there now."""
        pairs = {row.there.text().strip(): row.here.text().strip() for row in self.rows}
        return pairs or ABSENT
