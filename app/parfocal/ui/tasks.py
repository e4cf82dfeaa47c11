"""Do something slow for the window off its thread, with a name, progress, a result and a cancel."""

import itertools
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError

__all__ = ["Task", "TaskCancelled", "TaskState", "TaskStatus", "Tasks"]

logger = logging.getLogger(__name__)

# A check of a large store runs for minutes; thumbnails and preflights must not queue behind it,
# so they have threads of their own. Two each: the PC has an acquisition to run as well.
WORKERS_PER_LANE = 2
# Folders of stores may lie on a network disk that takes minutes to say that it is not there
BROWSERS = 4

Done = Callable[[Any], object]
Failed = Callable[[str], object]


class TaskState(StrEnum):
    """Where a task is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing more will happen to it."""
        return self not in (TaskState.QUEUED, TaskState.RUNNING)


class TaskCancelled(Exception):  # noqa: N818 - the word that a person reads
    """Raised inside a task's work to leave it when its cancel was asked for."""


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """What is known of a task at one moment; `progress` is 0..1, or None when it cannot be told."""

    number: int
    name: str
    state: TaskState
    progress: float | None = None
    message: str = ""
    details: str = ""
    result: Any = None
    error: str = ""
    queued_utc: datetime = field(default_factory=lambda: datetime.now(UTC))
    started_utc: datetime | None = None
    took_s: float | None = None


class Task:
    """One piece of work: its status may be read and its cancel asked for from any thread."""

    def __init__(self, number: int, name: str, work: "Work", tell: Callable[["Task"], None]):
        self.work = work
        self.listed = True
        self.later = False
        self.about: Path | None = None
        self.owner: QObject | None = None
        self.on_done: Done | None = None
        self.on_failed: Failed | None = None
        self._tell = tell
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._status = TaskStatus(number, name, TaskState.QUEUED)
        self._started_at = 0.0

    @property
    def status(self) -> TaskStatus:
        """The latest status."""
        with self._lock:
            return self._status

    @property
    def cancelled(self) -> threading.Event:
        """Set once a cancel was asked for; hand it to whatever waits."""
        return self._cancel

    def cancel(self) -> None:
        """Ask it to stop; queued work never starts, running work stops at its next report."""
        self._cancel.set()
        if self.status.state is TaskState.QUEUED:
            self._change(state=TaskState.CANCELLED)

    def report(self, progress: float | None = None, message: str = "", details: str = "") -> None:
        """Say how far the work is, and leave it if its cancel was asked for."""
        if self._cancel.is_set():
            raise TaskCancelled
        now = self.status
        self._change(
            progress=progress,
            message=message or now.message,
            details=details or now.details,
        )

    def execute(self) -> None:
        """Do the work in the calling thread and keep how it ended."""
        if self._cancel.is_set():
            self._finish(TaskState.CANCELLED)
            return
        self._started_at = time.monotonic()
        self._change(state=TaskState.RUNNING, started_utc=datetime.now(UTC))
        try:
            result = self.work(self)
        except TaskCancelled:
            self._finish(TaskState.CANCELLED)
        except ParfocalError as refusal:
            self._finish(TaskState.FAILED, error=str(refusal))
        except Exception as fault:
            # The edge of the pool: whatever a worker did wrong belongs to its task and to the log;
            # it must not take the thread, and every task after it, along.
            logger.exception("the task %r failed", self.status.name)
            self._finish(TaskState.FAILED, error=f"{type(fault).__name__}: {fault}")
        else:
            self._finish(TaskState.DONE, result=result, progress=1.0)

    def _finish(self, state: TaskState, **values: Any) -> None:
        took = time.monotonic() - self._started_at if self._started_at else None
        self._change(state=state, took_s=took, **values)

    def _change(self, **values: Any) -> None:
        with self._lock:
            if self._status.state.final:
                return
            self._status = replace(self._status, **values)
        self._tell(self)


Work = Callable[[Task], Any]


class Tasks(QObject):
    """The background work of this session: start it, list it, cancel it, wait for its end."""

    changed = pyqtSignal(object)
    """A listed task's new `TaskStatus`; in the window's thread."""
    cleared = pyqtSignal()

    _told = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._listed: dict[int, Task] = {}
        self._unfinished: set[Task] = set()
        self._tasks = _Lane("parfocal-task")
        self._looks = _Lane("parfocal-look")
        # one thread: what follows a run by itself must not take the disk from the next run
        self._later = _Lane("parfocal-later", workers=1, gives_way=True)
        # it does not give way: a thread that waits for a processor with Python's lock in its hand
        # held the window for 0.3 s
        self._browsers = _Lane("parfocal-browse", workers=BROWSERS)
        self._told.connect(self._hear)

    def start(
        self,
        name: str,
        work: Work,
        *,
        on_done: Done | None = None,
        on_failed: Failed | None = None,
        owner: QObject | None = None,
        later: bool = False,
        about: Path | None = None,
    ) -> Task:
        """Queue work that a person asked for; it is listed in Jobs.

        `about`: the store that it reads or writes, which must keep its name as long as that.

        `on_done(result)` and `on_failed(sentence)` are called in the window's thread, unless
        `owner` is gone by then. What nobody waits for comes `later`: one after the other, and
        with less of the processors than everything else.
        """
        task = self._queue(name, work, on_done, on_failed, owner, listed=True, later=later)
        task.about = about
        return task

    def quietly(
        self,
        name: str,
        work: Work,
        *,
        on_done: Done | None = None,
        on_failed: Failed | None = None,
        owner: QObject | None = None,
        far: bool = False,
    ) -> Task:
        """Queue a short look at something that nobody asked for by name: never listed in Jobs.

        What looks into folders of stores may be `far` away and slow: it has threads of its own.
        """
        lane = self._browsers if far else None
        return self._queue(name, work, on_done, on_failed, owner, lane=lane)

    def listed(self) -> tuple[TaskStatus, ...]:
        """Everything that a person asked for, oldest first."""
        return tuple(task.status for task in self._listed.values())

    def works_on(self, path: Path) -> str:
        """The name of what goes on, or waits, with a store; "" when nothing does."""
        names = (task.status.name for task in self._unfinished if task.about == path)
        return next(names, "")

    def cancel(self, number: int) -> None:
        """Ask one listed task to stop."""
        self._listed[number].cancel()

    def retry(self, number: int) -> Task:
        """Queue a finished task's work once more, as a new task."""
        old = self._listed[number]
        name, calls = old.status.name, (old.on_done, old.on_failed, old.owner)
        task = self._queue(name, old.work, *calls, listed=True, later=old.later)
        task.about = old.about
        return task

    def clear_finished(self) -> None:
        """Forget the listed tasks that are over."""
        self._listed = {n: task for n, task in self._listed.items() if not task.status.state.final}
        self.cleared.emit()

    def shutdown(self, timeout: float = 5.0) -> bool:
        """Cancel everything and wait; False when a thread is still inside its work by then."""
        for task in tuple(self._unfinished):
            task.cancel()
        deadline = time.monotonic() + timeout
        lanes = (self._tasks, self._looks, self._later, self._browsers)
        for lane in lanes:
            lane.close()
        ended = [lane.join(deadline) for lane in lanes]
        return all(ended)

    def _queue(
        self,
        name: str,
        work: Work,
        on_done: Done | None,
        on_failed: Failed | None,
        owner: QObject | None,
        *,
        listed: bool = False,
        later: bool = False,
        lane: "_Lane | None" = None,
    ) -> Task:
        task = Task(next(self._numbers), name, work, self._tell)
        task.listed, task.later, task.owner = listed, later, owner
        task.on_done, task.on_failed = on_done, on_failed
        self._unfinished.add(task)
        if listed:
            self._listed[task.status.number] = task
            self.changed.emit(task.status)
        usual = self._later if later else self._tasks if listed else self._looks
        (lane or usual).put(task)
        return task

    def _tell(self, task: Task) -> None:
        if not sip.isdeleted(self):
            self._told.emit(task)

    def _hear(self, task: Task) -> None:
        status = task.status
        if task.listed and status.number in self._listed:
            self.changed.emit(status)
        if not status.state.final or task not in self._unfinished:
            return
        self._unfinished.discard(task)
        if task.owner is not None and sip.isdeleted(task.owner):
            return
        if status.state is TaskState.DONE and task.on_done is not None:
            task.on_done(status.result)
        elif status.state is TaskState.FAILED and task.on_failed is not None:
            task.on_failed(status.error)


class _Lane:
    """A few threads over one queue; they start with the first work and end with `close`."""

    def __init__(
        self, name: str, workers: int = WORKERS_PER_LANE, *, gives_way: bool = False
    ) -> None:
        self._name = name
        self._workers = workers
        self._gives_way = gives_way
        self._queue: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def put(self, task: Task) -> None:
        if self._closed:
            task.cancel()
            return
        self._queue.put(task)
        if len(self._threads) < self._workers:
            # Whole, before anybody else asks for it: of two threads that import it at once, one
            # gets half of it, and whatever that one was to do has failed.
            import_module("numpy.typing")
            # daemons: a network disk that never answers must not keep the program from leaving
            thread = threading.Thread(
                target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        self._closed = True
        for _thread in self._threads:
            self._queue.put(None)

    def join(self, deadline: float) -> bool:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        if self._gives_way and sys.platform == "linux":  # where a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        while (task := self._queue.get()) is not None:
            task.execute()
