"""Say along which axis of the stage, and which way, an image's axes run."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QWidget

from parfocal.store import StageAxisMap, StoreError
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.text import tr

CHOICES = ("+x", "-x", "+y", "-y", "+z", "-z", "+f", "-f", "none")


class StageForm(QWidget):
    """Three choices; one that uses an axis of the stage twice is not taken."""

    edited = pyqtSignal(object)  # a StageAxisMap

    def __init__(self) -> None:
        super().__init__()
        self._axes = StageAxisMap()
        self.choices = {axis: QComboBox() for axis in "zyx"}
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        row = QHBoxLayout()
        for axis, box in self.choices.items():
            box.addItem(tr("none"), "none")
            for choice in CHOICES[:-1]:
                box.addItem(choice.replace("-", "−"), choice)
            box.setAccessibleName(tr("The stage's axis along {axis}").format(axis=axis))
            box.activated.connect(self._tell)
            row.addWidget(box, 1)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(tr("z, y, x"), row)
        form.addRow("", self.problem)

    def show_entry(self, entry: Entry) -> None:
        """Show the map of this store."""
        self._axes = entry.stage_map or StageAxisMap()
        said = entry.stage_map is not None
        self.problem.setText("" if said else tr("The store does not say; these are assumed."))
        for box, told in zip(
            self.choices.values(), (self._axes.z, self._axes.y, self._axes.x), strict=True
        ):
            box.setCurrentIndex(box.findData(told))

    def _tell(self) -> None:
        z, y, x = (str(box.currentData()) for box in self.choices.values())
        try:
            axes = StageAxisMap(z, y, x)
        except StoreError:
            self.problem.setText(tr("An axis of the stage can be named once: change another one."))
            return
        self.problem.clear()
        if axes != self._axes:
            self.edited.emit(axes)
