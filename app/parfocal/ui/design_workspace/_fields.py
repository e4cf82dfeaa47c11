"""Small fields of the forms: text that must make sense, a power that may be left alone, a time."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QLineEdit, QWidget

from parfocal.ui.design_workspace._item_words import LONGEST_S, clock, duration_from
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

LEFT_ALONE = -1.0  # below every power: shown in words


class SenseField(QLineEdit):
    """A line whose text is read at every letter; what makes no sense is told, never taken."""

    changed = pyqtSignal(object)
    wrong = pyqtSignal(str)
    """A sentence, or nothing once it makes sense again."""

    def __init__(self, read: Callable[[str], Any], write: Callable[[Any], str]) -> None:
        super().__init__()
        self._read, self._write = read, write
        self.textEdited.connect(self._on_edited)
        self.editingFinished.connect(self._on_finished)
        self._value: Any = None

    def show_value(self, value: Any) -> None:
        """Show a value, unless that is what was just typed."""
        if value == self._value and self.hasFocus():
            return
        self._value = value
        text = self._write(value)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self.wrong.emit("")

    def _on_edited(self, text: str) -> None:
        try:
            value = self._read(text)
        except ValueError as error:
            self.wrong.emit(str(error))
            return
        self.wrong.emit("")
        self._value = value
        self.changed.emit(value)

    def _on_finished(self) -> None:
        text = self._write(self._value)
        if text != self.text():
            self.setText(text)
        self.wrong.emit("")


class DurationBox(QDoubleSpinBox):
    """Seconds, shown as hh:mm:ss; 300, 5:00, 5 min and 1 h 30 min can be typed as well."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(3)
        self.setRange(0, LONGEST_S)
        self.setKeyboardTracking(False)
        self.setAccelerated(True)
        self.setToolTip(tr("hh:mm:ss, seconds, or words such as 5 min"))

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's own name
        return clock(value)

    def valueFromText(self, text: str | None) -> float:  # noqa: N802 - Qt's own name
        seconds = duration_from(text or "")
        return self.value() if seconds is None else seconds

    def validate(self, text: str | None, at: int) -> tuple[QValidator.State, str, int]:
        state = QValidator.State
        if duration_from(text or "") is not None:
            return state.Acceptable, text or "", at
        return state.Intermediate, text or "", at


def power_box() -> QDoubleSpinBox:
    """A power, or nothing: the light is left as it is set."""
    box = QDoubleSpinBox()
    box.setRange(LEFT_ALONE, 1e6)
    box.setDecimals(2)
    box.setSpecialValueText(tr("as it is set"))
    box.setToolTip(tr("In the unit of the microscope's profile; at the lowest it is left alone"))
    return box


def power_of(box: QDoubleSpinBox) -> float | None:
    """The power in the box; None when it is left alone."""
    value = box.value()
    return None if value <= LEFT_ALONE else max(0.0, value)


def show_power(box: QDoubleSpinBox, power: float | None) -> None:
    """Put a power into the box without a word."""
    before = box.blockSignals(True)
    box.setValue(LEFT_ALONE if power is None else power)
    box.blockSignals(before)


def choice(words: dict[str, str], name: str) -> QComboBox:
    """A box to choose one of a few words; its data are the plan's own."""
    box = QComboBox()
    for value, text in words.items():
        box.addItem(text, value)
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def add_row(
    grid: QGridLayout, row: int, column: int, text: str, field: QWidget, span: int = 1
) -> QLabel:
    """A label with its field beside it; the label's mnemonic goes to the field."""
    label = QLabel(text)
    label.setBuddy(field)
    if not field.accessibleName():
        field.setAccessibleName(text.replace("&", ""))
    grid.addWidget(label, row, column)
    grid.addWidget(field, row, column + 1, 1, span)
    return label


class Complaint(QLabel):
    """Says in the colour of errors what is wrong with a field; empty it takes no room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWordWrap(True)
        self.hide()
        theme.changed.connect(self._dress)
        self._dress()

    def say(self, sentence: str) -> None:
        """Show a sentence, or nothing."""
        self.setText(sentence)
        self.setVisible(bool(sentence))

    def _dress(self) -> None:
        worn = self.palette()
        worn.setColor(worn.ColorRole.WindowText, self._theme.color("error"))
        self.setPalette(worn)


def milliseconds_text(value: float | tuple[float, ...]) -> str:
    """One exposure, or one for each timepoint."""
    return ", ".join(f"{one:g}" for one in (value if isinstance(value, tuple) else (value,)))


def milliseconds_from(text: str) -> float | tuple[float, ...]:
    """What was typed; a `ValueError` is a sentence."""
    try:
        values = tuple(float(part) for part in text.replace(";", ",").split(","))
    except ValueError:
        values = ()
    if not values or not all(0 < one < float("inf") for one in values):
        raise ValueError(tr("Give an exposure in ms above zero, or several with commas."))
    return values[0] if len(values) == 1 else values


def plain(value: float) -> str:
    """A figure as short as it can be written."""
    return number(value, 0) if value == int(value) else f"{value:g}"
