"""Show what speaks for and against starting, one line each, by shape, colour and word."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QMenu, QPushButton, QWidget

from parfocal.ui.design_workspace._fixes import label_of
from parfocal.ui.design_workspace._preflight_lines import Line
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme, Token

SHAPES: dict[str, tuple[str, Token]] = {
    "ok": ("✓", "ok"),
    "warning": ("⚠", "warn"),
    "error": ("✗", "error"),
}


class PreflightList(QWidget):
    """The lines, worst first; under what can be fixed there is the button that does it."""

    fix_wanted = pyqtSignal(object, object)
    """The line, and what was chosen for it: (group, preset), or None."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: tuple[Line, ...] = ()
        self.buttons: dict[str, QPushButton] = {}
        self._texts: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.setAccessibleName(tr("Preflight"))
        theme.changed.connect(self._redraw)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these lines."""
        if lines == self.lines:
            return
        same = [_shape(line) for line in lines] == [_shape(line) for line in self.lines]
        self.lines = lines
        if same:  # a gigabyte less on the disk must not take a button away from under a finger
            for text, line in zip(self._texts, lines, strict=True):
                text.setText(line.text)
            return
        here = next((fix for fix, button in self.buttons.items() if button.hasFocus()), "")
        self._redraw()
        if here in self.buttons:
            self.buttons[here].show()  # the layout shows it a turn later; hidden it takes no focus
            self.buttons[here].setFocus()

    def _redraw(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # deleteLater leaves it on the screen until the loop comes round
                widget.deleteLater()
        self.buttons = {}
        self._texts = []
        row = 0
        for line in self.lines:
            shape, token = SHAPES[line.severity]
            sign = QLabel(f'<b style="color:{self._theme.color(token).name()}">{shape}</b>')
            text = QLabel(line.text)
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            self._texts.append(text)
            self._grid.addWidget(text, row, 1)
            if label_of(line.fix):
                row += 1
                button = self._button(line)
                self._grid.addWidget(button, row, 1, Qt.AlignmentFlag.AlignLeft)
            row += 1

    def _button(self, line: Line) -> QPushButton:
        button = QPushButton(label_of(line.fix))
        button.setAccessibleName(f"{label_of(line.fix)}: {line.text}")
        if line.choices:
            menu = QMenu(button)
            for group, preset in line.choices:
                action = menu.addAction(preset)
                if action is not None:
                    action.triggered.connect(
                        lambda _checked, choice=(group, preset): self.fix_wanted.emit(line, choice)
                    )
            button.setMenu(menu)
        else:
            button.clicked.connect(lambda: self.fix_wanted.emit(line, None))
        self.buttons[line.fix] = button
        return button


def _shape(line: Line) -> tuple[object, ...]:
    """What has to be drawn anew when it changes: all but the words."""
    return line.severity, line.fix, line.choices
