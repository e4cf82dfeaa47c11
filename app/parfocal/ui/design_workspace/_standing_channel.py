"""Know at which channel the microscope stands: a new plan begins with it. Asks in a task."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.desk import Desk

__all__ = ["StandingChannel"]


class StandingChannel(QObject):
    """Asked when a microscope is opened, a run has ended, or somebody set something by hand."""

    told = pyqtSignal(str, str)
    """The group of channels and its preset; "" when it stands at none of them."""

    def __init__(self, desk: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        controller = desk.controller
        for moment in (
            controller.microscope_opened,
            controller.run_finished,
            desk.devices_changed,
            desk.presets_changed,
        ):
            moment.connect(self.look)

    def look(self, *_what: object) -> None:
        """Ask now; a run has the hardware to itself, and puts it back afterwards."""
        microscope = self._desk.controller.microscope
        if microscope is None or self._desk.controller.busy:
            return
        # what does not answer says so elsewhere: a new plan then begins with the first channel
        self._desk.tasks.quietly(
            "ask at which channel the microscope stands",
            lambda _task: None if self._desk.controller.busy else _standing(microscope),
            on_done=self._tell,
            owner=self,
        )

    def _tell(self, found: tuple[str, str] | None) -> None:
        """None: a run began before there was time to ask, and its end asks again."""
        if found is not None:
            self.told.emit(*found)


def _standing(microscope: "Microscope") -> tuple[str, str]:
    groups = microscope.channel_groups()  # that of the channels comes first
    group = next((name for name, presets in groups.items() if presets), "")
    return group, microscope.settings.preset(group) if group else ""
