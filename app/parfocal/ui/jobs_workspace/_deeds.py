"""What can be done with the queue and with the chosen strip; all of it off the window's thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog, QFileDialog, QWidget

from parfocal.ui.jobs_workspace import _changes as changes
from parfocal.ui.jobs_workspace._conflict_dialog import ConflictDialog
from parfocal.ui.jobs_workspace._consent import ConsentDialog
from parfocal.ui.jobs_workspace._force_dialog import ForceDialog
from parfocal.ui.scan_form import ScanForms
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from parfocal.jobs import CleanupPreview, Conflict, Overview, StripStory
    from parfocal.ui.desk import Desk

__all__ = ["Deeds"]


class Deeds(QObject):
    """The workspace hands it what is shown; it asks, does, and tells what went wrong."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.story: StripStory | None = None
        self.overview: Overview | None = None
        self.forms = ScanForms(desk, window, self.offer_scan)
        self.question: QDialog | None = None
        """What is being asked at this moment."""

    # -- the queue

    def choose_scan(self) -> None:
        """Ask for a scan's file, and watch its folders."""
        dialog = QFileDialog(self._window, tr("Watch a scan"))
        dialog.setNameFilters([tr("Scans (*.yaml *.yml)"), tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.watch(Path(name)))
        self._ask(dialog)

    def offer_scan(self, file: Path) -> None:
        """Ask whether a scan is to be watched: who opens its file may only want to look at it."""
        words = tr("{name} says what becomes of a scan's strips. Watch its folders from now on?")
        watches = (tr("Watch it"), partial(self.watch, file))
        edits = (tr("Edit it…"), partial(self.forms.edit, file))
        self._desk.toasts.show(words.format(name=file.name), buttons=(watches, edits), sticky=True)

    def watch(self, file: Path) -> None:
        """Watch a scan from now on; what is wrong with its file is told with the line."""

        def told(config: object) -> None:
            project = getattr(config, "project", "")
            words = tr("{project} is watched; that goes on when this window is closed.")
            self._desk.toasts.show(words.format(project=project), "ok")

        self._do("watch a scan", changes.watched(file), told)

    def unwatch(self, file: Path) -> None:
        """Look for new strips of it no more."""
        self._do("watch a scan no more", changes.unwatched(file))

    def pause(self) -> None:
        """Pause everything, or go on."""
        if self.overview is not None and self.overview.paused:
            self._do("resume the queue", changes.resumed())
        else:
            self._do("pause the queue", changes.paused())

    # -- the chosen strip

    def can_retry(self) -> bool:
        """Whether something of it is broken."""
        return self.story is not None and bool(self.story.broken)

    def can_cancel(self) -> bool:
        """Whether something of it is not over."""
        return self.story is not None and bool(self.story.unfinished)

    def can_force(self) -> bool:
        """Whether its raw data are still there to be worked on."""
        return self.story is not None and not self.story.cleaned

    def retry(self) -> None:
        """Try again what is broken; a clean-up that wants consent shows first what it would do."""
        story = self.story
        if story is None or not story.broken:
            return
        if story.consent_wanted is not None:
            self._preview(lambda preview: self._ask_consent(story, preview))
            return
        self._do("retry", changes.retried(story.broken))

    def cancel(self) -> None:
        """Stop what goes on and let nothing more of it start."""
        if self.story is not None:
            self._do("cancel", changes.cancelled(self.story.unfinished))

    def force(self) -> None:
        """Ask from where on it is to be done once more."""
        story = self.story
        if story is not None:
            self._preview(lambda preview: self._ask_force(story, preview))

    def open_store(self) -> None:
        """Show its store in Store."""
        if self.story is not None and self.story.strip.store is not None:
            self._desk.open_path(self.story.strip.store)

    def conflict(self) -> Conflict | None:
        """What is asked about the chosen strip."""
        if self.story is None or self.overview is None:
            return None
        name = self.story.strip.name.key
        return next((one for one in self.overview.conflicts if one.strip == name), None)

    def answer(self) -> None:
        """Ask which strip is meant, and do that."""
        conflict = self.conflict()
        if conflict is None:
            return
        dialog = ConflictDialog(conflict, self._window)
        dialog.accepted.connect(
            lambda: self._do(
                "answer which strip is meant",
                changes.answered(conflict, dialog.answer, dialog.project),
            )
        )
        self._ask(dialog)

    # -- parts

    def _ask_consent(self, story: StripStory, preview: CleanupPreview | None) -> None:
        if preview is None:
            self._do("retry", changes.retried(story.broken))
            return
        dialog = ConsentDialog(preview, self._window)
        dialog.accepted.connect(
            lambda: self._do("retry", changes.retried(story.broken, dialog.box.consent))
        )
        self._ask(dialog)

    def _ask_force(self, story: StripStory, preview: CleanupPreview | None) -> None:
        from parfocal.jobs import stages_to_force

        wanted = preview if preview is not None and preview.words else None
        name = story.strip.name
        dialog = ForceDialog(name.words, stages_to_force(story.strip), wanted, self._window)
        dialog.accepted.connect(
            lambda: self._do("force", changes.forced(name.key, dialog.stage, dialog.consent))
        )
        self._ask(dialog)

    def _preview(self, then: Callable[[CleanupPreview | None], object]) -> None:
        """Look at the files that would go, which may lie far away."""
        if self.story is None:
            return
        queue, strip = self._desk.queue.path, self.story.strip.name.key
        self._desk.tasks.quietly(
            tr("look at what a clean-up would do"),
            lambda _task: changes.previewed(queue, strip),
            on_done=then,
            on_failed=self._refused,
            owner=self,
            far=True,
        )

    def _ask(self, dialog: QDialog) -> None:
        """Without standing in the way of the window."""
        if self.question is not None:
            self.question.reject()
        self.question = dialog
        dialog.finished.connect(lambda _: self._asked(dialog))
        dialog.open()

    def _asked(self, dialog: QDialog) -> None:
        if self.question is dialog:
            self.question = None
        dialog.deleteLater()

    def _do(
        self, name: str, work: changes.Change, done: Callable[[object], object] | None = None
    ) -> None:
        self._desk.queue.change(name, work, on_done=done, on_failed=self._refused, owner=self)

    def _refused(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")
