"""Hear piece by piece what a thread finds, without keeping the window from anything else."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QTimer

from parfocal.ui.tasks import Task, TaskCancelled, Tasks

__all__ = ["Streamed"]

BEAT_MS = 25
# of the window's time for each beat; what is left comes with the next one
BUDGET_S = 0.008
# A thread that finds faster than the window can show waits: nothing piles up
MOST_WAITING = 24
WAIT_S = 0.005

Put = Callable[[Any], None]


class Streamed:
    """One question at a time: a new one drops the one before, with what it still had to say."""

    def __init__(
        self,
        tasks: Tasks,
        owner: QObject,
        take: Callable[[Any], object],
        *,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._tasks = tasks
        self._owner = owner
        self._take = take
        self._after = after  # called once when some pieces were taken
        self._waiting: deque[Any] = deque()
        self._task: Task | None = None
        self._done: Callable[[], object] = lambda: None
        self._timer = QTimer(owner)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    @property
    def working(self) -> bool:
        """Whether more may come."""
        return self._timer.isActive()

    def ask(
        self,
        name: str,
        work: Callable[[Task, Put], object],
        done: Callable[[], object] = lambda: None,
    ) -> None:
        """Have `work(task, put)` done in a thread; `take` gets what it puts, in this one."""
        self.forget()
        waiting = self._waiting = deque[Any]()
        self._done = done

        def run(task: Task) -> None:
            def put(piece: Any) -> None:
                while len(waiting) >= MOST_WAITING and not task.cancelled.is_set():
                    time.sleep(WAIT_S)
                if task.cancelled.is_set():
                    raise TaskCancelled
                waiting.append(piece)

            work(task, put)

        self._task = self._tasks.quietly(name, run, owner=self._owner, far=True)
        self._timer.start()

    def forget(self) -> None:
        """Want nothing more of it."""
        self._timer.stop()
        self._waiting = deque()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _beat(self) -> None:
        until = time.perf_counter() + BUDGET_S
        task = self._task
        ended = task is None or task.status.state.final  # asked first: then nothing more is put
        some = len(self._waiting)  # what comes while these are taken waits for the next beat
        for _ in range(some):
            self._take(self._waiting.popleft())
            if self._task is not task or time.perf_counter() > until:
                break
        if some:
            self._after()
        if ended and not self._waiting and self._task is task:
            self._timer.stop()
            self._task = None
            self._done()
