"""The desk that every panel is given: settings, theme, toasts, actions, the controller, viewers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.actions import Actions
from parfocal.ui.after_run import LevelsAfterRun
from parfocal.ui.controller import AcquisitionController
from parfocal.ui.queue_desk import QueueDesk
from parfocal.ui.run_viewers import RunViewers
from parfocal.ui.settings import Settings
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme
from parfocal.ui.toasts import Toasts
from parfocal.ui.viewers import Viewers

SAFE_TO_OPEN = ("demo", "demo-camera", "safe")


class Desk(QObject):
    """What the panels share. It is handed to each of them; there are no globals."""

    document_changed = pyqtSignal(str, bool)  # name, has unsaved changes
    devices_changed = pyqtSignal()  # somebody set a property, or calibrated, by hand
    presets_changed = pyqtSignal()  # somebody switched a preset by hand
    workspace_requested = pyqtSignal(str)
    path_requested = pyqtSignal(Path)
    strip_requested = pyqtSignal(str)  # somebody wants to see a strip of the queue
    scan_offered = pyqtSignal(Path)  # somebody opened a scan's file: shall it be watched?
    message_changed = pyqtSignal(str)
    folder_chosen = pyqtSignal(Path)  # somebody opened a folder of stores, a new one or a known one
    store_renamed = pyqtSignal(Path, Path)  # where it was, and where it is
    stores_changed = pyqtSignal()  # there are new stores, in whatever folder

    def __init__(
        self,
        settings: Settings | None = None,
        controller: AcquisitionController | None = None,
        *,
        queue: Path | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or Settings.in_place()
        self.theme = Theme(self, self.settings.values.theme)
        self.toasts = Toasts(self)
        for problem in self.settings.problems:
            self.toasts.show(problem, "warn", sticky=True)
        self.settings.trouble.connect(lambda problem: self.toasts.show(problem, "warn"))
        self.tasks = Tasks(self)
        self.viewers = Viewers(self, self.tasks)
        self.actions = Actions(self)
        self.actions.wear_shortcuts(self.settings.values.shortcuts)
        self.settings.changed.connect(self._follow)
        self.controller = controller or AcquisitionController(self)
        self.run_viewers = RunViewers(
            self.controller, self.viewers, self.settings, self.tasks, self
        )
        self.levels = LevelsAfterRun(
            self.controller,
            self.tasks,
            self.toasts,
            self,
            wanted=lambda: self.settings.values.levels_after_run,
        )
        self.queue = QueueDesk(self.tasks, self, path=queue)
        self.queue.busy = lambda: self.controller.busy
        # each may keep the window open by answering False, after it asked about unsaved work
        self.close_guards: list[Callable[[], bool]] = []
        self.chosen_store: Callable[[], Path | None] = lambda: None
        """The store that is looked at: Store sets it."""
        self.take_drop: Callable[[Sequence[Path]], bool] = lambda _paths: False
        """Take what was dropped somewhere and find its place: the window sets it."""
        self.show_batch: Callable[[Any], object] = lambda _batch: None
        """Open the wizard on a batch of conversions: the window sets it."""
        self.live_view = False
        """Whether live view lights the sample; the status bar says so. Microscope sets it."""
        self.document = ""
        self.unsaved = False
        self._renamed: dict[Path, Path] = {}  # where the store of the last run is now
        self.store_renamed.connect(self._follow_store)
        self.controller.run_started.connect(lambda _run: self._renamed.clear())

    @property
    def run_store(self) -> Path | None:
        """Where the store of the run, or of the last one, is: it may have another name by now."""
        run = self.controller.run
        return None if run is None else self._renamed.get(run.store, run.store)

    def set_document(self, name: str, unsaved: bool) -> None:
        """Say which document is open; the window's title shows it with a dot when unsaved."""
        self.document, self.unsaved = name, unsaved
        self.document_changed.emit(name, unsaved)

    def show_workspace(self, name: str) -> None:
        """Bring a workspace to the front: microscope, design, run, store or jobs."""
        self.workspace_requested.emit(name)

    def open_path(self, path: Path) -> None:
        """Open a plan in Design or a store in Store; their `open_path(path)` answers if it did."""
        self.path_requested.emit(path)

    def say(self, sentence: str) -> None:
        """Put a passing remark at the left of the status bar while nothing runs."""
        self.message_changed.emit(sentence)

    def open_last_microscope(self) -> None:
        """At the start: what was open last, the demo or none; real devices only after a question.

        They may move when they are started, and nobody has looked at the stage yet.
        """
        last, wanted = self.settings.values.microscope, self.settings.values.microscope_at_start
        if wanted == "none":
            return
        if wanted == "demo":
            last = ""
        if not last or last in SAFE_TO_OPEN:
            self.controller.open_microscope(last or None)
            return
        name = Path(last).name
        sentence = tr(
            "The microscope {name} was open last. Its devices may move when it is opened."
        )
        opens = (tr("Open it"), lambda: self.controller.open_microscope(last))
        self.toasts.show(sentence.format(name=name), buttons=(opens,), sticky=True)

    def _follow_store(self, old: Path, new: Path) -> None:
        if self.controller.run is not None and self.run_store == old:
            self._renamed[self.controller.run.store] = new

    def _follow(self, names: frozenset[str]) -> None:
        """Wear what a person has just chosen, wherever it was chosen."""
        values = self.settings.values
        if "theme" in names:
            self.theme.set_appearance(values.theme)
            self.actions.set_checked(f"view.theme.{values.theme}", checked=True)
        if "viewer_at_start" in names:
            self.actions.set_checked("run.viewer", values.viewer_at_start)
        if "shortcuts" in names:
            self.actions.wear_shortcuts(values.shortcuts)
            self.actions.refresh()

    def close(self) -> bool:
        """End what works for the window: viewers, background work, the controller's threads.

        False when a device or a disk did not answer and a thread was left behind.
        """
        self.viewers.close_all()
        ended = self.queue.close()
        ended = self.tasks.shutdown() and ended
        ended = self.controller.shutdown() and ended
        self.actions.close()
        return ended
