"""Keep the tree of stores up to date: projects, what is under them, what each looks like."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.store_workspace._entry import Entry, look
from parfocal.ui.store_workspace._looks import Looks
from parfocal.ui.store_workspace._model import StoresModel
from parfocal.ui.store_workspace._query import Query
from parfocal.ui.store_workspace._scan import scan
from parfocal.ui.store_workspace._watch import Changes, changes
from parfocal.ui.streamed import Streamed
from parfocal.ui.tasks import Tasks

WATCH_MS = 5000


class Stores(QObject):
    """The folders of a person's projects, the stores under them, and what each holds."""

    looked = pyqtSignal(object)
    """The `Entry` of the store that was asked for, new or read again."""
    found = pyqtSignal()
    """More is listed, or a project was looked through."""

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.model = StoresModel(self)
        self.looks = Looks(tasks, self)
        self.entries: dict[Path, Entry] = {}
        self._scans: dict[Path, Streamed] = {}
        self._entry = NewestAnswer(tasks, self, far=True)
        self._watching = NewestAnswer(tasks, self, far=True)
        self._watched: Sequence[Path] = ()
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self.look_for_changes)
        self.looks.seen.connect(self.model.show)

    @property
    def scanning(self) -> bool:
        """Whether folders are being looked through."""
        return any(scan.working for scan in self._scans.values())

    # -- projects

    def show_folders(self, folders: tuple[Path, ...]) -> None:
        """Have these projects, and look through those that are new."""
        known = {node.path for node in self.model.projects()}
        for gone in known - set(folders):
            self._scans.pop(gone).forget()
        if tuple(node.path for node in self.model.projects()) != folders:
            self.model.set_projects(folders)
        for folder in folders:
            if folder not in known:
                self.scan(folder)

    def rescan(self) -> None:
        """Look through every project again."""
        self.looks.forget(list(self.entries))
        for node in self.model.projects():
            self.scan(node.path)

    def scan(self, project: Path, start: Path | None = None) -> None:
        """Look through a project again, or list one folder of it and what is new below."""
        if project not in self._scans:
            take = partial(self.model.take, project)
            self._scans[project] = Streamed(self._tasks, self, take, after=self.found.emit)
        running = self._scans[project]
        known = frozenset(() if start is None else self.model.forest.folders())
        if start is None:
            self.model.scanned(project, done=False)
        running.ask(
            f"look into {start or project}",
            lambda task, put: scan(start or project, task, put, known),
            lambda: self._scanned(project),
        )

    def cancel(self) -> None:
        """Look no further."""
        for project, running in self._scans.items():
            if running.working:
                running.forget()
                self.model.scanned(project, done=True)
        self.found.emit()

    # -- stores

    def look(self, path: Path) -> None:
        """Read what one store holds; only the newest question is answered."""
        self._entry.ask(f"look at {path}", lambda task: look(path, task.cancelled), self._looked)

    def arrange(self, query: Query | None = None, order: str | None = None) -> None:
        """Filter and sort, and read what that needs to know of stores that nobody has seen."""
        self.model.arrange(query, order)
        self._read_what_is_needed()

    def _read_what_is_needed(self) -> None:
        sizes = self.model.order == "size"
        if not self.model.query.states and not sizes:
            self.looks.want_no_more()
            return
        nodes = self.model.forest.stores()
        unknown = [n.path for n in nodes if n.glimpse is None or (sizes and n.glimpse.size is None)]
        self.looks.want_all(unknown, sizes=sizes)

    def watch(self, *, on: bool) -> None:
        """Look for changes every few seconds while somebody sees the stores."""
        if on:
            self._watch.start()
        else:
            self._watch.stop()

    def see(self, visible: Sequence[Path]) -> None:
        """These rows are visible now."""
        self._watched = tuple(visible)
        self.looks.want(visible)

    def look_for_changes(self) -> None:
        """Compare what is known with the disk's times."""
        for node in self.model.projects():
            if not node.scanned:
                self.model.scanned(node.path, done=False)  # it may be time to say that it is slow
        if self._watching.working:
            return  # a disk that is slow to answer is not asked twice
        folders = self.model.forest.folders()
        for node in self.model.projects():
            if node.problem or (node.scanned and not node.time_ns):
                folders[node.path] = 0  # it may be back, or have been made
        nodes = [self.model.find(path) for path in self._watched]
        stamps = {n.path: n.glimpse.stamp for n in nodes if n is not None and n.glimpse is not None}
        self._watching.ask(
            "look for changes", lambda task: changes(task, folders, stamps), self._changed
        )

    # -- what comes

    def _scanned(self, project: Path) -> None:
        self.model.scanned(project, done=True)
        self._read_what_is_needed()
        self.found.emit()

    def _looked(self, entry: Entry) -> None:
        self.entries = {entry.path: entry}
        self.looked.emit(entry)

    def _changed(self, what: Changes) -> None:
        for folder in what.folders:
            project = self.model.forest.project_of(folder)
            if project is not None and not self._scans[project.path].working:
                # one that is under way comes to that folder, or the next watch sees it again
                self.scan(
                    project.path, None if project.path == folder and project.problem else folder
                )
        if what.stores:
            self.looks.want(self._watched)
            for path in what.stores:
                if path in self.entries:
                    self.look(path)
