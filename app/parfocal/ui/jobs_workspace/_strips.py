"""The strips of all scans: the grid with its legend, and beside it the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from parfocal.ui.jobs_workspace._deeds import Deeds
from parfocal.ui.jobs_workspace._details import StripDetails
from parfocal.ui.jobs_workspace._grid import StripGrid, StripLegend
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from pathlib import Path

    from parfocal.jobs import Overview, StripStory
    from parfocal.ui.desk import Desk

__all__ = ["Strips"]


class Strips(QSplitter):
    """Follows the overview; the details are read whenever the chosen strip may have changed."""

    def __init__(self, desk: Desk, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._desk, self._deeds = desk, deeds
        self.grid = StripGrid(desk.theme)
        self.legend = StripLegend(desk.theme)
        self.details = StripDetails(desk.theme)
        self._stories = NewestAnswer(desk.tasks, self)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid, 1)
        column.addWidget(self.legend)
        self.addWidget(left)
        self.addWidget(self.details)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(0, 1)
        self.setSizes([700, 470])
        self.grid.chosen.connect(self._read_anew)
        self.grid.entered_strip.connect(self.details.stages.setFocus)
        details = self.details
        details.retry.clicked.connect(deeds.retry)
        details.force.clicked.connect(deeds.force)
        details.cancel.clicked.connect(deeds.cancel)
        details.open.clicked.connect(deeds.open_store)
        details.answer.clicked.connect(deeds.answer)
        self._look()

    def show_overview(self, overview: Overview) -> None:
        """The queue is another one now."""
        self.grid.show_strips(overview.strips)
        self._read()

    def choose(self, strip: str) -> bool:
        """Show a strip; False when it is not there."""
        return self.grid.choose(strip)

    def _read_anew(self) -> None:
        self._deeds.story = None
        self.details.show_story(None)
        self._read()

    def _read(self) -> None:
        strip, queue, busy = self.grid.strip, self._desk.queue.path, self._desk.queue.busy()
        if strip:
            self._stories.ask(
                tr("read a strip"),
                lambda _task: _story(queue, strip, busy=busy),
                self._show,
                self.details.say_failed,
            )
        self._look()

    def _show(self, read: tuple[StripStory, tuple[QImage, ...]]) -> None:
        story, pictures = read
        self._deeds.story = story
        self.details.show_story(story)
        words = tr("There is no preview yet.")
        if any(one.kind == "preview" and one.state == "left out" for one in story.stages):
            words = tr("The scan's file asks for no preview.")
        self.details.show_picture(pictures, words)
        self._look()

    def _look(self) -> None:
        deeds, details = self._deeds, self.details
        details.retry.setEnabled(deeds.can_retry())
        details.cancel.setEnabled(deeds.can_cancel())
        details.force.setEnabled(deeds.can_force())
        story = deeds.story
        made = story is not None and any(kind == "store" for kind, _, _ in story.products)
        details.open.setEnabled(made)
        conflict = deeds.conflict()
        details.ask(None if conflict is None else conflict.raw)


def _story(queue: Path, strip: str, *, busy: bool) -> tuple[StripStory, tuple[QImage, ...]]:
    """In a thread: what is known, and the pictures, decoded."""
    from parfocal.jobs import story_of_strip

    story = story_of_strip(queue, strip, busy=busy)
    pictures = (QImage(str(file)) for file in story.pictures)
    return story, tuple(one for one in pictures if not one.isNull())
