"""Choose wells with pymmcore-widgets' wizard: plate, calibration on the stage, fields in a well."""

from typing import TYPE_CHECKING, Any

import useq
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget, QWizard

from parfocal.ui.design_workspace._by_hand import CoreWithOurStage, StageByHand
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.controller import AcquisitionController


class PlateDialog(QDialog):
    """The wizard in a dialog that closes when another one wants the camera."""

    plate_chosen = pyqtSignal(object)
    """The `useq.WellPlatePlan`."""

    def __init__(
        self,
        controller: "AcquisitionController",
        microscope: "Microscope",
        plan: useq.WellPlatePlan | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        from pymmcore_widgets import HCSWizard

        self.setWindowTitle(tr("Well plate"))
        self.by_hand = StageByHand(controller, self)
        self.wizard: Any = HCSWizard(self, mmcore=microscope.core)
        # as a part of this dialog; it is a window of its own otherwise
        self.wizard.setWindowFlags(self.wizard.windowFlags() & ~self.wizard.windowFlags().Window)
        calibration: Any = self.wizard.calibration_page.widget
        calibration._mmc = CoreWithOurStage(microscope.core, self.by_hand.move_absolute)
        self._word_buttons()
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.by_hand.failed.connect(self._tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.wizard)
        layout.addWidget(self.problem)
        if plan is not None:
            # a copy: the wizard writes the field of view into the value that it is given
            self.wizard.setValue(plan.model_copy(deep=True))
        self.wizard.accepted.connect(self._take)
        self.wizard.rejected.connect(self.reject)
        controller.camera_wanted.connect(self.reject)
        self.resize(880, 660)

    def _take(self) -> None:
        plan = self.wizard.value()
        if plan is not None and len(plan.selected_well_indices):
            self.plate_chosen.emit(plan)
            self.accept()
            return
        self._tell(tr("Choose at least one well, and calibrate the plate on the stage."))
        self.wizard.restart()
        self.wizard.show()

    def _tell(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()

    def _word_buttons(self) -> None:
        button = QWizard.WizardButton
        words = {
            button.CustomButton1: tr("Save the plate…"),
            button.CustomButton2: tr("Load a plate…"),
            button.FinishButton: tr("Use these wells"),
        }
        for which, text in words.items():
            self.wizard.setButtonText(which, text)
