"""Correct the voxel size of a store, with the reason that its history keeps."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from parfocal.store import StoreEdit, VoxelEdit
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._words import voxel_source_words
from parfocal.ui.text import tr

SMALLEST, LARGEST, DECIMALS = 0.0001, 10_000.0, 4


class VoxelForm(QWidget):
    """z, y, x in µm; without a reason nothing is written."""

    edited = pyqtSignal(object, str)  # a StoreEdit, and what it is about

    def __init__(self) -> None:
        super().__init__()
        self._size = (1.0, 1.0, 1.0)
        self.sizes = {axis: _spin_box(axis) for axis in "zyx"}
        self.source = QLabel()
        self.source.setWordWrap(True)
        self.source.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("measured with a stage micrometer"))
        self.apply_button = QPushButton(tr("Correc&t"))
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        for box in self.sizes.values():
            row.addWidget(box)
        form.addRow(tr("z, y, x in µm"), row)
        form.addRow(tr("from"), self.source)
        form.addRow(tr("Reaso&n"), self.reason)
        form.addRow("", self.apply_button)
        for box in self.sizes.values():
            box.valueChanged.connect(self._judge)
        self.reason.textChanged.connect(self._judge)
        self.apply_button.clicked.connect(self._tell)
        self.reason.returnPressed.connect(self.apply_button.click)

    def wish(self) -> tuple[float, float, float]:
        """What is typed; an axis that was left alone keeps all its decimals."""
        typed = [box.value() for box in self.sizes.values()]
        z, y, x = (
            told if round(told, DECIMALS) == new else new
            for told, new in zip(self._size, typed, strict=True)
        )
        return z, y, x

    def show_entry(self, entry: Entry) -> None:
        """Show the size of this store."""
        if entry.info is None:
            return
        self._size = entry.info.voxel_size_um
        for box, size in zip(self.sizes.values(), self._size, strict=True):
            box.setValue(size)
        self.source.setText(voxel_source_words(entry.info.voxel_size_source))
        self.reason.clear()
        self._judge()

    def _judge(self) -> None:
        other = self.wish() != self._size
        self.apply_button.setEnabled(other and bool(self.reason.text().strip()))
        why = "" if other else tr("The size is as it was.")
        if other and not self.reason.text().strip():
            why = tr("Say why: the store's history keeps the reason.")
        self.apply_button.setToolTip(why)

    def _tell(self) -> None:
        edit = VoxelEdit(self.wish(), self.reason.text().strip())
        self.edited.emit(StoreEdit(voxel=edit), tr("voxel size"))


def _spin_box(axis: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(DECIMALS)
    box.setRange(SMALLEST, LARGEST)
    box.setSingleStep(0.001)
    box.setAccessibleName(tr("Voxel size along {axis} in µm").format(axis=axis))
    box.setMinimumWidth(box.fontMetrics().horizontalAdvance("00.00000") + 32)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    return box
