"""Open a microscope, see what it sees, move its stage, switch its presets."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.microscope_workspace._camera import Camera
from parfocal.ui.microscope_workspace._image_panel import ImagePanel
from parfocal.ui.microscope_workspace._presets_panel import PresetsPanel
from parfocal.ui.microscope_workspace._profile_panel import ProfilePanel
from parfocal.ui.microscope_workspace._stage_panel import StagePanel
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk

SIDE_WIDTH = 300


class MicroscopeWorkspace(QWidget):
    """The picture at the left; microscope, presets and stage at the right."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        controller = desk.controller
        self.camera = Camera(controller, self)
        self.image = ImagePanel(self.camera, desk.theme)
        self.profile = ProfilePanel(controller, desk.theme)
        self.presets = PresetsPanel(controller, self.camera)
        self.stage = StagePanel(controller)
        self.browser: QDialog | None = None
        self._able: bool | None = None
        self._hinted = ""
        self._lay_out()
        self._bind()
        self._on_opened()

    def refresh(self, _status: "RunStatus | None") -> None:
        """Follow stage and state; called at 10 Hz while visible."""
        controller = self._desk.controller
        # during a run it is not read, and what was read before it is not true any more
        self.stage.show_position(None if controller.busy else controller.stage())
        self.profile.show_state()
        self._enable()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.image.snap_button.setFocus()

    def show_properties(self) -> None:
        """Open pymmcore-widgets' browser of every device's properties."""
        microscope = self._desk.controller.microscope
        if microscope is None or self._desk.controller.busy:
            return
        if self.browser is None:
            from pymmcore_widgets import PropertyBrowser

            self.browser = PropertyBrowser(parent=self, mmcore=microscope.core)
            self.browser.setWindowTitle(tr("Properties of {name}").format(name=microscope.name))
            self.browser.resize(900, 600)
            _let_rows_follow_the_theme(self.browser)
        self.browser.show()
        self.browser.raise_()

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        for panel in (self.profile, self.presets, self.stage):
            column.addWidget(panel)
        column.addStretch(1)
        # on a small screen the column scrolls rather than being squeezed
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(SIDE_WIDTH + 16)
        layout = QHBoxLayout(self)
        layout.addWidget(self.image, 1)
        layout.addWidget(scroll)

    def _bind(self) -> None:
        controller, actions = self._desk.controller, self._desk.actions
        actions.bind("microscope.snap", self.camera.snap, enabled=self._can_use)
        actions.bind("microscope.live", self.image.toggle_live, enabled=self._can_use)
        actions.bind("microscope.halt", self.stage.halt)
        controller.microscope_opened.connect(self._on_opened)
        controller.microscope_failed.connect(self._on_failed)
        controller.microscope_closed.connect(self._on_closed)
        controller.camera_wanted.connect(self._drop_browser)
        controller.run_finished.connect(self._on_opened)
        self.camera.failed.connect(self._tell)
        self.stage.failed.connect(self._tell)
        self.stage.halted.connect(self._say_halted)
        self.profile.properties_wanted.connect(self.show_properties)
        self._desk.theme.changed.connect(self._dress)

    def _can_use(self) -> bool:
        controller = self._desk.controller
        return controller.microscope is not None and not controller.busy and not controller.opening

    def _enable(self) -> None:
        able, hint = self._can_use(), self._hint()
        if (able, hint) == (self._able, self._hinted):
            return
        self._able, self._hinted = able, hint
        for widget in (
            self.image.snap_button,
            self.image.live_button,
            self.image.exposure,
            self.presets,
        ):
            widget.setEnabled(able)
        self.stage.enable_moves(able)
        self.image.empty.say(tr("No picture yet"), hint)

    def _hint(self) -> str:
        """What to do for a picture, where there is none."""
        controller = self._desk.controller
        if controller.busy:
            return tr("The run has the camera; its pictures are in Run.")
        if controller.opening:
            return tr("The microscope is being opened.")
        if controller.microscope is None:
            return tr("Open a microscope first: the demo needs no hardware.")
        return tr("Snap takes one; Live shows what the camera sees.")

    def _on_opened(self, *_microscope: object) -> None:
        self.profile.show_state()
        self.profile.show_current()
        self._enable()
        self.presets.read()
        self.camera.read_exposure()

    def _on_closed(self) -> None:
        self.stage.show_position(None)
        self.presets.read()
        self.refresh(None)

    def _on_failed(self, sentence: str) -> None:
        self.profile.show_state()
        self.profile.show_current()
        self._tell(sentence)

    def _drop_browser(self) -> None:
        """It reads and sets devices in the window's thread, so not during a run."""
        if self.browser is not None:
            self.browser.close()
            self.browser.deleteLater()
            self.browser = None

    def _tell(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")

    def _say_halted(self) -> None:
        self._desk.say(tr("Every stage was told to halt."))

    def _dress(self) -> None:
        self.image.dress()
        self.profile.dress()
        self.stage.dress()


def _let_rows_follow_the_theme(browser: QWidget) -> None:
    """Its read-only rows are a fixed light grey, with the theme's light words in the dark."""
    for table in browser.findChildren(QTableWidget):
        for row in range(table.rowCount()):
            item, cell = table.item(row, 0), table.cellWidget(row, 1)
            if item is not None and cell is not None and cell.styleSheet():
                item.setBackground(QBrush())
                cell.setStyleSheet("")
