"""See every strip and job at a glance, and decide what becomes of those that want a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QPushButton, QSplitter, QStackedLayout, QTabWidget, QVBoxLayout, QWidget

from parfocal.ui.empty_state import EmptyState
from parfocal.ui.icons import icon
from parfocal.ui.jobs_workspace._deeds import Deeds
from parfocal.ui.jobs_workspace._header import Header
from parfocal.ui.jobs_workspace._queue import QueueTable
from parfocal.ui.jobs_workspace._session import SessionTasks
from parfocal.ui.jobs_workspace._strips import Strips
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.jobs import Overview
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk

__all__ = ["JobsWorkspace"]


class JobsWorkspace(QWidget):
    """Strips above, the queue and this session's tasks below; one sentence while there is none."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shown: Overview | None = None
        self.deeds = Deeds(desk, self)
        self.header = Header(desk, self.deeds)
        self.strips = Strips(desk, self.deeds)
        self.queue = QueueTable(desk)
        self.session = SessionTasks(desk)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.queue, "")
        self.tabs.addTab(self.session, "")
        self.tabs.setCornerWidget(self._make_corner())
        self._places = QStackedLayout(self)
        self._places.addWidget(self._make_empty_state())
        self._places.addWidget(self._make_page())
        self.queue.strip_chosen.connect(self.strips.choose)
        self.queue.counted.connect(self._arrange)
        desk.tasks.changed.connect(self._arrange)
        desk.tasks.cleared.connect(self._arrange)
        desk.queue.told.connect(self._show)
        desk.strip_requested.connect(self.show_strip)
        desk.scan_offered.connect(self.deeds.offer_scan)
        self._bind()
        if desk.queue.last is not None:
            self._show(desk.queue.last)
        self._arrange()

    def refresh(self, status: RunStatus | None) -> None:
        """Let the clocks of running tasks go on; called at 10 Hz while visible."""
        self.session.refresh(status)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt shows it."""
        super().showEvent(event)
        self.queue.conversions.watch(visible=True)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Qt hides it."""
        super().hideEvent(event)
        self.queue.conversions.watch(visible=False)

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        if self._shown is not None and self._shown.strips:
            self.strips.grid.setFocus()
        elif self.tabs.currentWidget() is self.session:
            self.session.focus()
        else:
            self.queue.table.setFocus()

    def show_strip(self, strip: str) -> bool:
        """Choose a strip, as somebody asked for who was told of it."""
        return self.strips.choose(strip)

    def _make_empty_state(self) -> QWidget:
        empty = EmptyState(
            tr("Nothing goes on in the background"),
            tr(
                "Set up a scan of a light-sheet rig, or choose the YAML file of one, and every "
                "strip is archived, compressed, looked at and reported here. Checks of stores "
                "appear here too: start one with Check in the Store workspace."
            ),
        )
        self.watch_button = QPushButton(icon("eye-outline"), tr("&Watch a scan…"))
        self.watch_button.clicked.connect(self.deeds.choose_scan)
        self.new_button = QPushButton(icon("file-plus-outline"), tr("&New scan…"))
        self.new_button.clicked.connect(self.deeds.forms.new)
        for button in (self.new_button, self.watch_button):
            empty.offer(button)
        return empty

    def _make_corner(self) -> QWidget:
        """The way to a first scan while there are tasks only: no header is there to offer it."""
        self.corner_button = QPushButton(icon("eye-outline"), tr("&Watch a scan…"))
        self.corner_button.clicked.connect(self.deeds.choose_scan)
        return self.corner_button

    def _make_page(self) -> QWidget:
        self._halves = QSplitter(Qt.Orientation.Vertical)
        self._halves.addWidget(self.strips)
        self._halves.addWidget(self.tabs)
        self._halves.setChildrenCollapsible(False)
        self._halves.setStretchFactor(0, 1)
        self._halves.setSizes([430, 230])
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self.header)
        column.addWidget(self._halves, 1)
        return page

    def _bind(self) -> None:
        bind = self._desk.actions.bind
        deeds = self.deeds
        bind("jobs.watch", deeds.choose_scan)
        bind("jobs.new_scan", deeds.forms.new)
        bind("jobs.edit_scan", deeds.forms.choose)
        bind("jobs.pause", deeds.pause, lambda: self._shown is not None)
        bind("jobs.retry", deeds.retry, deeds.can_retry)
        bind("jobs.force", deeds.force, deeds.can_force)
        bind("jobs.cancel", deeds.cancel, deeds.can_cancel)
        bind("jobs.answer", deeds.answer, lambda: deeds.conflict() is not None)

    def _show(self, overview: Overview) -> None:
        self._shown = self.deeds.overview = overview
        self.header.show_overview(overview)
        self.strips.show_overview(overview)
        self.queue.show_overview(overview)
        self._arrange()

    def _arrange(self, *_: object) -> None:
        """What there is to see decides what is seen."""
        shown, tasks = self._shown, len(self._desk.tasks.listed())
        known = shown is not None and not shown.is_empty
        queue = known or self.queue.count > 0
        self._places.setCurrentIndex(1 if queue or tasks else 0)
        self.header.setVisible(known)
        self.corner_button.setVisible(not known)
        self.strips.setVisible(shown is not None and bool(shown.strips))
        if queue and not self.tabs.isTabVisible(0):
            self.tabs.setTabVisible(0, True)
            self.tabs.setCurrentIndex(1 if tasks else 0)
        elif not queue:
            self.tabs.setTabVisible(0, False)
        lines = self.queue.count + (0 if shown is None else shown.more)
        self.tabs.setTabText(0, tr("&Queue ({n})").format(n=number(lines)))
        self.tabs.setTabText(1, tr("&This session ({n})").format(n=number(tasks)))
