"""Open and save plans: dialogs, recent files, and the question before something would be lost."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from parfocal import ParfocalError
from parfocal.ui.design_workspace._document import Document
from parfocal.ui.store_names import file_stem
from parfocal.ui.text import tr

if TYPE_CHECKING:
    import useq

    from parfocal.ui.desk import Desk

ENDINGS = (".yaml", ".yml", ".json")


class PlanFiles:
    """What the File menu does to the document."""

    def __init__(
        self,
        desk: "Desk",
        document: Document,
        window: QWidget,
        flush: Callable[[], object],
        first_channel: "Callable[[], useq.Channel | None]",
    ) -> None:
        self._first_channel = first_channel
        self._desk = desk
        self._flush = flush  # an edit that has not settled yet belongs to what is saved
        self._document = document
        self._window = window

    def bind(self) -> None:
        """Give the File and Edit actions their work."""
        stack, actions = self._document.stack, self._desk.actions
        actions.bind("file.new", self.new)
        actions.bind("file.open", self.ask_and_open)
        actions.bind("file.save", self.save)
        actions.bind("file.save_as", self.save_as)
        actions.bind(
            "file.recent",
            self.choose_recent,
            enabled=lambda: bool(self._desk.settings.values.recent_files),
        )
        actions.bind("edit.undo", self.undo, enabled=stack.canUndo)
        actions.bind("edit.redo", stack.redo, enabled=stack.canRedo)

    def undo(self) -> None:
        """Take the last edit back, also one that was made this moment."""
        self._flush()
        self._document.stack.undo()

    def new(self) -> bool:
        """Begin anew with one phase of one channel."""
        return self._unless_lost(lambda: self._document.start_anew(self._first_channel()))

    def ask_and_open(self) -> bool:
        """Let a person choose a plan file."""
        name, _filter = QFileDialog.getOpenFileName(
            self._window, tr("Open a plan"), str(self._folder()), _patterns()
        )
        return bool(name) and self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a plan; what is none is told in a toast and the document stays."""
        path = path.absolute()
        return self._unless_lost(lambda: self._document.open(path), path)

    def save(self) -> bool:
        """Write the document to its file, or ask for one."""
        self._flush()
        path = self._document.path
        return self.save_as() if path is None else self._write(path)

    def save_as(self) -> bool:
        """Ask for a file and write the document to it."""
        self._flush()
        start = self._document.path or self._proposed()
        name, _filter = QFileDialog.getSaveFileName(
            self._window, tr("Save the plan"), str(start), _patterns()
        )
        if not name:
            return False
        path = Path(name)
        return self._write(path if path.suffix in ENDINGS else Path(f"{name}.parfocal.yaml"))

    def choose_recent(self) -> None:
        """Offer what was open lately."""
        menu = self.recent_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        window = self._window.window() or self._window
        menu.popup(window.mapToGlobal(QPoint((window.width() - menu.sizeHint().width()) // 2, 90)))

    def recent_menu(self) -> QMenu:
        """A menu of the plans and stores that were open lately."""
        menu = QMenu(self._window)
        for number, path in enumerate(self._desk.settings.values.recent_files, 1):
            name = f"{path.name} — {path.parent}".replace("&", "&&")
            action = menu.addAction(f"&{number % 10} {name}")
            if action is not None:
                action.triggered.connect(lambda _checked, path=path: self._desk.open_path(path))
        return menu

    def may_leave(self) -> bool:
        """Ask what to do with unsaved changes; False: stay."""
        self._flush()
        if not self._document.unsaved:
            return True
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            tr("Unsaved changes"),
            tr("{name} has changes that are not saved.").format(name=self._document.title),
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        if answer == button.Save:
            return self.save()
        return answer == button.Discard

    def _unless_lost(self, begin: Callable[[], None], path: Path | None = None) -> bool:
        if not self.may_leave():
            return False
        if not self._or_toast(begin):
            return False
        if path is not None:
            self._desk.settings.add_recent(path)
        return True

    def _write(self, path: Path) -> bool:
        if not self._or_toast(lambda: self._document.save(path)):
            return False
        self._desk.settings.add_recent(path)
        self._desk.say(tr("Saved {path}").format(path=path))
        return True

    def _or_toast(self, do: Callable[[], None]) -> bool:
        try:
            do()
        except (ParfocalError, OSError) as error:
            self._desk.toasts.show(str(error), "error")
            return False
        return True

    def _proposed(self) -> Path:
        """After the experiment's name; "drug/dose" would be a file "dose" in another folder."""
        stem = file_stem(self._document.experiment.name)
        return self._folder() / f"{stem}.parfocal.yaml"

    def _folder(self) -> Path:
        path = self._document.path
        return path.parent if path is not None else self._desk.settings.values.data_folder


def _patterns() -> str:
    return tr("Plans (*.parfocal.yaml *.parfocal.json *.yaml *.yml *.json);;All files (*)")
