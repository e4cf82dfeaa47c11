"""Switch the microscope's presets: one box a group, the channels first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QLabel, QWidget

from parfocal.ui.microscope_workspace._camera import Camera
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.controller import AcquisitionController

Groups = dict[str, tuple[tuple[str, ...], str]]
"""By group: its presets, and the one that is set ("" when none matches)."""


class PresetsPanel(QGroupBox):
    """Read when a microscope is opened and after every switch, since one may move others."""

    def __init__(
        self, controller: "AcquisitionController", camera: Camera, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Presets"), parent)
        self._controller = controller
        self._camera = camera
        self.boxes: dict[str, QComboBox] = {}
        self._form = QFormLayout(self)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._reading = _Reading(self)
        self._reading.read.connect(self._show)

    def read(self) -> None:
        """Ask the microscope for its presets."""
        microscope = self._controller.microscope
        if microscope is None:
            self._show({})
            return
        future = self._controller.in_engine(lambda: _groups(microscope))
        future.add_done_callback(
            lambda done: None if done.exception() else self._reading.read.emit(done.result())
        )

    def _show(self, groups: Groups) -> None:
        if list(groups) != list(self.boxes):
            self._make_boxes(groups)
        for group, (presets, current) in groups.items():
            box = self.boxes[group]
            if [box.itemText(i) for i in range(box.count())] != list(presets):
                box.clear()
                box.addItems(presets)
            box.setCurrentIndex(box.findText(current))
            box.setPlaceholderText(tr("none of them"))

    def _make_boxes(self, groups: Groups) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self.boxes = {}
        for group in groups:
            box = QComboBox()
            box.setAccessibleName(tr("Preset of {group}").format(group=group))
            # `textActivated` and not `currentTextChanged`: only what a person chose is commanded
            box.textActivated.connect(self._chooser(group))
            label = QLabel(group)
            label.setBuddy(box)
            self._form.addRow(label, box)
            self.boxes[group] = box

    def _chooser(self, group: str) -> Callable[[str], None]:
        return lambda preset: self._camera.set_preset(group, preset, self.read)


class _Reading(QObject):
    """Carries an answer from the engine thread to the window's."""

    read = pyqtSignal(object)


def _groups(microscope: "Microscope") -> Groups:
    core = microscope.core
    return {
        group: (presets, core.getCurrentConfig(group))
        for group, presets in microscope.channel_groups().items()
        if presets and group != "System"  # start-up and shutdown, not something to switch
    }
