"""The strips of all scans: the grid with its legend, and beside it the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer
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

AGAIN_MS = 200


class Strips(QSplitter):
    """Follows the overview; the details are read whenever the chosen strip may have changed."""

    def __init__(self, desk: Desk, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._desk, self._deeds = desk, deeds
        self.grid = StripGrid(desk.theme)
        self.legend = StripLegend(desk.theme)
        self.details = StripDetails(desk.theme)
        self._stories = NewestAnswer(desk.tasks, self)
        self._asked = ""
        """The strip whose story is being read."""
        self._changed_since = False
        # apart from the queue: they lie where the stores lie, on a share that may be dead
        self._pictures = NewestAnswer(desk.tasks, self, far=True)
        self._pictured: object = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AGAIN_MS)
        self._later.timeout.connect(self._try_pictures)
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
        self._pictured = None
        self._pictures.forget()
        self.details.show_story(None)
        self._read()

    def _read(self) -> None:
        """One reading at a time: a queue that changes faster than a slow disk tells the story
        would overtake each answer, and none would ever be shown."""
        strip, queue, busy = self.grid.strip, self._desk.queue.path, self._desk.queue.busy()
        self._changed_since = bool(strip) and strip == self._asked
        if strip and not self._changed_since:
            self._asked = strip
            self._stories.ask(
                tr("read a strip"),
                lambda _task: _story(queue, strip, busy=busy),
                self._show,
                self._say_failed,
            )
        self._look()

    def _show(self, story: StripStory) -> None:
        self._deeds.story = story
        self.details.show_story(story)
        self._show_pictures(story)
        self._answered()

    def _say_failed(self, sentence: str) -> None:
        self.details.say_failed(sentence)
        self._answered()

    def _answered(self) -> None:
        self._asked = ""
        if self._changed_since:
            self._read()
        else:
            self._look()

    def _show_pictures(self, story: StripStory) -> None:
        """Once for each preview that was made, and never two at a time."""
        made = next((one for one in story.stages if one.kind == "preview"), None)
        key = (story.strip.name.key, story.pictures, made.changed_utc if made else 0.0)
        if key == self._pictured:
            return
        if self._pictures.working:  # at those of the strip before
            self._later.start()
            return
        self._pictured = key
        words = tr("There is no preview yet.")
        if made is not None and made.state == "left out":
            words = tr("The scan's file asks for no preview.")
        self.details.show_picture((), tr("Reading the preview…") if story.pictures else words)
        if story.pictures:
            self._pictures.ask(
                tr("read a preview"),
                lambda _task: _read_pictures(story.pictures),
                lambda pictures: self.details.show_picture(pictures, ""),
            )

    def _try_pictures(self) -> None:
        if (story := self._deeds.story) is not None:
            self._show_pictures(story)

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


def _story(queue: Path, strip: str, *, busy: bool) -> StripStory:
    """In a thread: what is known."""
    from parfocal.jobs import story_of_strip

    return story_of_strip(queue, strip, busy=busy)


def _read_pictures(files: tuple[Path, ...]) -> tuple[QImage, ...]:
    """In a thread: decoded."""
    return tuple(one for one in (QImage(str(file)) for file in files) if not one.isNull())
