"""Edit the sequence of a phase with pymmcore-widgets' tables; importing them costs a second.

The widget that is used is the one without a core. The ones with a core read and move the stage in
the window's thread (which blocks for an exposure, and would move it in the middle of a run), carry
a Run button that goes past our `Run`, and show themselves as a window of their own for a moment.
What they know of the microscope is told to this one: its channel groups and its field of view.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import useq
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from parfocal.scope import CameraFacts, StagePosition
from parfocal.ui.design_workspace._accessible import name_cells, name_controls
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

# A tick in one of the tables makes up to ten of pymmcore-widgets' signals within a millisecond.
SETTLE_MS = 20


class SequenceEditor(QWidget):
    """The tables for channels, time, positions, grid and z."""

    edited = pyqtSignal(object)
    """The `useq.MDASequence` after an edit by hand."""
    refused = pyqtSignal(str)
    """What is in the tables is no sequence; a sentence says why."""
    position_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from pymmcore_widgets import MDASequenceWidget

        self.tables: Any = MDASequenceWidget(self)
        self._drop_what_is_ours()
        name_controls(self.tables)
        self._groups: dict[str, tuple[str, ...]] = {}
        self._value = useq.MDASequence()
        self._shown = useq.MDASequence()
        self._showing = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._read)
        self.tables.valueChanged.connect(self._on_value_changed)
        # a long name wraps into lines that its row cuts off
        self.tables.stage_positions.table().setWordWrap(False)
        self.add_here = QAction(tr("Add the stage's position"), self)
        self.add_here.triggered.connect(self.position_wanted)
        self.tables.stage_positions.toolBar().addAction(self.add_here)
        self.dress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tables)

    def show_sequence(self, sequence: useq.MDASequence) -> None:
        """Show this sequence, unless it is what the tables have made themselves."""
        if sequence == self._value:
            return
        self._settle.stop()
        tab = self.tables.tab_wdg.currentWidget()
        self._showing = True
        self._offer_channels(sequence)
        if not sequence.stage_positions:
            # else those of the plan before stay there, to be taken for this one's by a tick
            self.tables.stage_positions.setValue([])
        self.tables.setValue(sequence)
        self._showing = False
        self.tables.tab_wdg.setCurrentWidget(tab)  # every tab that gets ticked comes to the front
        self._value = sequence
        self._shown = self.tables.value()
        name_cells(self.tables)

    def show_channels(self, groups: Mapping[str, Sequence[str]]) -> None:
        """Offer these channel groups and presets."""
        self._groups = {name: tuple(presets) for name, presets in groups.items()}
        self._showing = True
        self._offer_channels(self._value)
        if self._value.channels:
            self.tables.channels.setValue(self._value.channels)
        self._showing = False
        self._shown = self.tables.value()
        name_cells(self.tables)

    def show_camera(self, camera: CameraFacts) -> None:
        """Space grids by this camera's field of view."""
        self._showing = True
        self.tables.grid_plan.setFovWidth(camera.width * camera.pixel_size_um)
        self.tables.grid_plan.setFovHeight(camera.height * camera.pixel_size_um)
        self._showing = False
        self._shown = self.tables.value()

    def add_position(self, stage: StagePosition) -> None:
        """Add where the stage is to the positions."""
        place = useq.Position(x=stage.x, y=stage.y, z=stage.z)
        sequence = self._value.replace(stage_positions=(*self._value.stage_positions, place))
        self.show_sequence(sequence)
        self.edited.emit(sequence)

    def dress(self) -> None:
        """Draw the icons in the theme's colours; theirs are a grey that is lost in the dark."""
        self.add_here.setIcon(icon("crosshairs-gps"))
        for table in (self.tables.time_plan, self.tables.stage_positions, self.tables.channels):
            table.act_check_all.setIcon(icon("checkbox-multiple-marked-outline"))
            table.act_check_none.setIcon(icon("checkbox-multiple-blank-outline"))

    def _offer_channels(self, sequence: useq.MDASequence) -> None:
        """Let the tables choose among the microscope's channels and those of the plan.

        A table shows a channel that it does not know as the first one that it knows: "Cy5" stood
        where the plan said "Cy7".
        """
        offered = {name: list(presets) for name, presets in self._groups.items()}
        for channel in sequence.channels:
            presets = offered.setdefault(channel.group, [])
            if channel.config not in presets:
                presets.append(channel.config)
        if offered == {g: list(p) for g, p in self.tables.channels.channelGroups().items()}:
            return
        # this makes the preset column anew, and so empties it
        self.tables.channels.setChannelGroups(offered)
        name_controls(self.tables)  # the group's box is made by its first groups

    def _on_value_changed(self) -> None:
        if not self._showing:
            self._settle.start()

    def _read(self) -> None:
        name_cells(self.tables)  # an edit may have added rows
        try:
            shown = self.tables.value()
        except ValueError as error:  # pydantic's ValidationError is one
            self.refused.emit(" ".join(str(error).split()))
            return
        # The tables cannot show everything that a plan may hold (metadata, plates, the order of
        # axes that are not used); what an edit did not touch stays as it is in the plan.
        touched = {
            name: getattr(shown, name)
            for name in type(shown).model_fields
            if name != "metadata" and getattr(shown, name) != getattr(self._shown, name)
        }
        self._shown = shown
        if not touched:
            return
        try:
            self._value = self._value.replace(**touched)
        except ValueError as error:
            self.refused.emit(" ".join(str(error).split()))
            return
        self.edited.emit(self._value)

    def _drop_what_is_ours(self) -> None:
        tables = self.tables
        # Files, undo and the estimate are the workspace's; theirs counts every event of a plan in
        # the window's thread, at every edit.
        tables.valueChanged.disconnect(tables._update_time_estimate)
        for widget in (
            tables._save_button,
            tables._load_button,
            tables._time_warning,
            tables._duration_label,
        ):
            widget.hide()
