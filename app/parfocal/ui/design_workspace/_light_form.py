"""Edit when a phase gives light: timepoints, exposure, mask, power, and what a late mask does."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import useq
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QWidget

from parfocal.plan import Stimulation
from parfocal.ui.design_workspace._fields import (
    Complaint,
    SenseField,
    add_row,
    choice,
    milliseconds_from,
    milliseconds_text,
    power_box,
    power_of,
    show_power,
)
from parfocal.ui.design_workspace._timepoints_text import (
    EXAMPLES,
    timepoints_from,
    timepoints_in_words,
    timepoints_text,
)
from parfocal.ui.text import figure, tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

STIMULATORS = ("", "whole-cell", "half-cell")  # until the parts are known
ONE_INTERVAL = 0.0  # shown in words


class LightForm(QWidget):
    """Two columns of fields; each edit is a whole `Stimulation`."""

    edited = pyqtSignal(object)

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = new_stimulation()
        self._showing = False
        self._of_pipeline = ""
        self.timepoints = SenseField(timepoints_from, timepoints_text)
        self.timepoints.setPlaceholderText(EXAMPLES)
        self.timepoints.setToolTip(EXAMPLES)
        self.exposure = SenseField(milliseconds_from, milliseconds_text)
        self.exposure.setToolTip(tr("One exposure, or with commas one for each timepoint"))
        self.mode = choice(
            {
                "current": tr("of the same timepoint"),
                "previous": tr("of the timepoint before"),
            },
            tr("Mask"),
        )
        self.mode.setToolTip(
            tr("Same: image, wait for the mask, light. Before: light with the last mask.")
        )
        self.stimulator = QComboBox()
        self.stimulator.setEditable(True)
        self.stimulator.addItems(STIMULATORS)
        line = self.stimulator.lineEdit()
        if line is not None:
            line.setPlaceholderText(tr("none named"))
            line.setAccessibleName(tr("Stimulator"))
        self.channel = choice({"": tr("light path stays as it is")}, tr("Light path"))
        self.power = power_box()
        self.on_late = choice(
            {
                "dark": tr("give no light, and count it"),
                "skip": tr("skip the snap"),
                "previous": tr("use the mask before"),
                "stop": tr("end the run"),
            },
            tr("If the mask is late"),
        )
        self.deadline = QDoubleSpinBox()
        self.deadline.setRange(ONE_INTERVAL, 86_400)
        self.deadline.setDecimals(2)
        self.deadline.setSingleStep(0.5)
        self.deadline.setSpecialValueText(tr("one interval"))
        self.deadline.setSuffix(tr(" s"))
        self.deadline.setToolTip(
            tr("How long the mask is waited for, from when the event was due; at 0 one interval")
        )
        self.complaint = Complaint(theme)
        self._lay_out()
        self._connect()

    def show_value(
        self,
        value: Stimulation | None,
        groups: Mapping[str, Sequence[str]],
        stimulator: str = "",
    ) -> None:
        """Show when light is given; None: what a tick would begin with.

        `stimulator` is that of the phase, where its pipeline says it.
        """
        self._value = value or self._value
        self._of_pipeline = stimulator
        self._showing = True
        value = self._value
        self.timepoints.show_value(value.timepoints)
        self.exposure.show_value(value.exposure)
        self.mode.setCurrentIndex(self.mode.findData(value.mode))
        named = value.stimulator or stimulator
        if self.stimulator.currentText() != named:
            self.stimulator.setEditText(named)
        self._offer_channels(value.channel, groups)
        show_power(self.power, value.power)
        self.deadline.setValue(value.deadline or ONE_INTERVAL)
        self.on_late.setCurrentIndex(self.on_late.findData(value.on_late))
        self._showing = False

    def offer_stimulators(self, names: Sequence[str]) -> None:
        """Offer these by name; another one can be typed."""
        self._showing = True
        text = self.stimulator.currentText()
        self.stimulator.clear()
        self.stimulator.addItems(("", *names))
        self.stimulator.setEditText(text)
        self._showing = False

    def _offer_channels(
        self, channel: useq.Channel | None, groups: Mapping[str, Sequence[str]]
    ) -> None:
        offered = [("", "")] + [(g, preset) for g, presets in groups.items() for preset in presets]
        here = ("", "") if channel is None else (channel.group, channel.config)
        if here not in offered:
            offered.append(here)
        self.channel.clear()
        for group, preset in offered:
            words = preset if preset else tr("stays as it is")
            if preset and len(groups) > 1:
                words = f"{group}: {preset}"
            self.channel.addItem(words, (group, preset))
        self.channel.setCurrentIndex(offered.index(here))

    def _on_choice(self) -> None:
        group, preset = self.channel.currentData() or ("", "")
        old = self._value.channel
        channel = None
        if preset:
            same = old is not None and (old.group, old.config) == (group, preset)
            channel = old if same else useq.Channel(group=group, config=preset, exposure=None)
        named = self.stimulator.currentText().strip()
        if named == self._of_pipeline:  # where it is said it stays
            named = self._value.stimulator or ""
        self._change(
            mode=self.mode.currentData(),
            stimulator=named or None,
            channel=channel,
            power=power_of(self.power),
            on_late=self.on_late.currentData(),
            deadline=self.deadline.value() or None,
        )

    def _change(self, **values: Any) -> None:
        if self._showing:
            return
        value = self._value.model_copy(update=values)
        if value != self._value:
            self._value = value
            self.edited.emit(value)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 0, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        rows = (
            (tr("Timepoints"), self.timepoints, tr("Exposure, ms"), self.exposure),
            (tr("Mask"), self.mode, tr("Stimulator"), self.stimulator),
            (tr("Light path"), self.channel, tr("Power"), self.power),
            (tr("Waits for it"), self.deadline, tr("If the mask is late"), self.on_late),
        )
        for row, (left, field, right, other) in enumerate(rows):
            add_row(grid, row, 0, left, field)
            add_row(grid, row, 2, right, other)
        grid.addWidget(self.complaint, 4, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def _connect(self) -> None:
        self.timepoints.changed.connect(lambda which: self._change(timepoints=which))
        self.exposure.changed.connect(lambda exposure: self._change(exposure=exposure))
        for field in (self.timepoints, self.exposure):
            field.wrong.connect(self.complaint.say)
        for box in (self.mode, self.channel, self.on_late):
            box.activated.connect(self._on_choice)
        self.stimulator.editTextChanged.connect(self._on_choice)
        self.power.valueChanged.connect(self._on_choice)
        self.deadline.valueChanged.connect(self._on_choice)


def new_stimulation() -> Stimulation:
    """What the tick begins with."""
    return Stimulation(exposure=50)


def stimulation_in_words(value: Stimulation | None) -> str:
    """All of it on one line."""
    if value is None:
        return tr("no light is given")
    parts = [
        timepoints_in_words(value.timepoints),
        tr("{ms} ms").format(ms=milliseconds_text(value.exposure)),
    ]
    if value.stimulator:
        parts.append(value.stimulator)
    if value.power is not None:
        parts.append(tr("power {n}").format(n=figure(value.power)))
    if value.mode == "previous":
        parts.append(tr("mask of the timepoint before"))
    return " · ".join(parts)
