"""Pick places on the stage with pymmcore-widgets' explorer: go there, see it, take it."""

from typing import TYPE_CHECKING, Any

import useq
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.design_workspace._by_hand import CoreWithOurStage, StageByHand
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.controller import AcquisitionController


class StageDialog(QDialog):
    """A double click moves the stage and takes a picture; drawn areas become places with a grid.

    It stays open beside the plan until it is closed, or a run wants the camera.
    """

    places_chosen = pyqtSignal(object)
    """One or several `useq.Position`."""
    closed = pyqtSignal()

    def __init__(
        self,
        controller: "AcquisitionController",
        microscope: "Microscope",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        from pymmcore_widgets import StageExplorer

        self.setWindowTitle(tr("Pick on the stage"))
        self._controller = controller
        self.by_hand = StageByHand(controller, self)
        core: Any = CoreWithOurStage(microscope.core, self.by_hand.move_absolute)
        explorer: Any = StageExplorer(self, mmcore=core)
        self.explorer = explorer
        explorer._stage_controller = self.by_hand
        self._drop_what_is_ours()
        self.here_button = QPushButton(tr("Add &here"))
        self.here_button.setToolTip(tr("Add where the stage is to the positions"))
        self.here_button.setIcon(icon("crosshairs-gps"))
        self.areas_button = QPushButton(tr("Add the drawn &areas"))
        self.areas_button.setToolTip(tr("Each area becomes a position with a grid that covers it"))
        self.areas_button.setIcon(icon("vector-square"))
        close = QPushButton(tr("&Close"))
        self.words = QLabel(
            tr("Double click: go there and take a picture. R or P draws an area, V selects.")
        )
        self.words.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        for button in (self.here_button, self.areas_button, close):
            button.setAutoDefault(False)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.explorer, 1)
        layout.addLayout(row)
        self.here_button.clicked.connect(self._add_here)
        self.areas_button.clicked.connect(self._add_areas)
        close.clicked.connect(self.close)
        self.by_hand.failed.connect(self.words.setText)
        controller.camera_wanted.connect(self.close)
        controller.microscope_closed.connect(self.close)
        self.resize(900, 640)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Qt closes the dialog: the explorer's own thread asks the stage until then."""
        self.explorer.close()
        super().closeEvent(event)
        self.closed.emit()

    def reject(self) -> None:
        """Escape closes it too; Qt only hides it then, and the explorer would go on asking."""
        self.close()

    def _add_here(self) -> None:
        stage = self._controller.stage()
        if stage is None:
            self.words.setText(tr("Where the stage is is not known yet."))
            return
        self._say_added(1)  # before it is: who cannot take it says so in its place
        self.places_chosen.emit((useq.Position(x=stage.x, y=stage.y, z=stage.z),))

    def _add_areas(self) -> None:
        rois = self.explorer.roi_manager.selected_rois() or self.explorer.roi_manager.all_rois()
        stage = self._controller.stage()
        overlap, mode = self.explorer.toolBar().scan_menu.value()
        width, height = self.explorer._fov_w_h()
        z = None if stage is None else stage.z
        places = tuple(
            place_of(roi.create_useq_position(width, height, z, overlap, mode), roi.center())
            for roi in rois
        )
        if not places:
            self.words.setText(tr("Draw an area first: R for a rectangle, P for a polygon."))
            return
        self._say_added(len(places))
        self.places_chosen.emit(places)

    def _say_added(self, count: int) -> None:
        words = tr("1 position was added.") if count == 1 else tr("{n} positions were added.")
        self.words.setText(words.format(n=count))

    def _drop_what_is_ours(self) -> None:
        """Its scan goes past our runs; what an area is for here is the button."""
        bar = self.explorer.toolBar()
        bar.scan_action.triggered.disconnect()
        bar.scan_action.triggered.connect(self._add_areas)
        bar.scan_action.setText(tr("Add the drawn areas"))
        for button in bar.findChildren(QToolButton):
            action = button.defaultAction()
            if action is not None and not button.accessibleName():
                button.setAccessibleName(action.text())


def place_of(position: useq.Position, centre: tuple[float, float]) -> useq.Position:
    """An area that fits one picture has no grid, and no place of its own as it comes."""
    if position.sequence is not None:
        return position
    return position.replace(x=float(centre[0]), y=float(centre[1]))
