"""Switch the microscope's presets: one box a group, the channels first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QLabel, QVBoxLayout, QWidget

from parfocal.ui.microscope_workspace._hands import Hands
from parfocal.ui.note import Note
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.theme import Theme

Groups = dict[str, tuple[tuple[str, ...], str]]
"""By group: its presets, and the one that is set ("" when none matches)."""


class PresetsPanel(QGroupBox):
    """Read when a microscope is opened and after every switch, since one may move others."""

    def __init__(
        self,
        hands: Hands,
        theme: "Theme",
        switched: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Presets"), parent)
        self._hands = hands
        self._switched = switched
        self.boxes: dict[str, QComboBox] = {}
        self.note = Note(theme, tr("What is wrong with the preset"))
        self._none = QLabel(tr("none"))
        self._none.setEnabled(False)
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout = QVBoxLayout(self)
        layout.addWidget(self._none)
        layout.addLayout(self._form)
        layout.addWidget(self.note)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What switches presets."""
        return tuple(self.boxes.values())

    def read(self) -> None:
        """Ask the microscope for its presets."""
        self._hands.ask(_groups, self._show, lambda _sentence: self.show_none())

    def show_none(self) -> None:
        """There are none, or nobody may ask for them now."""
        self._show({})

    def _show(self, groups: Groups) -> None:
        if list(groups) != list(self.boxes):
            self._make_boxes(groups)
            self.note.say("")
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
        self._none.setVisible(not groups)
        for group in groups:
            box = QComboBox()
            box.setAccessibleName(tr("Preset of {group}").format(group=group))
            box.setMinimumContentsLength(6)
            # `textActivated` and not `currentTextChanged`: only what a person chose is commanded
            box.textActivated.connect(self._chooser(group))
            label = QLabel(group)
            label.setBuddy(box)
            self._form.addRow(label, box)
            self.boxes[group] = box

    def _chooser(self, group: str) -> Callable[[str], None]:
        def choose(preset: str) -> None:
            self._hands.ask(
                lambda microscope: microscope.settings.set_preset(group, preset),
                lambda _nothing: self._ended(""),
                self._ended,
            )

        return choose

    def _ended(self, trouble: str) -> None:
        self.note.say(trouble)
        self.read()
        self._switched()


def _groups(microscope: "Microscope") -> Groups:
    settings = microscope.settings
    return {
        group: (presets, settings.preset(group))
        for group, presets in microscope.channel_groups().items()
        if presets and group != "System"  # start-up and shutdown, not something to switch
    }
