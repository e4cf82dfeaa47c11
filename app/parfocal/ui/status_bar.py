"""The status bar, in words: at the left what is going on, at the right whether it is all right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStatusBar,
    QStyle,
    QStyleOptionFocusRect,
    QToolButton,
    QWidget,
)

from parfocal.ui._viewer_words import LIGHTS, WORST_FIRST
from parfocal.ui.desk import Desk
from parfocal.ui.eliding_label import ElidingLabel
from parfocal.ui.free_space import FreeSpace
from parfocal.ui.icons import icon
from parfocal.ui.text import number, size_in_words, time_in_words, tr
from parfocal.ui.theme import Token

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.scope import StagePosition

SAID_MS = 6000
ICON = QSize(16, 16)

# state: (drawing, colour) — the word beside it says the same to those who see neither
STATES: dict[str, tuple[str, Token]] = {
    "ready": ("check-circle-outline", "ok"),
    "live": ("video-outline", "warn"),
    "opening": ("progress-clock", "info"),
    "no microscope": ("power-plug-off-outline", "warn"),
    "not answering": ("alert-circle-outline", "error"),
    "pending": ("progress-clock", "info"),
    "preparing": ("progress-clock", "info"),
    "running": ("play", "ok"),
    "pausing": ("pause", "warn"),
    "paused": ("pause", "warn"),
    "waiting": ("timer-sand", "wait"),
    "holding": ("hand-back-right-outline", "hold"),
    "cancelling": ("stop", "warn"),
    "finishing": ("content-save-outline", "info"),
    "completed": ("check-circle-outline", "ok"),
    "cancelled": ("stop-circle-outline", "warn"),
    "failed": ("alert-circle-outline", "error"),
}


class Light(QWidget):
    """A small drawing with a word beside it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark, self.words = QLabel(), self._make_words()
        self._last: tuple[object, ...] = ()
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self.words)

    def _make_words(self) -> QLabel:
        words = ElidingLabel()
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return words

    def show_state(self, words: str, drawing: str, token: Token, desk: Desk) -> None:
        """Say it; drawn anew only when it changed, since this is asked ten times a second."""
        shown = (words, drawing, token, desk.theme.dark)
        if shown == self._last:
            return
        self._last = shown
        line = " ".join(words.split())  # MMCore's sentences have several lines, the bar has one
        self.words.setText(line)
        self.words.setToolTip(line)
        self.setAccessibleDescription(line)
        tinted = icon(drawing, desk.theme.color(token))
        self._mark.setPixmap(tinted.pixmap(ICON, self.devicePixelRatioF()))


class LightButton(Light):
    """A light that can be pressed, with the mouse or the keyboard."""

    pressed = pyqtSignal()

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _make_words(self) -> QLabel:
        words = QLabel()
        words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return words

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        style = self.style()
        if self.hasFocus() and style is not None:
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            painter = QPainter(self)
            style.drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)
            painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class StatusBar(QStatusBar):
    """Reads one status and puts it in words."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.state = Light(tr("What is going on"))
        self.stage = _figure(tr("Stage position"))
        self.disk = _figure(tr("Room on the disk"))
        self.buffer = _figure(tr("Storage buffer"))
        shows_viewers = desk.actions.action("view.viewers")
        self.viewer = LightButton(tr("Viewer"), shows_viewers.toolTip())
        self.viewer.pressed.connect(lambda: desk.actions.trigger("view.viewers"))
        self.bell = QToolButton()
        self.bell.setAutoRaise(True)
        self.bell.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bell.setToolTip(desk.actions.action("view.messages").toolTip())
        self.bell.clicked.connect(lambda: desk.actions.trigger("view.messages"))
        self.space = FreeSpace(desk.tasks, lambda: desk.settings.values.data_folder, self)
        self.addWidget(self.state, 1)
        for part in (self.stage, self.disk, self.buffer, self.viewer, self.bell):
            self.addPermanentWidget(part)
        self._said = ""
        self._saying = QTimer(self)
        self._saying.setSingleShot(True)
        self._saying.timeout.connect(self._forget)
        desk.message_changed.connect(self._say)
        desk.toasts.changed.connect(self._ring)
        desk.theme.changed.connect(self._ring)
        self._ring()
        self.refresh(None)

    def refresh(self, status: RunStatus | None) -> None:
        """Show a run's status, or the microscope's when nothing runs."""
        going = status is not None and not status.state.is_terminal
        word, sentence = self._run_words(status) if going and status else self._idle_words(status)
        drawing, token = STATES[word]
        self.state.show_state(sentence, drawing, token, self._desk)
        _show(self.stage, self._place_words(status) if going and status else self._stage_words())
        _show(self.disk, self._disk_words(status if going else None))
        _show(self.buffer, buffer_in_words(status) if going and status else "")
        self._show_viewers()

    def _run_words(self, status: RunStatus) -> tuple[str, str]:
        parts = [state_in_words(status.state)]
        if status.name:
            parts.append(status.name)
        if status.events:
            parts.append(
                tr("event {n} of {all}").format(n=number(status.event), all=number(status.events))
            )
        if status.wait_remaining_s is not None and status.wait_remaining_s >= 1:
            wait = time_in_words(status.wait_remaining_s)
            parts.append(tr("next event in {time}").format(time=wait))
        return str(status.state), " — ".join((parts[0], ", ".join(parts[1:]))).rstrip(" —")

    def _idle_words(self, status: RunStatus | None) -> tuple[str, str]:
        controller = self._desk.controller
        if self._said:
            return "ready", self._said
        if controller.opening:
            doing = controller.opening_words
            words = tr("Opening the microscope: {doing}…").format(doing=doing)
            return "opening", words if doing else tr("Opening the microscope…")
        microscope = controller.microscope
        if microscope is None:
            return "no microscope", controller.microscope_problem or tr("No microscope is open")
        if microscope.state == "not answering":
            words = tr("The {microscope} microscope does not answer; reopen it in Microscope")
            return "not answering", words.format(microscope=microscope.name)
        if self._desk.live_view:  # it goes on behind other workspaces, and bleaches the sample
            words = tr("Live view is on — {microscope} microscope")
            return "live", words.format(microscope=microscope.name)
        if status is not None and status.state == "failed":
            reason = status.reason or (status.fatal.message if status.fatal else "")
            return "failed", tr("The run failed: {reason}").format(reason=reason)
        if microscope.state == "no hardware":
            return "no microscope", tr("Safe mode: there is no hardware")
        return "ready", tr("Ready — {microscope} microscope").format(microscope=microscope.name)

    def _stage_words(self) -> str:
        return stage_in_words(self._desk.controller.stage())

    def _place_words(self, status: RunStatus) -> str:
        """Where the field is that is being taken: the stage itself is not read during a run."""
        run, stage = self._desk.controller.run, self._desk.controller.stage()
        fields = () if run is None else run.schedule.fields
        if not 0 < status.field <= len(fields):
            return self._stage_words()
        x, y = fields[status.field - 1].x, fields[status.field - 1].y
        if stage is not None:
            x, y = stage.x if x is None else x, stage.y if y is None else y
        if x is None or y is None:
            return ""
        return f"x {number(x, 1)}  y {number(y, 1)}  µm"

    def _disk_words(self, status: RunStatus | None) -> str:
        if status is not None and status.free_seconds is not None:
            return tr("disk {time}").format(time=time_in_words(status.free_seconds))
        free = self.space.bytes_free if status is None else status.free_bytes
        return "" if free is None else tr("disk {size} free").format(size=size_in_words(free))

    def _show_viewers(self) -> None:
        statuses = self._desk.viewers.statuses()
        self.viewer.setVisible(bool(statuses))
        if not statuses:
            return
        state = min((str(status.state) for status in statuses), key=WORST_FIRST.index)
        drawing, token = LIGHTS[state]
        words = tr("viewer {state}").format(state=viewer_in_words(state))
        if len(statuses) > 1:
            words = tr("{n} viewers, {state}").format(n=len(statuses), state=viewer_in_words(state))
        self.viewer.show_state(words, drawing, token, self._desk)

    def _ring(self) -> None:
        unread = self._desk.toasts.unread
        self.bell.setIcon(
            icon("bell-badge-outline", self._desk.theme.color("warn"))
            if unread
            else icon("bell-outline")
        )
        self.bell.setText(number(unread) if unread else "")
        self.bell.setAccessibleName(
            tr("Messages, {n} new").format(n=unread) if unread else tr("Messages, none new")
        )

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self._saying.start(SAID_MS)

    def _forget(self) -> None:
        self._said = ""


def state_in_words(state: str) -> str:
    """A run's state as the head of a sentence."""
    return {
        "pending": tr("About to start"), "preparing": tr("Preparing"), "running": tr("Running"),
        "pausing": tr("Pausing"), "paused": tr("Paused"), "waiting": tr("Waiting"),
        "holding": tr("Holding"), "cancelling": tr("Stopping"),
        "finishing": tr("Closing the store"),
    }[str(state)]  # fmt: skip


def viewer_in_words(state: str) -> str:
    """A viewer's state for behind the word "viewer"."""
    return {
        "starting": tr("starting"), "ready": tr("ready"), "busy": tr("busy"),
        "not responding": tr("not responding"), "exited": tr("closed"), "detached": tr("kept open"),
    }[state]  # fmt: skip


def stage_in_words(stage: StagePosition | None) -> str:
    """Where the stage is, in µm."""
    if stage is None:
        return ""
    axes = (("x", stage.x), ("y", stage.y), ("z", stage.z))
    known = [f"{axis} {number(value, 1)}" for axis, value in axes]
    return "  ".join((*known, "µm"))


def buffer_in_words(status: RunStatus) -> str:
    """How full the storage buffer is."""
    if not status.buffer_limit:
        return ""
    return tr("buffer {n} %").format(n=round(100 * status.buffer_bytes / status.buffer_limit))


def _figure(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setContentsMargins(8, 0, 8, 0)
    return label


def _show(label: QLabel, words: str) -> None:
    if label.text() != words:
        label.setText(words)
    label.setVisible(bool(words))
