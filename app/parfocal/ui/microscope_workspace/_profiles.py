"""Make, change and delete the machine's profiles from the chooser."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMessageBox, QWidget

from parfocal import ParfocalError
from parfocal.scope import Profile, delete_profile, read_profile
from parfocal.ui.microscope_workspace._profile_dialog import ProfileDialog
from parfocal.ui.microscope_workspace._profile_panel import BUILT_IN, ProfilePanel
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

__all__ = ["ProfileEditing"]


class ProfileEditing(QObject):
    """One dialog at a time."""

    def __init__(self, desk: "Desk", panel: ProfilePanel, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._panel, self._window = desk, panel, window
        self.dialog: ProfileDialog | None = None
        self.question: QMessageBox | None = None

    def can_edit(self) -> bool:
        """Whether what is chosen has a file of its own."""
        choice, controller = self._panel.choice, self._desk.controller
        own = choice not in BUILT_IN and not choice.lower().endswith(".cfg")
        return own and not controller.busy and not controller.opening

    def configuration(self) -> tuple[Path | None, Path | None]:
        """The configuration and the adapters' folder of what is chosen."""
        choice = self._panel.choice
        if choice.lower().endswith(".cfg"):
            return Path(choice), None
        profile = self._read(choice)
        return (None, None) if profile is None else (profile.configuration, profile.adapters)

    def make(self) -> None:
        """Make a new profile; for a configuration that is chosen, one around that."""
        choice = self._panel.choice
        self.make_for(choice if choice.lower().endswith(".cfg") else "")

    def make_for(self, configuration: str) -> None:
        """Make a new profile around a configuration."""
        dialog = self._show(None)
        if configuration:
            dialog.configuration.setText(configuration)
            dialog.name.setText(Path(configuration).stem)

    def edit(self) -> None:
        """Change the profile that is chosen."""
        profile = self._read(self._panel.choice)
        if profile is not None:
            self._show(profile)

    def delete(self) -> None:
        """Delete the profile that is chosen, after a question."""
        name = self._panel.choice
        self.question = box = QMessageBox(self._window)
        box.setWindowTitle(tr("Delete a profile"))
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(tr("Delete the profile “{name}” of this machine?").format(name=name))
        box.setInformativeText(
            tr("Its limits go with it. The configuration file that it names stays.")
        )
        yes = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.finished.connect(lambda _: self._answered(name, box.clickedButton() is yes))
        box.open()

    # -- parts

    def _answered(self, name: str, wanted: bool) -> None:
        if self.question is not None:
            self.question.deleteLater()
            self.question = None
        if not wanted:
            return
        try:
            delete_profile(name)
        except ParfocalError as error:
            self._desk.toasts.show(str(error), "error")
        self._panel.list_profiles(self._desk.controller.asked_profile or "demo")

    def _read(self, name: str) -> Profile | None:
        try:
            return read_profile(name)
        except ParfocalError as error:
            self._desk.toasts.show(str(error), "error")
            return None

    def _show(self, profile: Profile | None) -> ProfileDialog:
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog = ProfileDialog(self._desk.theme, profile, self._window)
        dialog.saved.connect(self._panel.list_profiles)
        dialog.finished.connect(lambda _result: self._ended(dialog))
        dialog.open()
        return dialog

    def _ended(self, dialog: ProfileDialog) -> None:
        dialog.deleteLater()
        if self.dialog is dialog:
            self.dialog = None
