"""Fields of the form: each shows what the file says there, and gives back what was typed.

What is typed goes on as it is, also when it is wrong: the configuration's own check says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from parfocal.ui.scan_form._draft import ABSENT
from parfocal.ui.text import tr

__all__ = [
    "ChoiceField",
    "Field",
    "FiguresField",
    "LimitField",
    "LineField",
    "TickField",
    "as_figure",
    "as_figures",
    "as_text",
    "in_line",
]

NARROW = 110


class Field(QWidget):
    """One value of the file. A label's letter goes to `first`."""

    edited = pyqtSignal()

    @property
    def first(self) -> QWidget:
        """What the keyboard goes to."""
        raise NotImplementedError

    @property
    def wrong_part(self) -> QWidget:
        """What the keyboard goes to when something is wrong."""
        return self.first

    @property
    def trouble(self) -> str:
        """What is wrong with it although it could be written."""
        return ""

    @property
    def shows_fault(self) -> bool:
        """Whether something is said to be wrong within it."""
        return False

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        raise NotImplementedError

    def told(self) -> Any:
        """What is said there now."""
        raise NotImplementedError

    def name_it(self, name: str) -> None:
        """How it is read aloud."""
        self.first.setAccessibleName(name)

    def show_faults(self, faults: Mapping[tuple[str | int, ...], str]) -> str:
        """Show what is wrong within it; the rest is left to the note below it."""
        return "\n".join(faults.values())


def as_text(text: str) -> Any:
    """As it stands."""
    return text.strip()


def as_figure(text: str) -> Any:
    """A figure, with a point or a comma; anything else as it stands."""
    text = text.strip()
    for read in (int, lambda words: float(words.replace(",", "."))):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def as_figures(text: str) -> Any:
    """Several, with commas between them."""
    return [as_figure(part) for part in text.split(",") if part.strip()]


def in_line(value: Any) -> str:
    """As it is typed again."""
    if value is ABSENT or value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(in_line, value))
    return str(value)


class LineField(Field):
    """A line of text; empty it says nothing, and the default behind it counts."""

    def __init__(
        self, empty: str, *, read: Callable[[str], Any] = as_figure, unit: str = ""
    ) -> None:
        super().__init__()
        self._read = read
        self.line = QLineEdit()
        self.line.setPlaceholderText(empty)
        self.line.textEdited.connect(lambda _: self.edited.emit())
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.addWidget(self.line)
        if read is as_figure:
            self.line.setFixedWidth(NARROW)
            self.row.addWidget(QLabel(unit))
            self.row.addStretch(1)

    @property
    def first(self) -> QLineEdit:
        """Its line."""
        return self.line

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        self.line.setText(in_line(value))

    def told(self) -> Any:
        """What is said there now."""
        text = self.line.text()
        return self._read(text) if text.strip() else ABSENT


class LimitField(LineField):
    """A figure, or expressly none."""

    def __init__(self, empty: str, *, unit: str, none: str) -> None:
        super().__init__(empty, unit=unit)
        self.none = QCheckBox(none)
        self.none.toggled.connect(self._toggled)
        self.none.clicked.connect(lambda _: self.edited.emit())
        self.row.insertSpacing(2, 16)
        self.row.insertWidget(3, self.none)

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        super().show_value(value)
        self.none.setChecked(value is None)

    def told(self) -> Any:
        """What is said there now."""
        return None if self.none.isChecked() else super().told()

    def _toggled(self, on: bool) -> None:
        self.line.setDisabled(on)


class FiguresField(Field):
    """Figures that belong together: all of them, or none."""

    def __init__(self, names: tuple[str, ...], empty: str, unit: str, between: str = "") -> None:
        super().__init__()
        self.lines = tuple(QLineEdit() for _ in names)
        self._names = names
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for number, line in enumerate(self.lines):
            line.setPlaceholderText(empty)
            line.setFixedWidth(NARROW if between else 70)
            line.textEdited.connect(lambda _: self.edited.emit())
            if between and number:
                row.addWidget(QLabel(between))
            elif not between:
                row.addWidget(QLabel(names[number]))
            row.addWidget(line)
        row.addWidget(QLabel(unit))
        row.addStretch(1)

    @property
    def first(self) -> QLineEdit:
        """The first line."""
        return self.lines[0]

    def name_it(self, name: str) -> None:
        """How it is read aloud."""
        for line, part in zip(self.lines, self._names, strict=True):
            line.setAccessibleName(f"{name}, {part}")

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        told = value if isinstance(value, list) else [value]
        for number, line in enumerate(self.lines):
            line.setText(in_line(told[number]) if number < len(told) else "")

    def told(self) -> Any:
        """What is said there now."""
        texts = [line.text() for line in self.lines]
        return [as_figure(text) for text in texts] if any(map(str.strip, texts)) else ABSENT


class TickField(Field):
    """Yes or no."""

    def __init__(self, words: str, *, default: bool) -> None:
        super().__init__()
        self.tick = QCheckBox(words)
        self._default = default
        self.tick.clicked.connect(lambda _: self.edited.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tick)

    @property
    def first(self) -> QCheckBox:
        """Its box."""
        return self.tick

    def name_it(self, name: str) -> None:
        """It has its own words."""

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        self.tick.setChecked(bool(self._default if value is ABSENT else value))

    def told(self) -> Any:
        """What is said there now."""
        return self.tick.isChecked()


class ChoiceField(Field):
    """One of a few words; a wrong one that the file has is offered too, so that it can be seen."""

    def __init__(self, words: Mapping[str, str], default: Any) -> None:
        super().__init__()
        self._default = default
        self.box = QComboBox()
        for value, text in words.items():
            self.box.addItem(text, value)
        self.box.activated.connect(lambda _: self.edited.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch(1)

    @property
    def first(self) -> QComboBox:
        """Its box."""
        return self.box

    def show_value(self, value: Any) -> None:
        """Show what is said there."""
        wanted = self._default if value is ABSENT else value
        index = self.box.findData(wanted)
        if index < 0:
            self.box.addItem(tr("{word} (unknown)").format(word=wanted), wanted)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)

    def told(self) -> Any:
        """What is said there now."""
        return self.box.currentData()
