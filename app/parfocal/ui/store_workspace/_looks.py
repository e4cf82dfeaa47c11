"""Read what the visible rows show, nearest first, and keep it for as long as it is true."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.store import store_stamp
from parfocal.ui.store_workspace._glimpse import Glimpse, glimpse, size_of
from parfocal.ui.streamed import Streamed
from parfocal.ui.tasks import Task, Tasks

# About 25 kB each with its picture
KEPT = 2000
BREATH_S = 0.001


class Looks(QObject):
    """What stores look like, by path; `want` says which ones somebody sees now."""

    seen = pyqtSignal(object)
    """A `Glimpse` that is new."""
    settled = pyqtSignal()
    """All that was wanted has been read."""

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Path, Glimpse] = OrderedDict()
        self._near = Streamed(tasks, self, self._take)
        self._far = Streamed(tasks, self, self._take)
        self.read = 0

    @property
    def working(self) -> bool:
        """Whether something is being read."""
        return self._near.working or self._far.working

    def want(self, paths: Sequence[Path]) -> None:
        """Read these, which are visible; what was wanted before is left if it was not read yet."""
        self._near.ask("look at visible stores", self._reading(paths), self.settled.emit)

    def want_all(self, paths: Sequence[Path], *, sizes: bool) -> None:
        """Read the states of all of these in the background: a filter or an order needs them."""

        def read(task: Task, put: Callable[[Glimpse], None]) -> None:
            for path in paths:
                seen = glimpse(path, whole=False)
                if sizes:
                    size, counted = size_of(path, task.cancelled)
                    seen = replace(seen, size=size, size_is_whole=counted)
                put(seen)
                # the window and this thread take turns at Python: it is not to wait for 10,000
                task.cancelled.wait(BREATH_S)

        self._far.ask("look at all stores", read, self.settled.emit)

    def want_no_more(self) -> None:
        """Leave what is read in the background."""
        self._far.forget()

    def forget(self, paths: Iterable[Path]) -> None:
        """What was kept of these is not so any more."""
        for path in paths:
            self._kept.pop(path, None)

    def _reading(self, paths: Sequence[Path]) -> Callable[[Task, Callable[[Glimpse], None]], None]:
        kept = {path: self._kept[path] for path in paths if path in self._kept}

        def read(task: Task, put: Callable[[Glimpse], None]) -> None:
            fresh: list[Glimpse] = []
            for path in paths:
                task.report()  # leaves when something else is wanted
                old = kept.get(path)
                if old is None or not old.whole or old.may_change or store_stamp(path) != old.stamp:
                    put(seen := glimpse(path))
                    fresh.append(seen)
                elif old.size is None:
                    fresh.append(old)
            for seen in fresh:  # counting files takes long: states and pictures come before
                size, whole = size_of(seen.path, task.cancelled)
                put(replace(seen, size=size, size_is_whole=whole))

        return read

    def _take(self, seen: Glimpse) -> None:
        self.read += 1
        old = self._kept.get(seen.path)
        if old is not None and old.stamp == seen.stamp:
            seen = seen.with_more(old)
        if seen.whole:
            self._kept[seen.path] = seen
            self._kept.move_to_end(seen.path)
        while len(self._kept) > KEPT:
            _path, oldest = self._kept.popitem(last=False)
            self.seen.emit(replace(oldest, picture=None, whole=False))
        self.seen.emit(seen)
