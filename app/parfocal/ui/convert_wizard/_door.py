"""Open wizards, meet conversions that go on, and sort what is dropped; the window has one of it.

Nothing of `parfocal.convert` is imported before it is wanted: it costs half a second, and a thread
pays for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QObject
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QWidget

from parfocal.ui.convert_wizard._dropped import Dropped, sort_dropped
from parfocal.ui.desk import Desk
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.convert import Batch, BatchSnapshot
    from parfocal.ui.convert_wizard._watch import BatchWatch
    from parfocal.ui.convert_wizard._wizard import ConvertWizard

__all__ = ["ConvertDoor"]

WINDOW = "parfocal.ui.convert_wizard._wizard"


class ConvertDoor(QObject):
    """Everything that a window has to do with conversions."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.wizards: list[ConvertWizard] = []
        self._watches: dict[Path, BatchWatch] = {}
        self._closed = False
        desk.actions.bind("store.ingest", partial(self._open_chosen, "ingest"))
        desk.actions.bind("store.migrate", partial(self._open_chosen, "migrate"))
        desk.take_drop = self.take_drop
        desk.show_batch = self.show_batch

    # -- opening

    def open(self, paths: Iterable[Path] = (), *, action: str = "ingest") -> None:
        """Open the wizard, or raise the one whose draft is not begun, with these sources in it."""
        chosen = tuple(paths)
        self._loaded(lambda: self._open(chosen, action))

    def take_drop(self, paths: Sequence[Path]) -> bool:
        """Sort what was dropped: foreign files to the wizard, all else to its workspace."""
        if not paths:
            return False
        self._desk.tasks.quietly(
            tr("look at what was dropped"),
            lambda _task: sort_dropped(paths),
            on_done=self._sorted,
            owner=self,
        )
        return True

    def dropped(self, event: QDropEvent | None) -> None:
        """Qt drops something on the window."""
        data = None if event is None else event.mimeData()
        urls = [] if data is None else data.urls()
        self.take_drop([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def show_batch(self, batch: Batch) -> None:
        """Open a wizard at the batch's Run page; one that shows it is raised."""
        self._loaded(lambda: self._show_batch(batch))

    # -- meeting

    def look(self) -> None:
        """At the start: look for conversions that go on, were interrupted, or ended meanwhile."""
        self._desk.tasks.quietly(
            tr("look for conversions"),
            lambda _task: _to_be_told(),
            on_done=self._met,
            owner=self,
        )

    def follow(self, batch: Batch) -> BatchWatch:
        """The one watch of a batch."""
        from parfocal.ui.convert_wizard._watch import BatchWatch

        watch = self._watches.get(batch.folder)
        if watch is None:
            watch = self._watches[batch.folder] = BatchWatch(batch, self)
            watch.ended.connect(partial(self._ended, watch))
            watch.interrupted.connect(partial(self._was_interrupted, watch))
        return watch

    def close(self) -> None:
        """The window goes: conversions go on."""
        self._closed = True
        for wizard in self.wizards:
            wizard.hide()
            wizard.deleteLater()
        self.wizards.clear()
        for watch in self._watches.values():
            watch.close()

    # -- parts

    def _loaded(self, then: Callable[[], object]) -> None:
        """Do it when the wizard's modules are imported."""
        if WINDOW in sys.modules:
            then()
            return
        self._desk.tasks.quietly(
            tr("load the wizard"),
            lambda _task: import_module(WINDOW),
            on_done=lambda _module: self._closed or then(),
            owner=self,
        )

    def _open(self, paths: tuple[Path, ...], action: str) -> ConvertWizard:
        wizard = next((one for one in self.wizards if one.watch is None), None) or self._made()
        wizard.set_action(action)
        if paths:
            wizard.add(paths)
        _raise(wizard)
        return wizard

    def _made(self) -> ConvertWizard:
        from parfocal.ui.convert_wizard._wizard import ConvertWizard

        wizard = ConvertWizard(self._desk, self.follow, self._window)
        wizard.rejected.connect(lambda: self._left(wizard))
        self.wizards.append(wizard)
        return wizard

    def _left(self, wizard: ConvertWizard) -> None:
        """A draft is kept for the next time; a batch is shown anew when it is asked for."""
        if wizard.watch is None or wizard.starting:
            return
        if wizard in self.wizards:
            self.wizards.remove(wizard)
            wizard.deleteLater()
            last = wizard.watch.last
            if last is None or last.working:
                self._desk.say(tr("The conversion goes on."))

    def _show_batch(self, batch: Batch) -> None:
        for wizard in self.wizards:
            if wizard.watch is not None and wizard.watch.batch == batch:
                _raise(wizard)
                return
        wizard = self._made()
        _raise(wizard)
        wizard.show_batch(self.follow(batch))

    def _open_chosen(self, action: str) -> None:
        """With what is looked at in Store, unless it is a store of our own."""
        chosen = self._desk.chosen_store()
        if chosen is None:
            self.open(action=action)
            return
        self._desk.tasks.quietly(
            tr("look at the chosen store"),
            lambda _task: _foreign(chosen),
            on_done=lambda found: self.open(found, action=action),
            owner=self,
        )

    def _sorted(self, found: Dropped) -> None:
        for path in found.known:
            self._desk.open_path(path)
        for path in found.scans:
            self._desk.show_workspace("jobs")
            self._desk.scan_offered.emit(path)
        if found.foreign:
            self.open(found.foreign)

    # -- telling

    def _met(self, found: tuple[BatchSnapshot, ...]) -> None:
        for one in found:
            batch, show = one.batch, (tr("Show"), partial(self.show_batch, one.batch))
            if one.working:
                self.follow(batch)
                self._desk.toasts.show(_going_on(one), buttons=(show,), sticky=True)
            elif one.interrupted:
                self._offer(one)
            else:
                self._tell_end(one)

    def _offer(self, snapshot: BatchSnapshot) -> None:
        batch = snapshot.batch
        buttons = (
            (tr("Go on"), partial(self._go_on, batch)),
            (tr("Show"), partial(self.show_batch, batch)),
            (tr("Forget"), partial(self._forget, batch)),
        )
        self._desk.toasts.show(_interrupted(snapshot), "warn", buttons=buttons, sticky=True)

    def _go_on(self, batch: Batch) -> None:
        self.follow(batch).start()
        self.show_batch(batch)

    def _forget(self, batch: Batch) -> None:
        self._desk.tasks.quietly(
            tr("forget a conversion"), lambda _task: _forgotten(batch), owner=self
        )

    def _ended(self, watch: BatchWatch, snapshot: BatchSnapshot) -> None:
        self._desk.stores_changed.emit()
        if not self._is_shown(watch):
            self._tell_end(snapshot)

    def _was_interrupted(self, watch: BatchWatch, snapshot: BatchSnapshot) -> None:
        if not self._is_shown(watch):
            self._offer(snapshot)

    def _is_shown(self, watch: BatchWatch) -> bool:
        return any(one.watch is watch and one.isVisible() for one in self.wizards)

    def _tell_end(self, snapshot: BatchSnapshot) -> None:
        words, bad = _over(snapshot)
        show = (tr("Show"), partial(self.show_batch, snapshot.batch))
        self._desk.toasts.show(words, "warn" if bad else "ok", buttons=(show,), sticky=bad)
        self._desk.tasks.quietly(
            tr("remember what was told"), lambda _task: _mark_seen(snapshot.batch), owner=self
        )


def _raise(wizard: ConvertWizard) -> None:
    wizard.show()
    wizard.raise_()
    wizard.activateWindow()


def _foreign(path: Path) -> tuple[Path, ...]:
    from parfocal.convert import is_foreign

    return (path,) if is_foreign(path) else ()


def _forgotten(batch: Batch) -> None:
    """Unless somebody went on with it meanwhile."""
    from parfocal.convert import forget_batch, look_at_batch

    if not look_at_batch(batch).working:
        forget_batch(batch)


def _mark_seen(batch: Batch) -> None:
    from parfocal.convert import mark_seen

    mark_seen(batch)


def _to_be_told() -> tuple[BatchSnapshot, ...]:
    """The batches that somebody has to hear of; it reads the disk."""
    root = platformdirs.user_state_path("parfocal", appauthor=False) / "conversions"
    if not root.is_dir() or not any(root.iterdir()):
        return ()  # and nothing has to be imported
    from parfocal.convert import known_batches

    return tuple(one for one in known_batches() if not one.progress.over or not one.seen)


def _items(snapshot: BatchSnapshot) -> str:
    items = snapshot.batch.items
    if len(items) == 1:
        return items[0].destination.name
    return tr("{n} items").format(n=number(len(items)))


def _going_on(snapshot: BatchSnapshot) -> str:
    return tr("The conversion of {what} goes on: {part} % are done.").format(
        what=_items(snapshot), part=number(int(100 * snapshot.progress.fraction))
    )


def _interrupted(snapshot: BatchSnapshot) -> str:
    return tr("The conversion of {what} was interrupted at {part} %.").format(
        what=_items(snapshot), part=number(int(100 * snapshot.progress.fraction))
    )


def _over(snapshot: BatchSnapshot) -> tuple[str, bool]:
    """In words, and whether something of it is not there."""
    done = sum(item.state == "done" for item in snapshot.progress.items)
    count = len(snapshot.batch.items)
    if done == count:
        return tr("The conversion of {what} is done.").format(what=_items(snapshot)), False
    words = tr("The conversion ended: {n} of {m} items are done.")
    return words.format(n=number(done), m=number(count)), True
