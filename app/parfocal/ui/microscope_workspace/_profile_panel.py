"""Choose a microscope and see whether it is open."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGroupBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.controller import AcquisitionController
    from parfocal.ui.theme import Theme

OTHER = "…"


class ProfilePanel(QGroupBox):
    """The chooser, the state in words, and the door to every property."""

    properties_wanted = pyqtSignal()

    def __init__(
        self,
        controller: "AcquisitionController",
        theme: "Theme",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Microscope"), parent)
        self._controller = controller
        self._theme = theme
        self.chooser = QComboBox()
        self.chooser.addItem(tr("Demo: living sample"), "demo")
        self.chooser.addItem(tr("Demo: Micro-Manager's camera"), "demo-camera")
        self.chooser.addItem(tr("Open a configuration…"), OTHER)
        self.chooser.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.chooser.setAccessibleName(tr("Microscope profile"))
        self.chooser.activated.connect(self._choose)
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setMaximumHeight(6)
        self.busy.setAccessibleName(tr("The microscope is being opened"))
        self.properties_button = QPushButton(tr("All &properties…"))
        self.properties_button.clicked.connect(self.properties_wanted)
        layout = QVBoxLayout(self)
        for part in (self.chooser, self.state, self.busy, self.properties_button):
            layout.addWidget(part)
        self.dress()
        self.show_state()

    def open(self, profile: str) -> None:
        """Open a profile by its name, or a configuration by its path."""
        self._controller.open_microscope(profile)
        self.show_state()

    def show_state(self) -> None:
        """Say in words what the microscope is doing."""
        controller = self._controller
        self.busy.setVisible(controller.opening)
        idle = not controller.busy and not controller.opening
        self.chooser.setEnabled(idle)
        self.properties_button.setEnabled(idle and controller.microscope is not None)
        text = self._words()
        if self.state.text() != text:
            self.state.setText(text)

    def show_current(self) -> None:
        """Let the chooser name what is open."""
        microscope = self._controller.microscope
        if microscope is None:
            return
        row = self.chooser.findData(microscope.name)
        if row < 0:
            row = self.chooser.findText(microscope.name)
        self.chooser.setCurrentIndex(row)

    def dress(self) -> None:
        """Draw icons and state in the theme's colours."""
        self.properties_button.setIcon(icon("tune-variant"))
        self.show_state()

    def _words(self) -> str:
        controller = self._controller
        if controller.opening:
            return self._state("muted", "◌", tr("being opened…"))
        if controller.busy:
            return self._state("accent", "▶", tr("A run is using the microscope; watch it in Run."))
        if controller.microscope is not None:
            return self._state(
                "ok", "●", tr("{name} is open").format(name=controller.microscope.name)
            )
        if controller.microscope_problem:
            return self._state("error", "✗", controller.microscope_problem)
        return self._state("muted", "○", tr("no microscope is open; choose one above"))

    def _state(self, token: str, shape: str, sentence: str) -> str:
        color = self._theme.color(token).name()  # type: ignore[arg-type] # one of the tokens
        return f'<span style="color:{color}">{shape}</span> {escape(sentence)}'

    def _choose(self, row: int) -> None:
        profile = self.chooser.itemData(row)
        if profile != OTHER:
            self.open(profile)
            return
        name, _filter = QFileDialog.getOpenFileName(
            self, tr("Open a microscope"), "", tr("Micro-Manager configurations (*.cfg)")
        )
        if not name:
            self.show_current()
            return
        path = Path(name)
        if self.chooser.findData(str(path)) < 0:
            self.chooser.insertItem(self.chooser.count() - 1, path.stem, str(path))
        self.chooser.setCurrentIndex(self.chooser.findData(str(path)))
        self.open(str(path))
