"""Follow one batch: a thread reads its account a few times a second and hands over what is new."""

import queue
import threading
from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError
from parfocal.convert import (
    Batch,
    BatchSnapshot,
    ItemState,
    change_control,
    look_at_batch,
    mark_seen,
    start_batch,
)

__all__ = ["BatchWatch"]

EVERY_S = 0.25
OVER_S = 3.0  # another program may go on with it
PATIENCE_S = 5.0


class BatchWatch(QObject):
    """The window's view of a batch. What is asked of the worker goes the same way, so that nothing
    of it touches the disk in the window's thread."""

    told = pyqtSignal(object)  # a BatchSnapshot that differs from the last one
    ended = pyqtSignal(object)  # the last one, once
    interrupted = pyqtSignal(object)  # its worker is gone, and it is not over
    failed = pyqtSignal(str)

    def __init__(self, batch: Batch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.batch = batch
        self.last: BatchSnapshot | None = None
        self.starting = False
        self._end_told = False
        self._wanted: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._left = threading.Event()
        self._thread = threading.Thread(
            target=self._follow, name="parfocal-conversion-watch", daemon=True
        )
        self._thread.start()

    def start(self) -> None:
        """Have it done, or gone on with: what failed or was cancelled is tried again."""
        self.starting = True
        self._ask(self._start)

    def pause(self, paused: bool) -> None:
        """Hold it before its next shard, or go on."""
        self._ask(lambda: change_control(self.batch.folder, paused=paused))

    def cancel(self, *numbers: int) -> None:
        """These items are not wanted any more."""
        self._ask(lambda: change_control(self.batch.folder, cancel=numbers))

    def seen(self) -> None:
        """Somebody read how it ended."""
        self._ask(lambda: mark_seen(self.batch))

    def close(self) -> None:
        """Look no more; the worker goes on."""
        self._left.set()
        self._woken.set()
        self._thread.join(PATIENCE_S)

    def _ask(self, work: Callable[[], object]) -> None:
        self._wanted.put(work)
        self._woken.set()

    def _start(self) -> None:
        """One that is over is begun again for what is not done; of one that was interrupted what
        was cancelled stays so."""
        now = look_at_batch(self.batch).progress
        again = [n for n, one in enumerate(now.items) if now.over and one.state != ItemState.DONE]
        change_control(self.batch.folder, paused=False, want=again)
        start_batch(self.batch)
        self._end_told = False

    def _follow(self) -> None:
        """In the thread."""
        while not self._left.is_set():
            self._woken.clear()
            self._obey()
            snapshot = look_at_batch(self.batch)
            if self._left.is_set() or sip.isdeleted(self):
                return
            worked = self.last is not None and self.last.working
            if snapshot != self.last:
                self.last = snapshot
                self.told.emit(snapshot)
            if worked and snapshot.interrupted:
                self.interrupted.emit(snapshot)
            if snapshot.progress.over and not snapshot.working and not self._end_told:
                self._end_told = True
                self.ended.emit(snapshot)
            self._woken.wait(OVER_S if self._end_told else EVERY_S)

    def _obey(self) -> None:
        """Do what was asked for."""
        while not self._wanted.empty():
            work = self._wanted.get()
            try:
                work()
            except (ParfocalError, OSError) as problem:
                if not self._left.is_set():
                    self.failed.emit(str(problem))
            self.starting = False
