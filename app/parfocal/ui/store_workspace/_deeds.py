"""What can be done with the selected store, and why not when it cannot."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMessageBox, QWidget

from parfocal.store import CheckReport, RecoveryReport
from parfocal.ui.recovery_work import start_recovery
from parfocal.ui.store_workspace._details import Details
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._fields_choice import ask_for_fields
from parfocal.ui.store_workspace._findings import verdict
from parfocal.ui.store_workspace._products import Products
from parfocal.ui.store_workspace._renaming import Renaming
from parfocal.ui.store_workspace._reveal import reveal
from parfocal.ui.store_workspace._trash import Thrown, put_back_work, throw_work
from parfocal.ui.store_workspace._words import STOPPED
from parfocal.ui.tasks import Task
from parfocal.ui.text import tr
from parfocal.ui.toasts import Kind

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

OURS = ("completed", "interrupted", "recovered")
CONVERTED = {"store.migrate": ("legacy", "foreign"), "store.ingest": ("foreign", "legacy")}


class Deeds(QObject):
    """The window's actions on the store that the details show."""

    changed = pyqtSignal(object)
    """The path of a store that is another one now."""
    checked = pyqtSignal(object)
    """The path of a store that was checked; `reports` has what was found."""
    moved = pyqtSignal(object, bool)
    """The path of a store that went to the trash, and whether it came back."""

    def __init__(self, desk: "Desk", details: Details, products: Products, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._details = details
        self._products = products
        self._window = window
        self.renaming = Renaming(desk, window)
        self.reports: dict[Path, CheckReport] = {}
        self.read_whole: set[Path] = set()
        """The stores whose report is of a check that read every pixel."""
        self.selected: Path | None = None

    def bind(self) -> None:
        """Give the actions of the menus their work."""
        actions = self._desk.actions
        for key, work in (
            ("store.view", self.view),
            ("store.view_fields", self.choose_fields),
            ("store.check", self.check),
            ("store.check_deep", self.check_deep),
            ("store.recover", self.recover),
            ("store.pyramid", self.make_pyramid),
            ("store.export", self.export),
            ("store.reveal", self.reveal),
        ):
            actions.bind(key, work, enabled=partial(self._can, key))
        can = partial(self._can, "rename")
        actions.bind_in(self._window, "edit.rename", self.rename, can)

    @property
    def entry(self) -> Entry | None:
        """The selected store, once it was read."""
        entry = self._details.entry
        return entry if entry is not None and entry.path == self.selected else None

    def why_not(self, key: str) -> str:
        """Why an action cannot be done with what is selected, as a sentence; "" when it can."""
        if self.selected is None:
            return tr("Select a store first.")
        entry = self.entry
        if key in ("store.check", "store.check_deep", "store.reveal"):
            return ""
        if key in ("trash", "rename"):
            if entry is None or entry.state == "recording":
                return tr("It is being read or recorded; wait for the end of that.")
            return self.renaming.why_not(entry.path) if key == "rename" else ""
        if entry is None:
            return tr("The store is being read.")
        if key in CONVERTED:
            return self._why_not_converted(key, entry)
        if key == "store.recover":
            if entry.shown_state == STOPPED:
                return tr("There is nothing to recover: it was stopped, and closed as a whole.")
            fits = entry.state in ("interrupted", "damaged")
            return "" if fits else tr("There is nothing to recover: it is not interrupted.")
        if key == "store.pyramid":
            return self._why_not_refined(entry)
        return "" if entry.info is not None else tr("It holds no images that can be read.")

    def _can(self, key: str) -> bool:
        return not self.why_not(key)

    def view(self) -> None:
        """Open the selected store in a viewer of its own."""
        if self.selected is not None:
            self._desk.viewers.open_store(self.selected)

    def choose_fields(self) -> None:
        """Ask for fields of the selected store and for a viewer; chosen wells are chosen there."""
        entry = self.entry
        if entry is not None and entry.info is not None:
            chosen = self._details.overview.chosen_fields
            ask_for_fields(self._desk.viewers, entry.path, entry.info, self._window, chosen)

    def check(self) -> Task | None:
        """Check the selected store in the background."""
        return self._check(deep=False)

    def check_deep(self) -> Task | None:
        """Check the selected store and read all of its pixels, in the background."""
        return self._check(deep=True)

    def _check(self, *, deep: bool) -> Task | None:
        path = self.selected
        if path is None:
            return None
        from parfocal.ui.store_workspace._check_work import check_work

        words = tr("Check every pixel of {name}") if deep else tr("Check {name}")
        return self._desk.tasks.start(
            words.format(name=path.name),
            check_work(path, deep=deep),
            on_done=lambda report: self._checked(path, report, deep),
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
            about=path,
        )

    def recover(self) -> Task | None:
        """Repair the selected store in the background."""
        if self.selected is None:
            return None
        return start_recovery(self._desk, self.selected, self._recovered, self)

    def make_pyramid(self) -> Task | None:
        """Make the selected store's coarser levels in the background."""
        return None if self.selected is None else self._products.make_pyramid(self.selected)

    def export(self) -> None:
        """Ask what to export of the selected store, and do it in the background."""
        entry = self.entry
        if entry is not None and entry.info is not None:
            self._products.ask_for_export(entry.path, entry.info)

    def convert(self, key: str) -> None:
        """Ingest or migrate the selected store: the wizard asks how."""
        if not self.why_not(key):
            self._desk.actions.trigger(key)

    def reveal(self) -> None:
        """Show the selected store in the system's file manager."""
        if self.selected is not None and not reveal(self.selected):
            sentence = tr("No file manager could be started to show {path}.")
            self._desk.toasts.show(sentence.format(path=self.selected), "warn")

    def copy_path(self) -> None:
        """Put the selected store's path on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if self.selected is not None and clipboard is not None:
            clipboard.setText(str(self.selected))
            self._desk.say(tr("Copied {path}").format(path=self.selected))

    def rename(self) -> None:
        """Ask for another name of the selected store, and give it that."""
        if self.selected is not None and self._can("rename"):
            self.renaming.ask(self.selected)

    def throw_away(self) -> Task | None:
        """Move the selected store to the trash, if a person says yes to that."""
        path = self.selected
        if path is None or self.why_not("trash"):
            return None
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            tr("Move to the trash"),
            tr("Move {name} to the trash? It stays there until the trash is emptied.").format(
                name=path.name
            ),
            button.Yes | button.Cancel,
            button.Cancel,
        )
        if answer != button.Yes:
            return None
        return self._desk.tasks.start(
            tr("Move {name} to the trash").format(name=path.name),
            throw_work(path),
            on_done=self._thrown,
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
            about=path,
        )

    def _thrown(self, thrown: Thrown) -> None:
        back = (tr("Put it back"), partial(self._put_back, thrown))
        words = tr("{name} is in the trash.").format(name=thrown.store.name)
        self._desk.toasts.show(words, "info", buttons=(back,) if thrown.can_come_back else ())
        self.moved.emit(thrown.store, False)

    def _put_back(self, thrown: Thrown) -> None:
        self._desk.tasks.start(
            tr("Put {name} back").format(name=thrown.store.name),
            put_back_work(thrown),
            on_done=lambda store: self.moved.emit(store, True),
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
        )

    def _why_not_converted(self, key: str, entry: Entry) -> str:
        if entry.state not in CONVERTED[key]:
            return tr("It is one of Parfocal's stores already.")
        return ""

    def _why_not_refined(self, entry: Entry) -> str:
        """A store of Parfocal's that is closed: nothing is ever written into others."""
        if entry.state in OURS:
            return ""
        if entry.state == "recording":
            return tr("It is being recorded: its levels can be made afterwards.")
        return tr("Nothing is ever written into a store that Parfocal did not make.")

    def _checked(self, path: Path, report: CheckReport, deep: bool) -> None:
        self.reports[path] = report
        (self.read_whole.add if deep else self.read_whole.discard)(path)
        token, sentence = verdict(report, deep=deep)
        kinds: dict[str, Kind] = {"ok": "ok", "warn": "warn"}
        self._desk.toasts.show(f"{path.name}: {sentence}", kinds.get(token, "error"))
        self.checked.emit(path)

    def _recovered(self, report: RecoveryReport) -> None:
        self.reports.pop(report.store, None)
        self.changed.emit(report.store)
