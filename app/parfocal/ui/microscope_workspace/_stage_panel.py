"""See where the stage is, move it by steps, and halt it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal import ParfocalError
from parfocal.ui.icons import icon
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from pymmcore_plus import CMMCorePlus

    from parfocal.scope import StagePosition
    from parfocal.ui.controller import AcquisitionController

log = logging.getLogger(__name__)

# key: (icon, x, y, z, row, column, words)
MOVES: dict[str, tuple[str, int, int, int, int, int, str]] = {
    "y_up": ("arrow-up", 0, 1, 0, 0, 1, tr("Move the stage to larger y")),
    "x_down": ("arrow-left", -1, 0, 0, 1, 0, tr("Move the stage to smaller x")),
    "x_up": ("arrow-right", 1, 0, 0, 1, 2, tr("Move the stage to larger x")),
    "y_down": ("arrow-down", 0, -1, 0, 2, 1, tr("Move the stage to smaller y")),
    "z_up": ("arrow-up", 0, 0, 1, 0, 4, tr("Move the focus to larger z")),
    "z_down": ("arrow-down", 0, 0, -1, 2, 4, tr("Move the focus to smaller z")),
}


class StagePanel(QGroupBox):
    """Moves go through the engine thread; Halt does not wait for it."""

    failed = pyqtSignal(str)
    halted = pyqtSignal()

    def __init__(self, controller: "AcquisitionController", parent: QWidget | None = None) -> None:
        super().__init__(tr("Stage"), parent)
        self._controller = controller
        self.readings = {axis: _reading() for axis in "xyz"}
        self.buttons = {key: self._move_button(key) for key in MOVES}
        self.xy_step = _step_box(10.0, tr("Step in x and y"))
        self.z_step = _step_box(1.0, tr("Step in z"))
        self.halt_button = QPushButton(tr("&Halt"))
        self.halt_button.setMinimumHeight(44)
        self.halt_button.setToolTip(tr("Stop every movement at once; a run is stopped too"))
        self.halt_button.clicked.connect(self.halt)
        layout = QVBoxLayout(self)
        layout.addLayout(self._readings_row())
        layout.addLayout(self._pad())
        layout.addWidget(self.halt_button)
        self.dress()

    def show_position(self, position: "StagePosition | None") -> None:
        """Write where the stage is."""
        for axis, label in self.readings.items():
            text = "—" if position is None else number(getattr(position, axis), 2)
            if label.text() != text:
                label.setText(text)

    def enable_moves(self, able: bool) -> None:
        """Moves need a microscope that no run uses; Halt is always there."""
        for widget in (*self.buttons.values(), self.xy_step, self.z_step):
            widget.setEnabled(able)

    def move_by(self, x: float, y: float, z: float) -> None:
        """Move by so many µm."""
        microscope = self._controller.microscope
        if microscope is None:
            return
        core = microscope.core

        def go() -> None:
            if x or y:
                core.setRelativeXYPosition(x, y)
                core.waitForDevice(core.getXYStageDevice())
            if z:
                core.setRelativePosition(z)
                core.waitForDevice(core.getFocusDevice())

        where = ", ".join(
            f"{axis} {value:+g} µm" for axis, value in zip("xyz", (x, y, z), strict=True) if value
        )
        self._controller.in_engine(go).add_done_callback(
            self._telling(tr("The stage could not be moved by {where}").format(where=where))
        )

    def halt(self) -> None:
        """Stop a run and every stage, now: not queued behind what the engine thread waits for."""
        self._controller.cancel(tr("halted by the operator"))
        microscope = self._controller.microscope
        if microscope is not None:
            threading.Thread(
                target=self._halt, args=(microscope.core,), name="parfocal-halt"
            ).start()

    def _halt(self, core: "CMMCorePlus") -> None:
        """Each device in turn; one that cannot be stopped must not keep the others moving."""
        went_well = True
        for device in (core.getXYStageDevice(), core.getFocusDevice()):
            if not device:
                continue
            try:
                core.stop(device)
            except RuntimeError as error:
                went_well = False
                log.warning("stage %s could not be halted: %s", device, error)
                self.failed.emit(
                    tr("{device} could not be halted: {error}").format(device=device, error=error)
                )
        if went_well:
            self.halted.emit()

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        for key, button in self.buttons.items():
            button.setIcon(icon(MOVES[key][0]))
        self.halt_button.setIcon(icon("hand-back-right-outline"))

    def _telling(self, trouble: str) -> Callable[["Future[Any]"], None]:
        def ended(future: "Future[Any]") -> None:
            error = None if future.cancelled() else future.exception()
            if error is not None:
                told = str(error) if isinstance(error, ParfocalError) else f"{trouble}: {error}"
                self.failed.emit(told)

        return ended

    def _move_button(self, key: str) -> QToolButton:
        _icon, x, y, z, _row, _column, words = MOVES[key]
        button = QToolButton()
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setAutoRepeat(False)
        button.setMinimumSize(34, 30)
        button.clicked.connect(
            lambda: self.move_by(
                x * self.xy_step.value(), y * self.xy_step.value(), z * self.z_step.value()
            )
        )
        return button

    def _readings_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for axis, label in self.readings.items():
            name = QLabel(axis)
            name.setEnabled(False)
            label.setAccessibleName(tr("Position in {axis}").format(axis=axis))
            if axis != "x":
                row.addSpacing(12)  # else "0.00 y" reads as one
            row.addWidget(name)
            row.addWidget(label, 1)
        unit = QLabel("µm")
        unit.setEnabled(False)
        row.addWidget(unit)
        return row

    def _pad(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        for key, (_icon, _x, _y, _z, row, column, _words) in MOVES.items():
            grid.addWidget(self.buttons[key], row, column, Qt.AlignmentFlag.AlignCenter)
        for text, column in (("xy", 1), ("z", 4)):
            label = QLabel(text)
            label.setEnabled(False)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(label, 1, column)
        grid.addWidget(self.xy_step, 3, 0, 1, 3)
        grid.addWidget(self.z_step, 3, 4)
        grid.setColumnMinimumWidth(3, 16)
        grid.setColumnStretch(3, 1)
        return grid


def _reading() -> QLabel:
    label = QLabel("—")
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(label.font().pointSizeF() * 1.15)
    label.setFont(font)
    label.setAlignment(Qt.AlignmentFlag.AlignRight)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _step_box(value: float, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.01, 10_000)
    box.setDecimals(2)
    box.setValue(value)
    box.setSuffix(" µm")
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box
