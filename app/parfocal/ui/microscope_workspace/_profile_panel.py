"""Choose a microscope, open and close it, and see in words what it is doing."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.scope import profiles
from parfocal.ui.icons import icon
from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.theme import Token

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

OTHER = "…"
LONGEST_STATE = 240  # more fills the column; the tip has all of it
BUILT_IN = {
    "demo": tr("Demo: living sample"),
    "demo-camera": tr("Demo: Micro-Manager's camera"),
    "safe": tr("Safe mode: no hardware"),
}
DEVICES = ("properties", "presets", "pixel_sizes", "wizard")
PROFILES = ("new_profile", "edit_profile", "delete_profile")


class ProfilePanel(QGroupBox):
    """What is chosen is opened by Open only: devices may move when they are started."""

    chosen = pyqtSignal(str)

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(tr("Microscope"), parent)
        self._desk = desk
        self._controller = desk.controller
        self.chooser = QComboBox()
        self.chooser.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.chooser.setAccessibleName(tr("Microscope profile"))
        self.remarks = Note(desk.theme, tr("Remarks of the profile"))
        self._said: tuple[Token, str, str] | None = None
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setAccessibleName(tr("State of the microscope"))
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setMaximumHeight(6)
        self.busy.setAccessibleName(tr("The microscope is being opened"))
        self.open_button = QPushButton()
        self.close_button = QPushButton(tr("&Close"))
        self.close_button.setToolTip(tr("Let go of the devices, so that other programs get them"))
        self.cancel_button = QPushButton(tr("&Cancel"))
        self.cancel_button.setToolTip(tr("Stop before the next device; nothing is left open"))
        self.profiles_button = self._menu_button(tr("Profile"), "file-cog-outline", PROFILES)
        self.devices_button = self._menu_button(tr("Devices"), "tune-variant", DEVICES)
        self._lay_out()
        self.chooser.activated.connect(self._choose)
        self.open_button.clicked.connect(lambda: self.open(self.choice))
        self.close_button.clicked.connect(self._controller.close_microscope)
        self.cancel_button.clicked.connect(self._controller.cancel_opening)
        desk.theme.changed.connect(self._dress)
        self.list_profiles(desk.settings.values.microscope or "demo")
        self.show_state()

    @property
    def choice(self) -> str:
        """The profile's name, or the configuration's path, that is chosen."""
        data = self.chooser.currentData()
        return "demo" if data is None or data == OTHER else str(data)

    def list_profiles(self, choose: str) -> None:
        """Read the machine's profiles anew, and choose one."""
        self.chooser.clear()
        for name in profiles():
            self.chooser.addItem(BUILT_IN.get(name, name), name)
        self.chooser.addItem(tr("Open a configuration…"), OTHER)
        self.choose(choose)

    def choose(self, profile: str) -> None:
        """Choose a profile by its name, or a configuration by its path, without opening it."""
        row = self.chooser.findData(profile)
        if row < 0 and profile.lower().endswith(".cfg"):
            row = self.chooser.count() - 1
            self.chooser.insertItem(row, Path(profile).name, profile)
            self.chooser.setItemData(row, profile, 3)  # Qt.ItemDataRole.ToolTipRole
        self.chooser.setCurrentIndex(max(0, row))
        self.show_state()

    def open(self, profile: str) -> None:
        """Open a profile by its name, or a configuration by its path."""
        self.choose(profile)
        self._controller.open_microscope(profile)
        self.show_state()

    def show_state(self) -> None:
        """Say in words what the microscope is doing."""
        controller = self._controller
        opening, there = controller.opening, controller.microscope is not None
        idle = not controller.busy and not opening
        self.busy.setVisible(opening)
        self.cancel_button.setVisible(opening)
        self.open_button.setVisible(not opening)
        self.close_button.setVisible(not opening)
        self.chooser.setEnabled(idle)
        self.open_button.setEnabled(idle)
        self.close_button.setEnabled(idle and there)
        self.profiles_button.setEnabled(idle)
        self.devices_button.setEnabled(idle)
        again = there and self.choice == controller.asked_profile
        words = tr("Re&open") if again else tr("&Open")
        if self.open_button.text() != words:
            self.open_button.setText(words)
            self.open_button.setIcon(icon("reload" if again else "power-plug-outline"))
        sentence = self._sentence()
        if sentence != self._said:
            self._said = sentence
            token, shape, words = sentence
            color = self._desk.theme.color(token).name()
            brief = words if len(words) <= LONGEST_STATE else f"{words[:LONGEST_STATE]}…"
            self.state.setText(f'<span style="color:{color}">{shape}</span> {escape(brief)}')
            self.state.setToolTip(words)
        self._show_remarks()

    def show_current(self) -> None:
        """Let the chooser name what is open, or was to be."""
        if self._controller.asked_profile:
            self.choose(self._controller.asked_profile)

    # -- parts

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for button in (self.open_button, self.close_button, self.cancel_button):
            first.addWidget(button, 1)
        for tool in (self.profiles_button, self.devices_button):
            second.addWidget(tool, 1)
        layout = QVBoxLayout(self)
        for part in (self.chooser, self.state, self.remarks, self.busy):
            layout.addWidget(part)
        layout.addLayout(first)
        layout.addLayout(second)
        self.close_button.setIcon(icon("eject-outline"))
        self.cancel_button.setIcon(icon("close"))

    def _menu_button(self, words: str, drawing: str, keys: tuple[str, ...]) -> QToolButton:
        from PyQt6.QtCore import Qt
        from PyQt6.QtWidgets import QSizePolicy

        button = QToolButton()
        button.setText(words)
        button.setIcon(icon(drawing))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        for key in keys:
            menu.addAction(self._desk.actions.action(f"microscope.{key}"))
        button.setMenu(menu)
        return button

    def _sentence(self) -> tuple[Token, str, str]:
        """Colour, shape and words of the state."""
        controller = self._controller
        microscope = controller.microscope
        if controller.opening:
            return "info", "◌", controller.opening_words or tr("being opened…")
        if controller.busy:
            return "accent", "▶", tr("A run is using the microscope; watch it in Run.")
        if microscope is None:
            if controller.microscope_problem:
                return "error", "✗", controller.microscope_problem
            return "muted", "○", tr("No microscope is open; choose one and Open it.")
        name = BUILT_IN.get(microscope.name, microscope.name)
        state = str(microscope.state)
        if state == "no hardware":
            return "warn", "○", tr("Safe mode: open, without any hardware")
        if state == "not answering":
            words = tr("{name} does not answer; look at its devices, then Reopen it")
            return "error", "✗", words.format(name=name)
        return "ok", "●", tr("{name} is open").format(name=name)

    def _show_remarks(self) -> None:
        """What whoever made the profile wants everybody to know who works on it."""
        microscope = self._controller.microscope
        own = microscope is not None and microscope.name not in BUILT_IN
        self.remarks.say(microscope.profile.remarks if own and microscope else "", "muted")

    def _dress(self) -> None:
        self._said = None
        self.show_state()

    def _choose(self, row: int) -> None:
        if self.chooser.itemData(row) == OTHER:
            name, _filter = QFileDialog.getOpenFileName(
                self, tr("Choose a microscope"), "", tr("Micro-Manager configurations (*.cfg)")
            )
            if name:
                self.choose(name)
            else:
                self.show_current()
        self.show_state()
        self.chosen.emit(self.choice)
