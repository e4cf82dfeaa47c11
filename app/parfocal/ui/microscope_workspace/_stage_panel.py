"""See where the stage is, move it by steps and to a place, and halt it."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QFontDatabase, QKeyEvent
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

from parfocal.ui.icons import icon
from parfocal.ui.microscope_workspace._moves import Moves
from parfocal.ui.microscope_workspace._stage_map import StageMap
from parfocal.ui.note import Note
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.scope import StagePosition
    from parfocal.ui.theme import Theme

# key: (icon, x, y, z, row, column, words)
MOVES: dict[str, tuple[str, int, int, int, int, int, str]] = {
    "y_up": ("arrow-up", 0, 1, 0, 0, 1, tr("Move the stage to larger y")),
    "x_down": ("arrow-left", -1, 0, 0, 1, 0, tr("Move the stage to smaller x")),
    "x_up": ("arrow-right", 1, 0, 0, 1, 2, tr("Move the stage to larger x")),
    "y_down": ("arrow-down", 0, -1, 0, 2, 1, tr("Move the stage to smaller y")),
    "z_up": ("arrow-up", 0, 0, 1, 0, 4, tr("Move the focus to larger z")),
    "z_down": ("arrow-down", 0, 0, -1, 2, 4, tr("Move the focus to smaller z")),
}
KEYS = {
    Qt.Key.Key_Up: "y_up", Qt.Key.Key_Down: "y_down", Qt.Key.Key_Left: "x_down",
    Qt.Key.Key_Right: "x_up", Qt.Key.Key_PageUp: "z_up", Qt.Key.Key_PageDown: "z_down",
}  # fmt: skip
FURTHEST_UM = 10_000_000.0


class StagePanel(QGroupBox):
    """Moves go through the engine thread; Halt does not wait for it."""

    def __init__(
        self, moves: Moves, theme: "Theme", halt_keys: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Stage"), parent)
        self.moves = moves
        self._theme = theme
        self._field_um = (0.0, 0.0)
        self.readings = {axis: _reading() for axis in "xyz"}
        self.map = StageMap(theme)
        self.buttons = {key: self._move_button(key) for key in MOVES}
        self.xy_step = _step_box(10.0, tr("Step in x and y"))
        self.z_step = _step_box(1.0, tr("Step in z"))
        self.targets = {axis: _target_box(axis) for axis in "xyz"}
        self.go_xy = QPushButton(tr("Go"))
        self.go_xy.setToolTip(tr("Move to this x and y"))
        self.go_xy.setAccessibleName(tr("Go to this x and y"))
        self.go_z = QPushButton(tr("Go"))
        self.go_z.setToolTip(tr("Move to this z"))
        self.go_z.setAccessibleName(tr("Go to this z"))
        self.note = Note(theme, tr("What is wrong with the move"))
        self.halt_button = QPushButton(tr("Hal&t   {keys}").format(keys=halt_keys))
        self.halt_button.setMinimumHeight(44)
        self.halt_button.setIconSize(QSize(22, 22))
        self.halt_button.setToolTip(tr("Stop every movement at once; a run is stopped too"))
        font = self.halt_button.font()
        font.setBold(True)
        self.halt_button.setFont(font)
        self._lay_out()
        self._bind()
        self.dress()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What moves the stage. Halt is not one of them: it is always there."""
        return (
            self.map,
            *self.buttons.values(),
            self.xy_step,
            self.z_step,
            *self.targets.values(),
            self.go_xy,
            self.go_z,
        )

    def show_position(self, position: "StagePosition | None") -> None:
        """Write where the stage is, and mark it on the map."""
        for axis, label in self.readings.items():
            text = "—" if position is None else number(getattr(position, axis), 2)
            if label.text() != text:
                label.setText(text)
        self.map.show_place(position, self._field_um)

    def show_moving(self, moving: bool) -> None:
        """Say that a move is under way or waits."""
        title = tr("Stage, moving…") if moving else tr("Stage")
        if self.title() != title:
            self.setTitle(title)

    def show_field(self, width_um: float, height_um: float) -> None:
        """How much of the sample the camera sees."""
        self._field_um = (width_um, height_um)

    def show_microscope(self) -> None:
        """Draw the limits of the microscope that is open now."""
        self.map.show_limits(self.moves.limits)
        self.note.say("")

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The arrow keys move while the map or a button of the pad has the keyboard."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self.moves.halt()
            return True
        key = KEYS.get(Qt.Key(event.key()))
        if key is None:
            return super().eventFilter(watched, event)
        # a key that is held goes step after step, and ends with the step that is under way
        if not (event.isAutoRepeat() and self.moves.going):
            self._step(key)
        return True

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        self.halt_button.setIcon(icon("hand-back-right", self._theme.color("error")))

    # -- parts

    def _step(self, key: str) -> None:
        if not self.buttons[key].isEnabled():
            return
        _icon, x, y, z, _row, _column, _words = MOVES[key]
        step = self.xy_step.value()
        self.moves.by(x * step, y * step, z * self.z_step.value())

    def _go_xy(self) -> None:
        self.moves.to_xy(self.targets["x"].value(), self.targets["y"].value())

    def _go_z(self) -> None:
        self.moves.to_z(self.targets["z"].value())

    def _bind(self) -> None:
        for watched in (self.map, *self.buttons.values()):
            watched.installEventFilter(self)
        self.map.go_wanted.connect(self.moves.to_xy)
        self.halt_button.clicked.connect(self.moves.halt)
        self.go_xy.clicked.connect(self._go_xy)
        self.go_z.clicked.connect(self._go_z)
        for axis, box in self.targets.items():
            line = box.lineEdit()
            if line is not None:
                line.returnPressed.connect(self._go_z if axis == "z" else self._go_xy)
        self.moves.refused.connect(self.note.say)
        self.moves.arrived.connect(self.show_position)
        self._theme.changed.connect(self.dress)

    def _move_button(self, key: str) -> QToolButton:
        drawing, _x, _y, _z, _row, _column, words = MOVES[key]
        button = QToolButton()
        button.setIcon(icon(drawing))
        button.setAccessibleName(words)
        keys = {name: pressed for pressed, name in KEYS.items()}
        button.setToolTip(f"{words} ({keys[key].name.removeprefix('Key_')})")
        button.setMinimumSize(34, 28)
        button.clicked.connect(lambda: self._step(key))
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.addWidget(self.halt_button)
        layout.addLayout(self._readings_row())
        layout.addWidget(self.map)
        layout.addLayout(self._pad())
        layout.addLayout(self._go_to())
        layout.addWidget(self.note)

    def _readings_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for axis, label in self.readings.items():
            name = QLabel(axis)
            name.setEnabled(False)
            label.setAccessibleName(tr("Position in {axis}").format(axis=axis))
            if axis != "x":
                row.addSpacing(8)  # else "0.00 y" reads as one
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

    def _go_to(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.addWidget(QLabel(tr("Go to")), 0, 0, 1, 5)
        for axis, row, column in (("x", 1, 0), ("y", 1, 2), ("z", 2, 0)):
            label = QLabel(axis)
            label.setEnabled(False)
            grid.addWidget(label, row, column)
            grid.addWidget(self.targets[axis], row, column + 1)
        grid.addWidget(self.go_xy, 1, 4)
        grid.addWidget(self.go_z, 2, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        for button in (self.go_xy, self.go_z):
            button.setMaximumWidth(48)
        return grid


def _reading() -> QLabel:
    label = QLabel("—")
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(label.font().pointSizeF())
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


def _target_box(axis: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(-FURTHEST_UM, FURTHEST_UM)
    box.setDecimals(2)
    box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    box.setMinimumWidth(60)
    name = tr("Place in {axis} to go to, in µm").format(axis=axis)
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box
