"""Say along which axis of the stage, and which way, the image's z, y and x run."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from parfocal.store import StageAxisMap, StoreError
from parfocal.ui.text import tr

__all__ = ["StageForm"]

AXES = "zyx"
BOUND = tuple(f"{sign}{axis}" for axis in "xyzf" for sign in "+-")
NONE = "none"
BOX_WIDTH = 120


class StageForm(QWidget):
    """`typed` has the map; `refused` says why what was chosen is none."""

    typed = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self.boxes: dict[str, QComboBox] = {}
        for column, axis in enumerate(AXES):
            box = QComboBox()
            for bound in BOUND:
                box.addItem(tr("stage {axis}").format(axis=bound.replace("-", "−")), bound)
            box.addItem(tr("none"), NONE)
            box.setAccessibleName(tr("The stage's axis along the image's {axis}").format(axis=axis))
            box.activated.connect(self._changed)
            self.boxes[axis] = box
            label = QLabel(axis)
            label.setBuddy(box)
            grid.addWidget(label, 0, 2 * column)
            grid.addWidget(box, 0, 2 * column + 1)
            box.setFixedWidth(BOX_WIDTH)
        grid.setColumnStretch(2 * len(AXES), 1)

    def show_map(self, bound: StageAxisMap) -> None:
        """Show this map."""
        for axis, box in self.boxes.items():
            box.setCurrentIndex(box.findData(getattr(bound, axis)))

    def _changed(self) -> None:
        chosen = {axis: str(box.currentData()) for axis, box in self.boxes.items()}
        try:
            self.typed.emit(StageAxisMap(**chosen))
        except StoreError:  # what is chosen stays, until the other box is another too
            self.refused.emit(tr("An axis of the stage is used twice: choose another for one."))
