"""Edit the power of each channel's light, and how fields are taken in batches."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from parfocal.plan import Phase, batch_sizes, own_sequences
from parfocal.ui.design_workspace._fields import add_row, power_box, power_of, show_power
from parfocal.ui.text import figure, number, tr

ACROSS = 2
LONGEST_LIST = 6


class PowerForm(QWidget):
    """A box for each channel of the phase."""

    edited = pyqtSignal(object)
    """All powers that are set, by channel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QDoubleSpinBox] = {}
        self._power: dict[str, float] = {}
        self._none = QLabel(tr("This phase names no channel."))
        self._none.setEnabled(False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(24, 0, 0, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.addWidget(self._none, 0, 0)

    def show_phase(self, phase: Phase) -> None:
        """Show this phase's channels."""
        self._power = dict(phase.power)
        names = channels_of(phase)
        if tuple(self.boxes) != names:
            self._make_boxes(names)
        for name, box in self.boxes.items():
            show_power(box, phase.power.get(name))

    def _make_boxes(self, names: tuple[str, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None and widget is not self._none:
                widget.hide()
                widget.deleteLater()
        self.boxes = {}
        self._none.setVisible(not names)
        if not names:
            self._grid.addWidget(self._none, 0, 0)
        for place, name in enumerate(names):
            box = power_box()
            box.setAccessibleName(tr("Power of {channel}").format(channel=name))
            box.valueChanged.connect(lambda _value, name=name: self._on_changed(name))
            row, column = divmod(place, ACROSS)
            add_row(self._grid, row, 2 * column, name.replace("&", "&&"), box)
            self._grid.setColumnStretch(2 * column + 1, 1)
            self.boxes[name] = box

    def _on_changed(self, name: str) -> None:
        power = power_of(self.boxes[name])
        values = {key: value for key, value in self._power.items() if key != name}
        if power is not None:
            values[name] = power
        self._power = {key: values[key] for key in (*self.boxes, *values) if key in values}
        self.edited.emit(dict(self._power))


def channels_of(phase: Phase) -> tuple[str, ...]:
    """The presets whose light a phase may set, in their order."""
    references = () if phase.reference is None else phase.reference.channels
    parts = (phase.sequence, *own_sequences(phase.sequence))
    channels = [channel for part in parts for channel in part.channels]
    names = [channel.config for channel in (*channels, *references)]
    return tuple(dict.fromkeys((*names, *phase.power)))


def power_in_words(phase: Phase) -> str:
    """All powers on one line."""
    if not phase.power:
        return tr("every light as it is set")
    return " · ".join(f"{name} {figure(value)}" for name, value in phase.power.items())


class BatchForm(QWidget):
    """How long a field takes; the rest follows from the interval."""

    edited = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seconds = QDoubleSpinBox()
        self.seconds.setRange(0.01, 86_400)
        self.seconds.setDecimals(2)
        self.seconds.setSuffix(tr(" s"))
        self.seconds.setAccessibleName(tr("Seconds that a field takes"))
        self.seconds.valueChanged.connect(self.edited)
        before, self._result = QLabel(tr("A field takes")), QLabel()
        before.setBuddy(self.seconds)
        self._result.setWordWrap(True)
        self._result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 0, 4)
        row.addWidget(before)
        row.addWidget(self.seconds)
        row.addWidget(self._result, 1)

    def show_seconds(self, seconds: float | None) -> None:
        """Show how long a field takes; None: in no batches."""
        self.seconds.blockSignals(True)
        self.seconds.setValue(2.0 if seconds is None else seconds)
        self.seconds.blockSignals(False)

    def show_result(self, words: str) -> None:
        """Say which batches that makes."""
        self._result.setText(words)


def batches_in_words(seconds: float | None, fields: int, interval_s: float) -> str:
    """What so many seconds a field make of the phase: 31 fields in 2 batches of 30 + 1."""
    if seconds is None:
        return tr("all fields at every timepoint")
    size = max(1, int(interval_s / seconds + 1e-9))
    sizes = batch_sizes(fields, size)
    shown = " + ".join(map(str, sizes[:LONGEST_LIST])) + (
        " + …" if len(sizes) > LONGEST_LIST else ""
    )
    if len(sizes) < 2:
        return tr("{s} s a field: {n} fit the interval at once").format(
            s=figure(seconds), n=number(fields)
        )
    return tr("{s} s a field: {n} fields in {m} batches of {sizes}").format(
        s=figure(seconds), n=number(fields), m=number(len(sizes)), sizes=shown
    )
