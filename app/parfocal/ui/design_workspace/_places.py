"""Bring places into a phase: where the stage is, a well plate, what is picked on the stage."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import useq
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.design_workspace._editor import SequenceEditor
    from parfocal.ui.design_workspace._plate_dialog import PlateDialog
    from parfocal.ui.design_workspace._stage_dialog import StageDialog
    from parfocal.ui.desk import Desk


class Places(QObject):
    """Opens the dialogs that need the core of the microscope, when it is open and free."""

    def __init__(self, desk: "Desk", editor: "SequenceEditor", window: QWidget) -> None:
        super().__init__(editor)
        self._desk, self._editor, self._window = desk, editor, window
        self.plate_dialog: PlateDialog | None = None
        self.stage_dialog: StageDialog | None = None
        editor.position_wanted.connect(self.add_here)
        editor.plate_wanted.connect(self.choose_wells)
        editor.explorer_wanted.connect(self.explore)

    def add_here(self) -> None:
        """Add where the stage is."""
        stage = self._desk.controller.stage()
        if stage is None:
            self._desk.toasts.show(
                tr("Where the stage is is not known; open a microscope first."), "warn"
            )
            return
        self._editor.add_position(stage)

    def choose_wells(self) -> None:
        """Open the wizard for well plates."""
        from parfocal.ui.design_workspace._plate_dialog import PlateDialog

        microscope = self._free_microscope()
        if microscope is None or _brought_up(self.plate_dialog):
            return
        here = self._editor.sequence.stage_positions
        plan = here if isinstance(here, useq.WellPlatePlan) else None
        dialog = PlateDialog(self._desk.controller, microscope, plan, self._window)
        dialog.plate_chosen.connect(self._take_plate)
        dialog.finished.connect(self._forget_plate_dialog)
        self.plate_dialog = dialog
        dialog.show()  # not modal: its calibration wants the stage moved and the picture seen

    def explore(self) -> None:
        """Open the stage explorer beside the plan."""
        from parfocal.ui.design_workspace._stage_dialog import StageDialog

        microscope = self._free_microscope()
        if microscope is None or _brought_up(self.stage_dialog):
            return
        dialog = StageDialog(self._desk.controller, microscope, self._window)
        dialog.places_chosen.connect(self._add)
        dialog.closed.connect(self._forget_stage_dialog)
        self.stage_dialog = dialog
        dialog.show()

    def _free_microscope(self) -> "Microscope | None":
        controller = self._desk.controller
        if controller.busy:
            self._desk.toasts.show(tr("The microscope is busy with a run."), "warn")
            return None
        if controller.microscope is None:
            self._desk.toasts.show(tr("No microscope is open; open one in Microscope."), "warn")
        return controller.microscope

    def _take_plate(self, plan: useq.WellPlatePlan) -> None:
        if self._has_a_phase():
            self._editor.flush()
            self._editor.put(stage_positions=plan)

    def _add(self, places: Sequence[useq.Position]) -> None:
        if self._has_a_phase():
            self._editor.add_positions(places)

    def _has_a_phase(self) -> bool:
        """The dialogs stay open while a person turns to another item of the plan."""
        if self._editor.isVisibleTo(self._window):
            return True
        sentence = tr("Choose the phase that shall have the places; a wait or a hold has none.")
        self._desk.toasts.show(sentence, "warn")
        if self.stage_dialog is not None:
            self.stage_dialog.words.setText(sentence)
        return False

    def _forget_plate_dialog(self) -> None:
        if self.plate_dialog is not None:
            self.plate_dialog.deleteLater()
            self.plate_dialog = None

    def _forget_stage_dialog(self) -> None:
        if self.stage_dialog is not None:
            self.stage_dialog.deleteLater()
            self.stage_dialog = None


def _brought_up(dialog: QWidget | None) -> bool:
    if dialog is None:
        return False
    dialog.raise_()
    dialog.activateWindow()
    return True
