"""Edit which channels are imaged at some timepoints only."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import useq
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from parfocal.plan import Reference
from parfocal.ui.design_workspace._accessible import name_table_cells
from parfocal.ui.design_workspace._fields import Complaint, SenseField, add_row
from parfocal.ui.design_workspace._offered import offered_channels
from parfocal.ui.design_workspace._timepoints_text import (
    EXAMPLES,
    timepoints_from,
    timepoints_in_words,
    timepoints_text,
)
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.theme import Theme

TABLE_HEIGHT = 132


class ReferenceForm(QWidget):
    """pymmcore-widgets' table of channels, and the timepoints."""

    edited = pyqtSignal(object)

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from pymmcore_widgets import ChannelTable

        self._value: Reference | None = None
        self._showing = False
        self._groups: dict[str, list[str]] = {}
        self.timepoints = SenseField(timepoints_from, timepoints_text)
        self.timepoints.setToolTip(EXAMPLES)
        self.channels: Any = ChannelTable()
        self.channels.setFixedHeight(TABLE_HEIGHT)
        table = self.channels.table()
        for column in (self.channels.ACQUIRE_EVERY, self.channels.Z_OFFSET):
            table.hideColumn(table.indexOf(column))
        table.setAccessibleName(tr("Reference channels"))
        self.channels._group_combo.setAccessibleName(tr("Channel group of the reference"))
        inner = self.channels.layout()
        if inner is not None:
            inner.setContentsMargins(0, 0, 0, 0)
        self.complaint = Complaint(theme)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        add_row(grid, 0, 0, tr("Timepoints"), self.timepoints)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(grid)
        layout.addWidget(self.channels)
        layout.addWidget(self.complaint)
        self.timepoints.changed.connect(self._on_timepoints)
        self.timepoints.wrong.connect(self.complaint.say)
        self.channels.valueChanged.connect(self._on_channels)
        self.dress()

    def show_value(self, value: Reference | None, groups: Mapping[str, Sequence[str]]) -> None:
        """Show the references; None: nothing."""
        same = value is not None and value == self._value
        self._value = value
        offered = offered_channels(groups, () if value is None else value.channels)
        self._showing = True
        fresh = offered != self._groups
        if fresh:
            self._groups = offered
            self.channels.setChannelGroups(offered)
        if value is None:
            self.channels.setValue(())
        elif fresh or not same or self._shown() != value.channels:
            self.channels.setValue(value.channels)
        self._showing = False
        self.timepoints.show_value((-1,) if value is None else value.timepoints)
        name_table_cells(self.channels, tr("reference"))

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        self.channels.act_check_all.setIcon(icon("checkbox-multiple-marked-outline"))
        self.channels.act_check_none.setIcon(icon("checkbox-multiple-blank-outline"))

    def _shown(self) -> tuple[useq.Channel, ...]:
        return tuple(
            channel.model_copy(update={"acquire_every": 1}) for channel in self.channels.value()
        )

    def _on_channels(self) -> None:
        if self._showing or self._value is None:
            return
        name_table_cells(self.channels, tr("reference"))
        channels = self._shown()
        if not channels:
            self.complaint.say(tr("A reference needs a channel; take the tick away for none."))
            return
        self.complaint.say("")
        self._change(channels=channels)

    def _on_timepoints(self, which: Any) -> None:
        self._change(timepoints=which)

    def _change(self, **values: Any) -> None:
        if self._value is None:
            return
        value = self._value.model_copy(update=values)
        if value != self._value:
            self._value = value
            self.edited.emit(value)


def new_reference(sequence: useq.MDASequence, groups: Mapping[str, Sequence[str]]) -> Reference:
    """What the tick begins with: a channel that is not imaged, at the last timepoint."""
    imaged = {channel.config for channel in sequence.channels}
    group, presets = next(iter(groups.items()), ("Channel", ()))
    if sequence.channels and sequence.channels[0].group in groups:
        group = sequence.channels[0].group
        presets = groups[group]
    free = [preset for preset in presets if preset not in imaged]
    preset = next(iter(free or presets), next(iter(imaged), "reference"))
    exposure = sequence.channels[0].exposure if sequence.channels else None
    channel = useq.Channel(config=preset, group=group, exposure=exposure or 20)
    return Reference(channels=(channel,), timepoints=(-1,))


def reference_in_words(value: Reference | None) -> str:
    """All of it on one line."""
    if value is None:
        return tr("every channel at every timepoint")
    names = ", ".join(channel.config for channel in value.channels)
    return f"{names} · {timepoints_in_words(value.timepoints)}"
