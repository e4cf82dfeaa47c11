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
from PyQt6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from parfocal.scope import CameraFacts, StagePosition
from parfocal.ui.design_workspace._accessible import name_cells, name_controls
from parfocal.ui.design_workspace._merged import merged
from parfocal.ui.design_workspace._offered import offered_channels
from parfocal.ui.design_workspace._plate_note import PlateNote
from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.time_units import use_time_units

# A tick in one of the tables makes up to ten of pymmcore-widgets' signals within a millisecond.
SETTLE_MS = 20
PARTS = ("channels", "time_plan", "z_plan", "stage_positions", "grid_plan")


class SequenceEditor(QWidget):
    """The tables for channels, time, positions, grid and z."""

    edited = pyqtSignal(object)
    """The `useq.MDASequence` after an edit by hand."""
    refused = pyqtSignal(str)
    """What is in the tables is no sequence; a sentence says why."""
    position_wanted = pyqtSignal()
    plate_wanted = pyqtSignal()
    explorer_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_time_units()
        from pymmcore_widgets import MDASequenceWidget

        self.tables: Any = MDASequenceWidget(self)
        self.plate_button = QPushButton(tr("&Well plate…"))
        self.explorer_button = QPushButton(tr("Pick on the s&tage…"))
        self.plate_note = PlateNote()
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
        self._arrange()
        self.dress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tables)

    @property
    def sequence(self) -> useq.MDASequence:
        """What is edited, as it is now."""
        return self._value

    def show_sequence(self, sequence: useq.MDASequence) -> None:
        """Show this sequence, unless it is what the tables have made themselves."""
        if sequence == self._value:
            return
        self._settle.stop()
        self._showing = True
        # else every tab that gets ticked comes to the front
        self.tables.tab_wdg.change_tab_on_check = False
        self._offer_channels(sequence)
        # only what is another one: a row of positions costs a millisecond
        for name in PARTS:
            if getattr(sequence, name) != getattr(self._value, name):
                self._show_part(name, getattr(sequence, name))
        self._show_rest(sequence)
        self.tables.tab_wdg.change_tab_on_check = True
        self._showing = False
        self._value = sequence
        self._shown = self.tables.value()
        name_cells(self.tables)
        self._show_plate()

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
        self.add_positions((useq.Position(x=stage.x, y=stage.y, z=stage.z),))

    def add_positions(self, places: Sequence[useq.Position]) -> None:
        """Add places behind those that are there; those of a plate become a list."""
        self.flush()
        self.put(stage_positions=(*self._value.stage_positions, *places))

    def put(self, **values: object) -> None:
        """Change a part of the sequence as if by hand."""
        sequence = self._value.replace(**values)
        self.show_sequence(sequence)
        self.edited.emit(sequence)

    def show_tab(self, name: str) -> None:
        """Bring one of the tables to the front: channels, stage_positions, time_plan…"""
        part = getattr(self.tables, name)
        self.tables.tab_wdg.setCurrentWidget(part)
        part.setFocus()

    def flush(self) -> None:
        """Take an edit that has not settled yet."""
        if self._settle.isActive():
            self._settle.stop()
            self._read()

    def dress(self) -> None:
        """Draw the icons in the theme's colours; theirs are a grey that is lost in the dark."""
        self.add_here.setIcon(icon("crosshairs-gps"))
        self.plate_button.setIcon(icon("view-comfy"))
        self.explorer_button.setIcon(icon("map-marker-outline"))
        for table in (self.tables.time_plan, self.tables.stage_positions, self.tables.channels):
            table.act_check_all.setIcon(icon("checkbox-multiple-marked-outline"))
            table.act_check_none.setIcon(icon("checkbox-multiple-blank-outline"))

    # -- showing

    def _show_part(self, name: str, value: Any) -> None:
        part = getattr(self.tables, name)
        # the 384 wells of a plate are no list that a person would read: it took 0.4 s to fill
        rows = () if isinstance(value, useq.WellPlatePlan) else value
        if rows:
            part.setValue(rows)
        elif name == "stage_positions":
            # else those of the plan before stay there, to be taken for this one's by a tick
            part.setValue([])
        self.tables.tab_wdg.setChecked(part, bool(value))

    def _show_rest(self, sequence: useq.MDASequence) -> None:
        """What stands around the tables: shutter, autofocus, order of axes."""
        tables = self.tables
        tables.keep_shutter_open.setValue(sequence.keep_shutter_open_across)
        plans = [sequence.autofocus_plan]
        if not isinstance(sequence.stage_positions, useq.WellPlatePlan):
            own = (place.sequence for place in sequence.stage_positions)
            plans += [part.autofocus_plan for part in own if part is not None]
        tables.af_axis.setValue(tuple({axis for plan in plans if plan for axis in plan.axes}))
        used = tables.tab_wdg.usedAxes()
        tables.axis_order.setCurrentText("".join(x for x in sequence.axis_order if x in used))

    def _show_plate(self) -> None:
        plate = self._value.stage_positions
        words = tr("&Well plate…")
        if isinstance(plate, useq.WellPlatePlan):
            words = tr("{n} wells of {plate}…").format(
                n=len(plate.selected_well_indices), plate=plate.plate.name or tr("a plate")
            )
        self.plate_button.setText(words)
        is_plate = isinstance(plate, useq.WellPlatePlan)
        part = self.tables.stage_positions
        self.plate_note.setVisible(is_plate)
        for widget in (part.table(), part.toolBar(), part.include_z, part.af_per_position):
            widget.setHidden(is_plate)
        for button in (part._save_button, part._load_button):
            button.setHidden(is_plate)
        if isinstance(plate, useq.WellPlatePlan):
            self.plate_note.show_plate(plate)

    def _make_a_list(self) -> None:
        """The fields of the plate as positions, each to be changed or left out."""
        self.put(stage_positions=tuple(self._value.stage_positions))

    def _offer_channels(self, sequence: useq.MDASequence) -> None:
        offered = offered_channels(self._groups, sequence.channels)
        if offered == {g: list(p) for g, p in self.tables.channels.channelGroups().items()}:
            return
        # this makes the preset column anew, and so empties it
        self.tables.channels.setChannelGroups(offered)
        if sequence.channels == self._value.channels and sequence.channels:
            self.tables.channels.setValue(sequence.channels)
        name_controls(self.tables)  # the group's box is made by its first groups

    # -- reading

    def _on_value_changed(self) -> None:
        if not self._showing:
            self._settle.start()

    def _read(self) -> None:
        name_cells(self.tables)  # an edit may have added rows
        plate = isinstance(self._value.stage_positions, useq.WellPlatePlan)
        kept = plate and self.tables.tab_wdg.isChecked(self.tables.stage_positions)
        try:
            shown = self.tables.value()
            sequence = merged(self._value, self._shown, shown)
            if kept and not shown.stage_positions:
                sequence = sequence.replace(stage_positions=self._value.stage_positions)
            elif plate and not kept:
                sequence = sequence.replace(stage_positions=())
        except ValueError as error:  # pydantic's ValidationError is one
            self.refused.emit(" ".join(str(error).split()))
            return
        self._shown = shown
        if sequence != self._value:
            self._value = sequence
            self._show_plate()
            self.edited.emit(sequence)

    # -- parts

    def _arrange(self) -> None:
        """Put what chooses places into the first row, and the ticks of the last into one."""
        column = self.tables.layout()
        first, last = column.itemAt(0).layout(), column.itemAt(2).layout()
        first.addWidget(self.plate_button)
        first.addWidget(self.explorer_button)
        self.plate_button.setToolTip(
            tr("Choose a plate, calibrate it, and choose wells and fields")
        )
        self.explorer_button.setToolTip(tr("See the stage, move it, and take places and areas"))
        self.plate_button.clicked.connect(self.plate_wanted)
        self.explorer_button.clicked.connect(self.explorer_wanted)
        self.tables.stage_positions.layout().insertWidget(0, self.plate_note)
        self.plate_note.list_wanted.connect(self._make_a_list)
        if isinstance(last, QBoxLayout):
            last.setDirection(QBoxLayout.Direction.LeftToRight)
            last.setSpacing(16)
        column.setContentsMargins(0, 0, 0, 0)

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
