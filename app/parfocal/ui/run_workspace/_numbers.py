"""Say the run in figures: how far, how long, how late, how full, and what went wrong."""

from math import ceil
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QFormLayout, QLabel, QPushButton, QSizePolicy, QWidget

from parfocal.ui.run_workspace._clock import clock
from parfocal.ui.run_workspace._errors_dialog import ErrorsDialog
from parfocal.ui.run_workspace._meter import Meter
from parfocal.ui.text import number, size_in_words, time_in_words, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.run import RunError, RunStatus
    from parfocal.ui.theme import Theme
    from parfocal.viewer import ViewerStatus

__all__ = ["Numbers"]

LATE_FROM_MS = 5000.0  # an event later than this is no longer the experiment that was planned
NONE_YET = "–"


class Numbers(QWidget):
    """Two columns: what it is, how much it is."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._errors: tuple[RunError, ...] = ()
        self._late = False
        self._names: list[QLabel] = []
        self._values: list[QLabel] = []
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(5)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.events = self._row(tr("event"))
        self.field = self._row(tr("field"))
        self.frames = self._row(tr("frames stored"))
        self.elapsed = self._row(tr("elapsed"))
        self.scheduled = self._row(tr("scheduled"))
        self.left = self._row(tr("left"))
        self.lag = self._row(tr("lag"))
        self.buffer = Meter(tr("buffer"), theme)
        self._name(tr("buffer"), self.buffer)
        self.rate = self._row(tr("storage"))
        self.disk = self._row(tr("disk"))
        self.queue = Meter(tr("loop queue"), theme)
        self._name(tr("loop queue"), self.queue)
        self.loop = self._row(tr("loop"))
        self.analysed = self._row(tr("analysed"))
        self.latency = self._row(tr("loop latency"))
        self.light = self._row(tr("light"))
        self.light.setWordWrap(True)  # three counts are wider than a narrow column
        # the form gives a row of several lines the height of one
        self.light.setMinimumHeight(2 * self.light.fontMetrics().lineSpacing())
        self.latency.setToolTip(
            tr("From the moment a picture was whole until its cells and its mask were there.")
        )
        self.loop.setToolTip(
            tr(
                "Pictures that wait for their analysis, and those of them that are not kept in "
                "memory: they are read from the store when their turn comes."
            )
        )
        self.light.setToolTip(
            tr(
                "Planned stimulations: given through their mask, given as the phase says for a "
                "mask that is late, and not given."
            )
        )
        self.viewer = self._row(tr("live view"))
        self.viewer.setToolTip(
            tr(
                "Frames offered to napari of those that came: at most 60 a second, more than a "
                "screen can show. Every frame is stored."
            )
        )
        self.viewers = self._row(tr("viewer"))
        self.viewers.setToolTip(
            tr(
                "Live frames on the screen of the viewers of this run, and those that newer ones "
                "overtook. The Viewers panel has each viewer by itself."
            )
        )
        self.lag.setToolTip(
            tr(
                "How much later than planned the last event began; p95 is what 95 of a "
                "hundred stayed below. Later than 5 s has a “!”: plan a longer interval."
            )
        )
        self.rate.setToolTip(tr("Pixels from the camera → bytes on the disk, compressed."))
        self.errors = QPushButton()
        self.errors.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.errors.clicked.connect(self._open_errors)
        self._name(tr("errors"), self.errors)
        theme.changed.connect(self._dress)
        self.show_status(None)
        self._dress()

    def show_status(self, status: "RunStatus | None") -> None:
        """Write the figures of `status`."""
        if status is None:
            for value in self._values:
                value.setText(NONE_YET)
            for meter in (self.buffer, self.queue):
                meter.set_fraction(0)
            self._show_errors(())
            self._show_loop(None)
            return
        self.events.setText(_of(status.event, status.events))
        self.field.setText(_of(status.field, status.fields))
        self.frames.setText(_frames(status))
        self.scheduled.setText(clock(ceil(status.scheduled_s)))
        self.elapsed.setText(clock(status.elapsed_s))
        self.left.setText(clock(ceil(status.remaining_s)))
        late = (status.lag_ms or 0.0) > LATE_FROM_MS
        delay = _delay(status.lag_ms, status.lag_p95_ms)
        self.lag.setText(f"! {delay}" if late else delay)
        self._set_late(late=late)
        self.buffer.set_fraction(status.buffer_bytes / max(1, status.buffer_limit))
        self.rate.setText(_rate(status))
        self.disk.setText(_disk(status))
        self._show_loop(status)
        self.viewer.setText(_live(status))
        fatal = () if status.fatal is None else (status.fatal,)
        self._show_errors((*fatal, *(error for error in status.errors if error not in fatal)))

    def show_viewers(self, statuses: "Sequence[ViewerStatus]") -> None:
        """Write what the viewers of this run made of its frames."""
        self.viewers.setText(_viewers(statuses))

    def _show_loop(self, status: "RunStatus | None") -> None:
        """How the closed loop goes; a plan without a pipeline has no such rows."""
        limit = 0 if status is None else status.react_queue_limit
        for value in (self.queue, self.loop, self.analysed, self.latency, self.light):
            self._form.setRowVisible(value, limit > 0)
        if status is None or not limit:
            return
        self.queue.set_fraction(status.react_queued / limit)
        self.loop.setText(
            tr("queue {n} · deferred {d}").format(
                n=number(status.react_queued), d=number(status.react_deferred)
            )
        )
        self.analysed.setText(_analysed(status))
        self.latency.setText(_delay(status.react_latency_ms, status.react_latency_p95_ms))
        self.light.setText(_light(status))

    def _show_errors(self, errors: "tuple[RunError, ...]") -> None:
        self._errors = errors
        count = sum(error.count for error in errors)
        self.errors.setEnabled(count > 0)
        self.errors.setText(tr("{n} – show…").format(n=number(count)) if count else tr("none"))

    def _open_errors(self) -> None:
        ErrorsDialog(self._errors, self.window()).show()

    def _row(self, name: str) -> QLabel:
        value = QLabel(NONE_YET)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._name(name, value)
        self._values.append(value)
        return value

    def _name(self, name: str, value: QWidget) -> None:
        label = QLabel(name)
        label.setBuddy(value)
        value.setAccessibleName(name)
        self._names.append(label)
        self._form.addRow(label, value)

    def _set_late(self, *, late: bool) -> None:
        if late != self._late:
            self._late = late
            self._dress()

    def _dress(self) -> None:
        for label in self._names:
            _ink(label, self._theme.color("muted"))
        _ink(self.lag, self._theme.color("error" if self._late else "text"))


def _ink(label: QLabel, color: QColor) -> None:
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, color)
    label.setPalette(palette)


def _of(part: int, whole: int) -> str:
    return tr("{n} / {m}").format(n=number(part), m=number(whole))


def _frames(status: "RunStatus") -> str:
    words = _of(status.frames_stored, status.frames_expected)
    if status.frames_skipped:
        words += tr(", {n} skipped").format(n=number(status.frames_skipped))
    return words


def _live(status: "RunStatus") -> str:
    came = status.live_published + status.live_dropped
    if not came:
        return NONE_YET
    return tr("{shown} of {came} shown").format(
        shown=number(status.live_published), came=number(came)
    )


def _viewers(statuses: "Sequence[ViewerStatus]") -> str:
    if not statuses:
        return NONE_YET
    words = tr("shown {shown}, dropped {dropped}").format(
        shown=number(sum(status.displayed for status in statuses)),
        dropped=number(sum(status.dropped for status in statuses)),
    )
    if len(statuses) > 1:
        words += tr(" in {n}").format(n=number(len(statuses)))
    return words


def _analysed(status: "RunStatus") -> str:
    words = number(status.react_analysed)
    if status.react_failed:
        words += tr(" · {n} failed").format(n=number(status.react_failed))
    return words


def _light(status: "RunStatus") -> str:
    fired, fallback, skipped = status.stimulations
    return tr("{f} fired · {b} fallback · {s} skipped").format(
        f=number(fired), b=number(fallback), s=number(skipped)
    )


def _delay(now: float | None, p95: float | None) -> str:
    """Milliseconds as seconds, the newest and what 95 of a hundred are below."""
    if now is None:
        return NONE_YET
    words = tr("{now} s").format(now=number(now / 1000, 2))
    if p95 is not None:
        words += tr(" (p95 {p95})").format(p95=number(p95 / 1000, 2))
    return words


def _rate(status: "RunStatus") -> str:
    return tr("{raw} → {disk} MB/s").format(
        raw=number(status.mb_per_s, _decimals(status.mb_per_s)),
        disk=number(status.disk_mb_per_s, _decimals(status.disk_mb_per_s)),
    )


def _decimals(value: float) -> int:
    return 0 if value >= 10 else 1


def _disk(status: "RunStatus") -> str:
    if status.free_bytes is None:
        return NONE_YET
    room = size_in_words(status.free_bytes)
    if status.free_seconds is None:
        return tr("{room} free").format(room=room)
    return tr("{room}, {time}").format(room=room, time=time_in_words(status.free_seconds))
