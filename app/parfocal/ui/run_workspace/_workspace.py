"""Lay out the Run workspace and hand the polled status to its panels."""

import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QPushButton, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from parfocal.ui.empty_state import EmptyState
from parfocal.ui.field_map import FieldMap
from parfocal.ui.run_workspace._frame_panel import FramePanel
from parfocal.ui.run_workspace._header import Header
from parfocal.ui.run_workspace._history import RunHistory
from parfocal.ui.run_workspace._notice import Notice
from parfocal.ui.run_workspace._numbers import Numbers
from parfocal.ui.run_workspace._plots import Plots
from parfocal.ui.run_workspace._progress import (
    TERMINAL,
    barrier_of,
    holds_at_the_end,
    strip_progress,
)
from parfocal.ui.run_workspace._run_actions import RunActions
from parfocal.ui.run_workspace._run_log import RunLog
from parfocal.ui.store_names import free_store
from parfocal.ui.strip_legend import StripWithLegend
from parfocal.ui.text import number, tr
from parfocal.ui.well_outlines import wells_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from parfocal.plan import Schedule
    from parfocal.run import Run, RunStatus
    from parfocal.ui.desk import Desk

__all__ = ["RunWorkspace"]

SAMPLE_EVERY_MS = 250
FRAME_EVERY_MS = 33
PLOT_EVERY_S = 0.5  # six plots take 10 to 20 ms to paint
COLUMN_WIDTHS = [900, 280]
STUCK = "The microscope is not answering: look at its devices, then reopen it."


class RunWorkspace(QWidget):
    """Drawn from polled `RunStatus` only: right even if no signal is ever delivered."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: Run | None = None
        self._schedule: Schedule | None = None
        self._revision = -1
        self._history = RunHistory()
        self._plotted, self._plotted_at = 0, 0.0
        self._build_panels()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._run_page())
        self.run_actions = RunActions(desk, self._look_again, self)
        self.stuck.offer(desk.actions.action("microscope.reopen"))
        desk.controller.run_refused.connect(self._tell)
        desk.controller.run_finished.connect(self._tell_how_it_ended)
        desk.viewers.failed.connect(self._tell)
        # History and log go on while another workspace is looked at.
        self._sampler = self._every(SAMPLE_EVERY_MS, self._sample)
        self._screen = self._every(FRAME_EVERY_MS, self._show_newest_frame)

    def refresh(self, status: "RunStatus | None") -> None:
        """Draw `status`; the window calls this at 10 Hz while the workspace is visible."""
        self._follow_controller()
        self.stuck.say("" if self._desk.controller.microscope_answers else tr(STUCK))
        run = self._run
        if run is None or status is None or status.generation != run.generation:
            return
        schedule = self._follow_plan(run, status)
        self.header.show_status(
            status,
            pause_requested=run.pause_requested,
            items=len(schedule.parts),
            at_the_end=holds_at_the_end(status, schedule),
        )
        self.hold.say(status.message)
        done, current = strip_progress(status, schedule)
        self.strip.set_progress(done, current)
        self.strip.set_light(status.light)
        between = current is None or barrier_of(status, schedule) is not None
        kind = None if between else self.strip.strip.cells.kind(current or 0)
        self.map.show_active(None if between else status.field - 1, status.fields, kind)
        self.numbers.show_status(status)
        store = self._desk.run_store
        self.numbers.show_viewers(() if store is None else self._desk.viewers.statuses_of(store))
        self.frame.refresh(self._desk.controller.latest_frames)
        self._remember(status)

    def focus(self) -> None:
        """Put the keyboard where Stop is near, or on what begins a first run."""
        (self.demo_button if self._run is None else self.header.open_viewer).setFocus()

    def start_demo(self) -> None:
        """Run the demo experiment into the next free name of the data folder."""
        from parfocal.plan import demo_with_a_wait

        experiment = demo_with_a_wait()
        folder = self._desk.settings.values.data_folder
        self._desk.controller.start(experiment, free_store(folder, experiment.name))

    # -- following the controller

    def _follow_controller(self) -> None:
        """Bind to a run that is new; by looking, since no signal may be relied upon."""
        run = self._desk.controller.run
        if run is not None and run is not self._run:
            self._bind(run)

    def _bind(self, run: "Run") -> None:
        self._run = run
        self._history = RunHistory()
        stage = self._desk.controller.stage()  # as it was when the run began
        self._here = (0.0, 0.0) if stage is None else (stage.x, stage.y)
        self._revision = -1
        self._follow_plan(run, run.status())
        self.frame.bind(run.schedule, self._desk.controller.pixel_um)
        self.log.begin()
        self.plots.show_history(self._history)
        self._plotted, self._plotted_at = 0, 0.0
        self._pages.setCurrentIndex(1)

    def _follow_plan(self, run: "Run", status: "RunStatus") -> "Schedule":
        """Show the plan as it stands: it may have been replaced or extended in mid-run."""
        if self._schedule is None or status.revision != self._revision:
            self._revision = status.revision
            self._schedule = schedule = run.schedule
            self.strip.set_schedule(schedule)
            size = self._desk.controller.field_size_um
            self.map.bind(schedule, size, self._here, wells_of(run.plan))
            self.frame.follow(schedule)
        return self._schedule

    def _look_again(self) -> None:
        self.refresh(self._desk.controller.status())

    def _sample(self) -> None:
        self._follow_controller()
        status = self._desk.controller.status()
        if status is not None and self._run is not None:
            self._remember(status)

    def _remember(self, status: "RunStatus") -> None:
        self.log.follow(status)
        self._history.add(status)
        now = time.monotonic()
        due = status.state in TERMINAL or now - self._plotted_at > PLOT_EVERY_S
        if due and self._history.count != self._plotted and self.isVisible():
            self._plotted, self._plotted_at = self._history.count, now
            self.plots.show_history(self._history)

    def _show_newest_frame(self) -> None:
        if self._run is not None and self.isVisible():
            self.frame.refresh(self._desk.controller.latest_frames)

    def _every(self, milliseconds: int, slot: "Callable[[], None]") -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        timer.start()
        return timer

    def _tell(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")

    def _tell_how_it_ended(self, status: "RunStatus") -> None:
        """For whoever looks at another workspace; here the header says it."""
        toasts = self._desk.toasts
        if str(status.state) == "failed":
            words = tr("The run into {store} failed: {why}")
            toasts.show(words.format(store=status.store.name, why=status.reason), "error")
        elif not self.isVisible():
            words = tr("The run into {store} is {state}: {n} frames.")
            stored = number(status.frames_stored)
            sentence = words.format(store=status.store.name, state=status.state, n=stored)
            toasts.show(sentence, "ok" if str(status.state) == "completed" else "info")

    # -- lay-out

    def _open_viewer(self) -> None:
        """Napari on the run while it goes on, on its store afterwards."""
        controller = self._desk.controller
        if controller.busy and controller.session is not None:
            self._desk.viewers.open_live(controller.session)
        elif (store := self._desk.run_store) is not None:
            self._desk.viewers.open_store(store)

    def _build_panels(self) -> None:
        theme = self._desk.theme
        self.header = Header(self._desk)
        self.hold = Notice(theme, "hold", "hand-back-right-outline")
        self.stuck = Notice(theme, "error", "lan-disconnect")
        self._here = (0.0, 0.0)
        self.strip = StripWithLegend(theme)
        self.frame = FramePanel(theme)
        self.map = FieldMap(theme)
        self.numbers = Numbers(theme)
        self.plots = Plots(theme)
        self.log = RunLog()
        self.header.open_viewer.clicked.connect(self._open_viewer)

    def _empty_page(self) -> QWidget:
        page = EmptyState(
            tr("No run yet"),
            tr(
                "Design an experiment and press Run, or try the demo experiment first: "
                "it takes ten seconds and needs no hardware."
            ),
        )
        self.demo_button = QPushButton(tr("Run the demo experiment"))
        self.demo_button.clicked.connect(self.start_demo)
        design = QPushButton(tr("Go to Design"))
        design.clicked.connect(lambda: self._desk.show_workspace("design"))
        page.offer(self.demo_button)
        page.offer(design)
        return page

    def _run_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(10)
        for part in (self.header, self.stuck, self.hold, self.strip):
            layout.addWidget(part)
        layout.addWidget(self._panels(), 1)
        return page

    def _panels(self) -> QSplitter:
        pictures = _split(Qt.Orientation.Horizontal, (self.frame, 5), (self.map, 4))
        left = _split(Qt.Orientation.Vertical, (pictures, 4), (self.plots, 1))
        right = _split(Qt.Orientation.Vertical, (self.numbers, 1), (self.log, 2))
        columns = _split(Qt.Orientation.Horizontal, (left, 3), (right, 1))
        columns.setSizes(COLUMN_WIDTHS)
        return columns


def _split(direction: Qt.Orientation, *parts: tuple[QWidget, int]) -> QSplitter:
    splitter = QSplitter(direction)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(10)
    for place, (widget, share) in enumerate(parts):
        splitter.addWidget(widget)
        splitter.setStretchFactor(place, share)
    return splitter
