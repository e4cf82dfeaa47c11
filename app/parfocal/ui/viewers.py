"""Open napari windows on stores and live runs, ask how they are, close, restart or keep them."""

from __future__ import annotations

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal import ParfocalError
from parfocal.ui._viewer_row import Opening, ViewerRow
from parfocal.ui.kept_viewers import KeptViewers
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.viewer import LiveFilter, OpenViewers, Viewer, ViewerRecord, ViewerStatus
    from parfocal.wiring import Session

__all__ = ["Viewers"]

LOOK_EVERY_MS = 500
CLOSE_S = 5.0
END_S = 1.0  # for one that does not answer: asked all the same, since it may just be slow


class Viewers(QObject):
    """The viewer children of this desk, newest last; one for a store and a title, however often
    it is asked for.

    One that was closed is forgotten. One that failed stays, with its reason, until it is removed
    or restarted, and `failed` tells it once. Whatever waits for a viewer waits in a task.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str)  # a sentence
    _came = pyqtSignal(object, object)  # a viewer and its opening, from whichever thread

    def __init__(self, parent: QObject | None = None, tasks: Tasks | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ViewerRow] = []
        self._numbers = count(1)
        self._own_tasks = tasks is None
        self._tasks = Tasks(self) if tasks is None else tasks
        self._undressed: list[Viewer] = []  # were starting when the theme changed
        self._dark = False
        self.kept = KeptViewers(self._tasks, self)
        self.kept.changed.connect(self.changed)
        self.kept.failed.connect(self.failed)
        self.kept.met.connect(self._take_up)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._came.connect(self._append)

    def __len__(self) -> int:
        return len(self._rows)

    # -- opening

    def open_store(self, path: Path) -> Viewer | None:
        """Start a viewer on a store and return at once; None (and `failed`) when that cannot be.

        The one that shows it already comes to the front instead.
        """
        return self._open(Opening(path.name, path))

    def open_another(self, path: Path, session: Session | None = None) -> Viewer | None:
        """One more viewer on a store, or on the run that goes on, beside those that are there."""
        taken = {row.opening.title for row in self._rows}
        titles = (path.name if n == 1 else f"{path.name} ({n})" for n in count(1))
        title = next(title for title in titles if title not in taken)
        return self._open(Opening(title, path, None if session is None else session.live))

    def open_fields(self, path: Path, fields: tuple[int, ...]) -> Viewer | None:
        """A viewer of its own for some fields of a store."""
        words = tr("{name} · {n} fields").format(name=path.name, n=len(fields))
        if len(fields) == 1:
            words = tr("{name} · field {n}").format(name=path.name, n=fields[0] + 1)
        taken = {row.opening.title for row in self._rows if row.opening.fields != fields}
        titles = (words if n == 1 else f"{words} ({n})" for n in count(1))
        title = next(title for title in titles if title not in taken)
        return self._open(Opening(title, path, fields=fields))

    def show_in(self, number: int, path: Path, fields: tuple[int, ...], *, keep: bool) -> None:
        """Show a store, or some fields of it, in a viewer that is there."""
        _, row = self._find(number)
        asked = row.viewer.request("show", store=str(path), fields=list(fields), keep=keep)
        asked.add_done_callback(lambda done: self._tell_refusal(row.viewer.title, done))
        if not keep:  # restarted, it shows this again
            row.opening = replace(row.opening, store=path, live=None, only=None, fields=fields)
            self.changed.emit()

    def open_live(
        self, session: Session, title: str = "", only: LiveFilter | None = None
    ) -> Viewer | None:
        """Start a viewer on a run that is going on: its store, and its newest frames."""
        store = session.run.store
        return self._open(Opening(title or store.name, store, session.live, only))

    def add(self, viewer: Viewer, opening: Opening | None = None) -> None:
        """Keep a started viewer: the status bar shows its light, closing the window ends it."""
        if opening is None:
            opening = Opening(viewer.title, viewer.status().store or Path())
        self._book.add(viewer)
        self._append(viewer, opening)

    def follow(self, old: Path, new: Path) -> None:
        """A store has another name: on Linux the viewers see that themselves, elsewhere they are
        told. Asked for by that name they come to the front; restarted, they show it there."""
        for row in self._rows:
            if row.opening.store != old:
                continue
            title = row.opening.title
            if title.startswith(old.name):  # else somebody's own
                title = new.name + title.removeprefix(old.name)
            row.opening = replace(row.opening, store=new, title=title)
            self._book.name_it(row.viewer, title)
            if sys.platform != "linux":
                row.viewer.request("show", store=str(new), fields=list(row.opening.fields))
        self.changed.emit()

    # -- looking

    def rows(self) -> tuple[ViewerRow, ...]:
        """Every viewer of the desk, also those that failed."""
        return tuple(self._rows)

    def statuses(self) -> tuple[ViewerStatus, ...]:
        """How each viewer is."""
        return tuple(row.viewer.status() for row in self._rows)

    def statuses_of(self, store: Path) -> tuple[ViewerStatus, ...]:
        """How the viewers are that were opened on this store."""
        ours = (row.viewer for row in self._rows if row.opening.store == store)
        return tuple(viewer.status() for viewer in ours)

    # -- what may be asked of one, by its number

    def restart(self, number: int) -> None:
        """Open it once more; the old one is ended where it still goes."""
        place, row = self._find(number)
        now = row.viewer.status().store or row.opening.store  # the store may have been moved
        opening = replace(row.opening, store=now)
        self._book.remove(row.viewer)
        viewer, _ = self._booked(opening)
        if viewer is None:  # told; the old one stays as it is
            self._book.add(row.viewer)
            return
        if row.exited:
            self._rows.remove(row)
        else:
            self._let_go(row, END_S)
        self._insert(place, viewer, opening)

    def keep_open(self, number: int) -> None:
        """Let it outlive this window: it goes on by itself, and can be attached again."""
        _, row = self._find(number)

        def kept(record: ViewerRecord) -> None:
            self._forget(row)
            self.kept.add(record)

        self._tasks.quietly(
            f"keep {row.viewer.title} open",
            lambda _task: row.viewer.detach(),
            on_done=kept,
            on_failed=self.failed.emit,
            owner=self,
        )

    def close(self, number: int) -> None:
        """Ask it to close; it leaves the list when it is gone."""
        self._let_go(self._find(number)[1], CLOSE_S)

    def end(self, number: int) -> None:
        """End one that does not respond: asked once more, then terminated."""
        self._let_go(self._find(number)[1], END_S)

    def remove(self, number: int) -> None:
        """Forget one that has ended."""
        _, row = self._find(number)
        if row.exited:
            self._forget(row)

    # -- theme and end

    @property
    def dark(self) -> bool:
        """Whether the viewers wear the dark theme."""
        return self._dark

    def set_dark(self, dark: bool) -> None:
        """Dress all viewers; one that is still starting follows when it is ready."""
        self._dark = dark
        self._undressed = [row.viewer for row in self._rows]
        self._dress()

    def close_all(self, timeout: float = CLOSE_S) -> None:
        """End every viewer and its process, all at once; those that are kept open stay."""
        self._timer.stop()
        self._undressed.clear()
        viewers = [row.viewer for row in self._rows]
        for row in self.rows():
            self._forget(row)
        if viewers:
            with ThreadPoolExecutor(len(viewers), "viewer-close") as pool:
                list(pool.map(lambda viewer: _part_with(viewer, timeout), viewers))
        if self._own_tasks:
            self._tasks.shutdown()
        self.changed.emit()

    # -- parts

    @cached_property
    def _book(self) -> OpenViewers:
        """Made when it is first needed: its import takes 0.3 s, and the window waits for us."""
        from parfocal.viewer import OpenViewers

        return OpenViewers()

    def _tell_refusal(self, title: str, done: Future[dict[str, Any]]) -> None:
        """Called in whichever thread has the answer; a signal finds its way to the window."""
        if problem := done.exception():
            self.failed.emit(f"{title}: {problem}")

    def _take_up(self, viewer: Viewer, record: ViewerRecord) -> None:
        self.add(viewer, Opening(record.title, record.store))

    def _open(self, opening: Opening) -> Viewer | None:
        viewer, fresh = self._booked(opening)
        if fresh:
            self._came.emit(viewer, opening)
        return viewer

    def _booked(self, opening: Opening) -> tuple[Viewer | None, bool]:
        """The viewer of an opening, and whether it was started now."""
        try:
            return self._book.open(
                opening.store,
                opening.live,
                title=opening.title,
                only=opening.only,
                fields=opening.fields,
                dark=self._dark,
            )
        except ParfocalError as refusal:
            self.failed.emit(str(refusal))
            return None, False

    def _append(self, viewer: Viewer, opening: Opening) -> None:
        self._insert(len(self._rows), viewer, opening)

    def _insert(self, place: int, viewer: Viewer, opening: Opening) -> None:
        self._rows.insert(place, ViewerRow(next(self._numbers), viewer, opening))
        self._timer.start()
        self.changed.emit()

    def _find(self, number: int) -> tuple[int, ViewerRow]:
        return next((at, row) for at, row in enumerate(self._rows) if row.number == number)

    def _let_go(self, row: ViewerRow, timeout: float) -> None:
        row.leaving = True
        self._book.remove(row.viewer)
        title = row.viewer.title
        self._tasks.quietly(
            tr("close {title}").format(title=title),
            lambda _task: row.viewer.close(timeout),
            on_failed=self.failed.emit,
            owner=self,
        )
        self.changed.emit()

    def _look(self) -> None:
        self._dress()
        for row in self.rows():
            status = row.viewer.status()
            if status.state != "exited" or row.told:
                continue
            row.told = True
            row.viewer.close()  # it is gone: this gives back what was kept for it, without waiting
            if row.leaving or not status.problem:
                self._forget(row)
            else:
                self.failed.emit(f"{row.viewer.title}: {status.problem}")
                self.changed.emit()
        if all(row.told for row in self._rows):
            self._timer.stop()

    def _forget(self, row: ViewerRow) -> None:
        self._book.remove(row.viewer)
        if row in self._rows:
            self._rows.remove(row)
            self.changed.emit()

    def _dress(self) -> None:
        ours = [row.viewer for row in self._rows]
        for viewer in tuple(self._undressed):
            if viewer.status().state in ("ready", "busy"):
                viewer.request("theme", dark=self._dark)
                self._undressed.remove(viewer)
            elif viewer not in ours:
                self._undressed.remove(viewer)


def _part_with(viewer: Viewer, timeout: float) -> None:
    """Close it; one that was kept open before and taken up again is let go once more."""
    if viewer.status().kept:
        with suppress(ParfocalError):  # it does not answer, and so stays as well
            viewer.detach()
    else:
        viewer.close(timeout)
