"""Carry out tasks in a few threads, first come first served; one that hangs is left behind."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Workers"]

Task = TypeVar("Task")

LOOK_S = 0.1
# Python cannot end a thread: each one that hangs stays, with the picture that it holds
MOST_LOST = 8


class Workers(Generic[Task]):
    """Threads begin with the first task.

    A task that takes longer than `patience(task)` seconds is given to `given_up`, and another
    thread takes the place of the one that hangs; what that one does later changes nothing.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[Task], None],
        *,
        patience: Callable[[Task], float],
        given_up: Callable[[Task], None],
    ) -> None:
        self._count = count
        self._work = work
        self._patience = patience
        self._given_up = given_up
        self._changed = threading.Condition()
        self._waiting: deque[Task] = deque()
        self._running: dict[int, tuple[Task, float]] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._lost = 0
        self._numbers = 0
        self._closed = False
        self._stop = threading.Event()
        self._overseer: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many tasks nobody has begun."""
        return len(self._waiting)

    @property
    def unfinished(self) -> int:
        """How many tasks are not done."""
        with self._changed:
            return len(self._waiting) + len(self._running)

    def submit(self, task: Task) -> bool:
        """Have a task done; never waits. False when they were closed."""
        with self._changed:
            if self._closed:
                return False
            self._waiting.append(task)
            if self._overseer is None:
                self._overseer = threading.Thread(
                    target=self._oversee, name="parfocal-react-overseer", daemon=True
                )
                self._overseer.start()
            wanted = min(self._count, len(self._waiting) + len(self._running))
            if len(self._threads) < wanted and self._lost < MOST_LOST:
                self._begin()
            self._changed.notify_all()
            return True

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything is done; False when the time was over first."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._running), timeout_s)

    def close(self, patience_s: float = 1.0) -> list[Task]:
        """Begin nothing more, and give back what was not begun. Twice is fine.

        What is being done is waited for a moment; then it is left behind.
        """
        self._stop.set()
        with self._changed:
            self._closed = True
            dropped = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            threads = [*self._threads.values()]
        deadline = time.perf_counter() + patience_s
        for thread in threads:
            thread.join(max(0.0, deadline - time.perf_counter()))
        with self._changed:
            hanging = [task for task, _ in self._running.values()]
            self._running.clear()
            self._threads.clear()
        if self._overseer is not None:
            self._overseer.join(patience_s)
        return [*dropped, *hanging]

    # ------------------------------------------------------------------ threads

    def _begin(self) -> None:
        """With the lock held."""
        self._numbers += 1
        number = self._numbers
        thread = threading.Thread(
            target=self._serve, args=(number,), name=f"parfocal-react-{number}", daemon=True
        )
        self._threads[number] = thread
        thread.start()

    def _serve(self, number: int) -> None:
        while (task := self._next(number)) is not None:
            self._work(task)
            with self._changed:
                if self._running.pop(number, None) is None:
                    self._lost -= 1  # it was given up, and another one is in my place
                    return
                self._changed.notify_all()

    def _next(self, number: int) -> Task | None:
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            task = self._waiting.popleft()
            self._running[number] = task, time.perf_counter()
            return task

    def _oversee(self) -> None:
        while not self._stop.wait(LOOK_S):
            with self._changed:
                overdue = self._take_overdue()
            for task in overdue:
                self._given_up(task)
            with self._changed:
                self._changed.notify_all()

    def _take_overdue(self) -> list[Task]:
        """With the lock held: what hangs; and all there is, once too many threads hang."""
        now = time.perf_counter()
        overdue = []
        for number, (task, began) in list(self._running.items()):
            if now - began > self._patience(task):
                del self._running[number]
                del self._threads[number]
                overdue.append(task)
                self._lost += 1
                if self._lost < MOST_LOST and not self._closed:
                    self._begin()
        if not self._threads and self._lost >= MOST_LOST:
            overdue += self._waiting
            self._waiting.clear()
        return overdue
