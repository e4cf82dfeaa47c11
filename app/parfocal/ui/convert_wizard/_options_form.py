"""What only some sources want to know: which array, what file names say, whether half is enough."""

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from parfocal.convert import Inspection, Wishes
from parfocal.ui.text import tr

__all__ = ["OptionsForm", "asked_of"]

PARTIAL, ARRAY, AXES, PATTERN, PLANES = "accept_partial", "array", "axes", "pattern", "planes"


class OptionsForm(QWidget):
    """`typed` has the name of a wish or an option, and its value; None takes it away."""

    typed = pyqtSignal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.partial = QCheckBox(tr("Bring it in although some of it is missing"))
        self.partial.clicked.connect(lambda on: self.typed.emit(PARTIAL, on or None))
        self.planes = QSpinBox()
        self.planes.setRange(0, 1_000_000)
        self.planes.setSpecialValueText(tr("as the source says"))
        self.planes.setKeyboardTracking(False)
        self.planes.valueChanged.connect(lambda count: self.typed.emit(PLANES, count or None))
        self.lines = {name: self._line(name) for name in (ARRAY, AXES, PATTERN)}
        self.lines[PATTERN].setPlaceholderText("{well}_s{field}_w{channel}.tif")
        self.lines[AXES].setPlaceholderText("tczyx")
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow(self.partial)
        self._form.addRow(tr("Array"), self.lines[ARRAY])
        self._form.addRow(tr("Axes of the array"), self.lines[AXES])
        self._form.addRow(tr("File names say"), self.lines[PATTERN])
        self._form.addRow(tr("Frames a volume"), self.planes)

    def show_wishes(self, wishes: Wishes, found: Inspection | None) -> None:
        """Show those that are set or that the source asks for."""
        options = wishes.options
        now: dict[str, Any] = {
            PARTIAL: options.get(PARTIAL), ARRAY: wishes.array, PATTERN: options.get(PATTERN),
            PLANES: options.get(PLANES), AXES: None,
        }  # fmt: skip
        asked = frozenset[str]() if found is None else asked_of(found)
        self.partial.setChecked(bool(now[PARTIAL]))
        self.planes.blockSignals(True)
        self.planes.setValue(int(now[PLANES] or 0))
        self.planes.blockSignals(False)
        for name, line in self.lines.items():
            if not line.isModified():
                line.setText(str(now[name] or ""))
        rows: dict[str, QWidget] = {PARTIAL: self.partial, PLANES: self.planes, **self.lines}
        shown = {name for name in rows if now[name] or name in asked}
        for name, widget in rows.items():
            self._form.setRowVisible(widget, name in shown)
        self.setVisible(bool(shown))

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._on_line(name))
        return line

    def _on_line(self, name: str) -> None:
        line = self.lines[name]
        if line.isModified():
            line.setModified(False)
            self.typed.emit(name, line.text().strip() or None)


def asked_of(found: Inspection) -> frozenset[str]:
    """The options that a source asks for: its sentences name them as the command line does."""
    kind, problem = found.kind.lower(), found.problem
    asked = {
        PARTIAL: "--accept-partial" in problem,
        AXES: "--axes" in problem,
        PATTERN: "pattern" in problem or kind.startswith("tiff folder"),
        PLANES: "spool" in kind or "--planes" in problem,
        ARRAY: "holds no array" in problem or any("the largest of" in one for one in found.guessed),
    }
    return frozenset(name for name, so in asked.items() if so)
