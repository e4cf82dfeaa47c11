"""Show the steps down the left: what is done has a tick, and any that was reached can be chosen."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["Steps"]

WIDTH = 190


class Steps(QWidget):
    """A button a step."""

    chosen = pyqtSignal(int)

    def __init__(self, theme: Theme, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names = tuple(names)
        self._now, self._done, self._open = 0, frozenset[int](), frozenset({0})
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Steps"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.buttons = [self._button(number) for number in range(len(names))]
        for button in self.buttons:
            column.addWidget(button)
        column.addStretch()
        theme.changed.connect(self._dress)
        self._dress()

    def show_steps(self, now: int, done: frozenset[int], reachable: frozenset[int]) -> None:
        """Say which step is shown, which are done, and which can be gone to."""
        if (now, done, reachable) != (self._now, self._done, self._open):
            self._now, self._done, self._open = now, done, reachable
            self._dress()

    def _button(self, number: int) -> QToolButton:
        button = QToolButton()
        button.setText(f"{number + 1}   {self._names[number]}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setMinimumHeight(36)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._clicked(number))
        return button

    def _clicked(self, number: int) -> None:
        self.buttons[number].setChecked(number == self._now)  # the wizard says what is shown
        self.chosen.emit(number)

    def _dress(self) -> None:
        for number, button in enumerate(self.buttons):
            now, done = number == self._now, number in self._done
            button.setChecked(now)
            button.setEnabled(now or number in self._open)
            font = button.font()
            font.setBold(now)
            button.setFont(font)
            if done:
                button.setIcon(icon("check-circle", self._theme.color("ok")))
            elif now:
                button.setIcon(icon("circle-slice-8", self._theme.color("accent")))
            else:
                button.setIcon(icon("circle-outline", self._theme.color("muted")))
            state = tr("done") if done else tr("shown") if now else tr("to come")
            button.setAccessibleName(
                tr("Step {n} of {m}: {name}, {state}").format(
                    n=number + 1, m=len(self.buttons), name=self._names[number], state=state
                )
            )
