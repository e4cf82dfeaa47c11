"""Give the selected store another name, off the window's thread, and the old one back."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from parfocal import ParfocalError
from parfocal.store import split_name
from parfocal.ui.tasks import Task, Work
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk


class Renaming(QObject):
    """Asks for the name, renames, and has what knows the store by its path follow."""

    def __init__(self, desk: "Desk", window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.dialog: RenameDialog | None = None

    def why_not(self, path: Path) -> str:
        """Why it cannot be done now, as a sentence; what takes a look is looked at by the task."""
        status = self._desk.controller.status()
        if self._desk.controller.busy and status is not None and status.store == path:
            return tr("It is being recorded: rename it when that is over.")
        task = self._desk.tasks.works_on(path)
        return tr("“{task}” works with it: wait for its end.").format(task=task) if task else ""

    def ask(self, path: Path) -> None:
        """Open the dialog; the window goes on behind it."""
        dialog = RenameDialog(path, self._window)
        dialog.wished.connect(partial(self.rename, path))
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.open()

    def rename(self, path: Path, name: str) -> Task | None:
        """Do it in the background; what goes on with the store now refuses it."""
        if why := self.why_not(path):
            self._desk.toasts.show(f"{path.name}: {why}", "warn")
            return None
        return self._desk.tasks.start(
            tr("Rename {name}").format(name=path.name),
            rename_work(path, name, self._desk.queue.path),
            on_done=partial(self._done, path),
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
            about=path,
        )

    def _forget(self) -> None:
        self.dialog = None

    def _done(self, old: Path, new: Path) -> None:
        if new.name == old.name:  # as paths, Windows takes them for the same where the case is not
            return
        values = self._desk.settings.values
        swapped: dict[str, tuple[Path, ...]] = {
            key: tuple(new if one == old else one for one in getattr(values, key))
            for key in ("recent_files", "recent_sources")
        }
        self._desk.settings.change(**swapped)
        self._desk.viewers.follow(old, new)
        back = (tr("Undo"), partial(self.rename, new, split_name(old.name)[0]))
        words = tr("{old} is named {new} now.").format(old=old.name, new=new.name)
        self._desk.toasts.show(words, "ok", buttons=(back,))
        self._desk.store_renamed.emit(old, new)


class RenameDialog(QDialog):
    """One line for the name; the ending of the folder stays."""

    wished = pyqtSignal(str)

    def __init__(self, path: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Rename {name}").format(name=path.name))
        stem, ending = split_name(path.name)
        self.name = QLineEdit(stem)
        self.name.setAccessibleName(tr("Name of the store"))
        self.name.setMinimumWidth(320)
        self.name.selectAll()
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addWidget(QLabel(ending))
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Ok | button.Cancel)
        self.go = buttons.button(button.Ok)
        assert self.go is not None
        self.go.setText(tr("Rename"))
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(tr("Viewers that are open follow; nothing in the store changes.")))
        column.addLayout(line)
        column.addWidget(buttons)
        self._stem = stem
        self.name.textChanged.connect(self._answer)
        self._answer()

    def _answer(self) -> None:
        wished = self.name.text().strip()
        assert self.go is not None
        self.go.setEnabled(wished not in ("", self._stem))

    def _accept(self) -> None:
        self.accept()
        self.wished.emit(self.name.text().strip())


def rename_work(path: Path, name: str, queue: Path) -> Work:
    """The work of a task that renames `path`, unless a conversion or a queued job needs it."""

    def work(_task: Task) -> Path:
        from parfocal.convert import previous_stores
        from parfocal.store import rename_store

        for needs, sentence in (
            (_is_converted, tr("{path} is being converted: rename it when that is over.")),
            (
                partial(_is_queued, queue),
                tr("A job of the queue needs {path}: wait for its end."),
            ),
        ):
            if needs(path):
                raise ParfocalError(sentence.format(path=path))
        return rename_store(path, name, previous_stores(path))

    return work


def _is_converted(path: Path) -> bool:
    """Whether a conversion that is not over reads or writes it."""
    from parfocal.convert import known_batches

    open_ = (one.batch for one in known_batches() if one.working or not one.progress.over)
    return any(
        _touches(place, path)
        for batch in open_
        for item in batch.items
        for place in (item.source, item.destination)
    )


def _is_queued(queue: Path, path: Path) -> bool:
    """Whether a job that is not over names it, or goes on with the strip that it was made of."""
    if not queue.is_file():
        return False
    from parfocal.jobs import Database, places_needed

    database = Database(queue)
    try:
        return any(_touches(place, path) for place in places_needed(database))
    finally:
        database.close()


def _touches(place: Path, store: Path) -> bool:
    return place == store or store in place.parents
