"""Keep the list of stores up to date: look at folders and stores off the window's thread."""

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.store_workspace._entry import Entry, find_stores, look
from parfocal.ui.store_workspace._model import StoresModel
from parfocal.ui.tasks import Task, Tasks


@dataclass(frozen=True, slots=True)
class _Found:
    folder: Path
    stores: list[Path]


class Stores(QObject):
    """The folders of a person's projects, the stores under them, and what each holds."""

    looked = pyqtSignal(object)
    """An `Entry` that is new or was read again."""
    scanned = pyqtSignal()

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.model = StoresModel(self)
        self.entries: dict[Path, Entry] = {}
        self._scans: dict[Path, NewestAnswer] = {}
        self._looks: dict[Path, Task] = {}

    def show_folders(self, folders: tuple[Path, ...]) -> None:
        """List these folders and look at every one of them again."""
        self.model.set_folders(folders)
        for gone in [folder for folder in self._scans if folder not in folders]:
            self._scans.pop(gone).forget()
        for folder in folders:
            self.scan(folder)

    def scan(self, folder: Path) -> None:
        """Look for the stores under one folder again."""
        answer = self._scans.setdefault(folder, NewestAnswer(self._tasks, self))
        answer.ask(
            f"look into {folder}",
            lambda task: _Found(folder, find_stores(folder, task.cancelled)),
            self._found,
        )

    def look(self, path: Path) -> None:
        """Read what one store holds again."""
        if path in self._looks:
            return
        self._looks[path] = self._tasks.quietly(
            f"look at {path}",
            lambda task: look(path, task.cancelled),
            on_done=self._looked,
            on_failed=lambda _sentence: self._looks.pop(path, None),
            owner=self,
        )

    def _found(self, found: _Found) -> None:
        self.model.set_stores(found.folder, found.stores)
        for path in found.stores:
            self.look(path)
        self.scanned.emit()

    def _looked(self, entry: Entry) -> None:
        self._looks.pop(entry.path, None)
        self.entries[entry.path] = entry
        self.model.set_entry(entry)
        self.looked.emit(entry)
