"""Three cells for the size of a voxel; each that was guessed is marked."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QPushButton, QWidget

from parfocal.convert import Inspection
from parfocal.ui.convert_wizard._page import muted
from parfocal.ui.convert_wizard._words import voxel_source_words
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["VoxelForm"]

AXES = "zyx"
CELL_WIDTH = 120


class VoxelForm(QWidget):
    """`typed` has z, y, x in µm, or None for what the source says."""

    typed = pyqtSignal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now = (1.0, 1.0, 1.0)
        self.cells = [_Micrometres() for _ in AXES]
        self.marks = [QLabel() for _ in AXES]
        self.source = muted("")
        self.source.setWordWrap(False)
        self.reset_button = QPushButton(tr("As the source says"))
        self.reset_button.setAutoDefault(False)
        self.reset_button.clicked.connect(lambda: self.typed.emit(None))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        for column, (axis, cell, mark) in enumerate(zip(AXES, self.cells, self.marks, strict=True)):
            label = QLabel(f"&{axis}")
            label.setBuddy(cell)
            grid.addWidget(label, 0, 2 * column)
            grid.addWidget(cell, 0, 2 * column + 1)
            grid.addWidget(mark, 1, 2 * column + 1)
            cell.valueChanged.connect(lambda value, place=column: self._changed(place, value))
        grid.addWidget(self.reset_button, 0, 2 * len(AXES))
        grid.addWidget(self.source, 2, 1, 1, 2 * len(AXES) + 1)
        grid.setColumnStretch(2 * len(AXES) + 1, 1)

    def show_size(self, found: Inspection, *, typed: tuple[float, float, float] | None) -> None:
        """Show what was typed, else what is known; each cell that was guessed is marked.

        What was found is older than what was typed while somebody looks once more: shown in its
        place it took y and z back from who typed all three in one go.
        """
        self._now = found.voxel_um if typed is None else typed
        source = voxel_source_words(found.voxel_source if typed is None else "asked for")
        guesses = found.guessed_axes if typed is None else ""
        warn = self._theme.color("warn").name()
        for axis, cell, mark, size in zip(AXES, self.cells, self.marks, self._now, strict=True):
            cell.blockSignals(True)
            cell.setValue(size)
            cell.blockSignals(False)
            guessed = axis in guesses
            words = tr("⚠ guessed")
            mark.setText(f'<span style="color:{warn}">{words}</span>' if guessed else "")
            mark.setVisible(bool(guesses))
            name = tr("Voxel size along {axis} in µm").format(axis=axis)
            cell.setAccessibleName(f"{name}, {tr('guessed') if guessed else source}")
        self.source.setText(tr("from: {source}").format(source=source) if typed is None else source)
        self.source.setVisible(len(guesses) < len(AXES))
        self.reset_button.setEnabled(typed is not None)

    def _changed(self, place: int, value: float) -> None:
        size = list(self._now)  # the other two as they are, not as they are rounded here
        size[place] = round(value, 5)
        self._now = (size[0], size[1], size[2])
        self.typed.emit(self._now)


class _Micrometres(QDoubleSpinBox):
    """Five decimals, and no zeros behind the last that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(5)
        self.setRange(1e-5, 1e5)
        self.setSingleStep(0.1)
        self.setSuffix(" µm")
        self.setKeyboardTracking(False)
        self.setFixedWidth(CELL_WIDTH)

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's own
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text
