"""Open a microscope, see what it sees, move its stage, switch its presets, light the sample."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from parfocal.ui.microscope_workspace._camera import Camera, CameraNow
from parfocal.ui.microscope_workspace._camera_panel import CameraPanel
from parfocal.ui.microscope_workspace._devices import DeviceDialogs
from parfocal.ui.microscope_workspace._hands import Hands
from parfocal.ui.microscope_workspace._image_panel import ImagePanel
from parfocal.ui.microscope_workspace._moves import Moves
from parfocal.ui.microscope_workspace._presets_panel import PresetsPanel
from parfocal.ui.microscope_workspace._profile_panel import ProfilePanel
from parfocal.ui.microscope_workspace._profiles import ProfileEditing
from parfocal.ui.microscope_workspace._projection import Projection
from parfocal.ui.microscope_workspace._projector_panel import ProjectorPanel
from parfocal.ui.microscope_workspace._stage_panel import StagePanel
from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.toasts import Toast
from parfocal.ui.why_not import why_not

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk

COLUMN_WIDTH = 262
NARROW = 980
DEVICE_DIALOGS = ("presets", "pixel_sizes")


class MicroscopeWorkspace(QWidget):
    """The picture at the left; microscope, camera, presets and projector; then the stage."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        controller = desk.controller
        self.hands = Hands(controller, self)
        self.camera = Camera(controller, self.hands)
        self.moves = Moves(controller, self.hands)
        self.banner = Note(desk.theme, tr("Why the microscope cannot be used now"))
        self.image = ImagePanel(self.camera, desk.theme)
        self.profile = ProfilePanel(desk)
        self.region = CameraPanel(self.camera, self.image.picture, desk.theme)
        self.presets = PresetsPanel(self.hands, desk.theme, self._switched)
        keys = desk.actions.action("microscope.halt").shortcut().toString()
        self.stage = StagePanel(self.moves, desk.theme, keys)
        self.projection = Projection(controller, self.hands, self.camera)
        self.projector = ProjectorPanel(self.projection, self.image.picture, desk.theme)
        self.devices = DeviceDialogs(desk, self)
        self.profiles = ProfileEditing(desk, self.profile, self)
        self._why: str | None = None
        self._tips: dict[QWidget, str] = {}
        self._failures: list[Toast] = []
        self._lay_out()
        self._bind_actions()
        self._connect()
        self._on_opened()

    def refresh(self, _status: "RunStatus | None") -> None:
        """Follow stage and state; called at 10 Hz while visible."""
        controller = self._desk.controller
        # during a run it is not read, and what was read before it is not true any more
        self.stage.show_position(None if controller.busy else controller.stage())
        self.stage.show_moving(self.moves.going)
        self.profile.show_state()
        self._enable()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.image.snap_button.setFocus()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """One column in a narrow window, else the picture has no room beside two."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow is not self._stage_side.isHidden():
            self._stage_side.setHidden(narrow)
            (self._first if narrow else self._second).insertWidget(0, self.stage)

    # -- parts

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.banner)
        left.addWidget(self.image, 1)
        layout = QHBoxLayout(self)
        layout.addLayout(left, 1)
        panels = self.profile, self.region, self.presets, self.projector
        self._first, self._first_side = _column(*panels)
        self._second, self._stage_side = _column(self.stage)
        layout.addWidget(self._first_side)
        layout.addWidget(self._stage_side)

    def _bind_actions(self) -> None:
        actions, able = self._desk.actions, self._can_use
        actions.bind("microscope.snap", self.camera.snap, enabled=able)
        actions.bind("microscope.live", self.camera.toggle_live, enabled=able)
        actions.bind("microscope.halt", self.moves.halt)
        actions.bind("microscope.projector", self._show_projector, enabled=able)
        actions.bind(
            "microscope.open",
            lambda: self.profile.open(self.profile.choice),
            enabled=self.profile.open_button.isEnabled,
        )
        actions.bind(
            "microscope.close",
            self._desk.controller.close_microscope,
            enabled=self.profile.close_button.isEnabled,
        )
        for kind in DEVICE_DIALOGS:
            actions.bind(f"microscope.{kind}", self._shower(kind), enabled=able)
        actions.bind("microscope.wizard", self._show_wizard, enabled=self._is_idle)
        actions.bind("microscope.new_profile", self.profiles.make, enabled=self._is_idle)
        actions.bind("microscope.edit_profile", self.profiles.edit, enabled=self.profiles.can_edit)
        actions.bind(
            "microscope.delete_profile", self.profiles.delete, enabled=self.profiles.can_edit
        )

    def _connect(self) -> None:
        controller = self._desk.controller
        controller.microscope_opened.connect(self._on_opened)
        controller.microscope_failed.connect(self._on_failed)
        controller.microscope_closed.connect(self._on_closed)
        controller.camera_wanted.connect(self._on_camera_wanted)
        controller.run_finished.connect(self._read_all)
        self.hands.failed.connect(self._tell)
        self.camera.failed.connect(self._tell)
        self.camera.live_changed.connect(self._tell_live)
        self.camera.read.connect(self._show_field)
        self.camera.read.connect(self._look_at_projector)
        self.projection.begun.connect(self._enable)
        self.projection.read.connect(self._enable)
        self.projection.calibrated.connect(lambda _found: self._desk.devices_changed.emit())
        self.moves.halted.connect(self._say_halted)
        self.devices.refused.connect(self._tell)
        self.devices.changed.connect(self._read_all)
        self._desk.devices_changed.connect(self._read_all)
        self.devices.configuration_written.connect(self.profiles.make_for)

    def _why_not(self) -> str:
        if why := why_not(self._desk.controller):
            return why
        if self.projection.going:
            return tr("The projector is being calibrated; Cancel below it ends that.")
        return ""

    def _can_use(self) -> bool:
        return not self._why_not()

    def _is_idle(self) -> bool:
        controller = self._desk.controller
        return not controller.busy and not controller.opening and not self.projection.going

    def _enable(self, *_news: object) -> None:
        """Everything that commands the hardware, at once; a control that cannot says why."""
        why = self._why_not()
        controls = (
            *self.image.controls,
            *self.region.controls,
            *self.presets.controls,
            *self.stage.controls,
            *self.projector.controls,
        )
        if why == self._why and all(widget.isEnabled() is not bool(why) for widget in controls):
            return
        self._why = why
        # the calibration says so in its own place: a banner would move the picture
        self.banner.say(why_not(self._desk.controller), "warn")
        for widget in controls:
            widget.setEnabled(not why)
            if why:
                self._tips.setdefault(widget, widget.toolTip())
                widget.setToolTip(why)
            elif widget in self._tips:
                widget.setToolTip(self._tips.pop(widget))
        hint = tr("Snap takes one; Live shows what the camera sees.")
        if self._desk.controller.busy:
            hint = tr("The pictures of the run are in Run.")
        elif self.banner.sentence:  # that is said above already
            hint = ""
        self.image.empty.say(tr("No picture yet"), hint)

    def _on_opened(self, *_microscope: object) -> None:
        controller = self._desk.controller
        if controller.microscope is not None:
            self._desk.settings.change(microscope=controller.asked_profile)
            while self._failures:  # why another one did not open: nobody waits for that any more
                self._desk.toasts.take_back(self._failures.pop())
        self.image.forget()
        self.projection.forget()
        self.profile.show_current()
        self.stage.show_microscope()
        self.refresh(None)
        self._read_all()

    def _on_closed(self) -> None:
        self.devices.close_all()
        self.image.forget()
        self.projection.forget()
        self.stage.show_microscope()
        self.refresh(None)
        self._read_all()

    def _on_failed(self, sentence: str) -> None:
        self.profile.show_current()
        self.refresh(None)
        self._failures.append(self._desk.toasts.show(sentence, "error"))

    def _switched(self) -> None:
        self.camera.look()
        self._desk.presets_changed.emit()

    def _tell_live(self, live: bool) -> None:
        self._desk.live_view = live

    def _on_camera_wanted(self) -> None:
        self.devices.close_all()
        self.region.stop_drawing()

    def _read_all(self, *_status: object) -> None:
        if why_not(self._desk.controller):
            self.camera.show_none()
            self.presets.show_none()
            self.projection.show_none()
            return
        self.presets.read()
        self.camera.look()

    def _show_field(self, now: CameraNow | None) -> None:
        if now is None:
            self.stage.show_field(0, 0)
            return
        pixel = now.facts.pixel_size_um
        self.stage.show_field(now.facts.width * pixel, now.facts.height * pixel)

    def _look_at_projector(self, now: CameraNow | None) -> None:
        """For another region or binning it may have to be calibrated anew."""
        if now is not None and not self.projection.going:
            self.projection.look()

    def _show_projector(self) -> None:
        self._desk.show_workspace("microscope")
        self._first_side.ensureWidgetVisible(self.projector)
        self.projector.focus()

    def _shower(self, kind: str) -> Callable[[], None]:
        return lambda: self.devices.show(kind)

    def _show_wizard(self) -> None:
        self.devices.show_wizard(*self.profiles.configuration())

    def _tell(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")

    def _say_halted(self, trouble: str) -> None:
        self.projection.halt()
        if trouble:
            self._tell(trouble)
        else:
            self._desk.say(tr("Every stage was told to halt."))


def _column(*panels: QWidget) -> tuple[QVBoxLayout, QScrollArea]:
    """Panels below one another; on a small screen they scroll rather than being squeezed."""
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 6, 0)
    for panel in panels:
        column.addWidget(panel)
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidget(side)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFixedWidth(COLUMN_WIDTH + 18)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return column, scroll
