"""Do slow things beside the window, in threads that never keep the process from ending."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Value = TypeVar("Value")
_Task = tuple["Future[Any]", Callable[[], Any]]


class Workers:
    """A few threads. Those of `concurrent.futures` are joined at exit, and a disk that hangs
    would hold a closed window's process for ever."""

    def __init__(self, count: int, name: str) -> None:
        # The newest first: what a slider has passed by can wait.
        self._tasks: queue.LifoQueue[_Task | None] = queue.LifoQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, call: Callable[[], Value]) -> "Future[Value]":
        """Have something done; cancel the future if nobody wants it any more."""
        future: Future[Value] = Future()
        self._tasks.put((future, call))
        return future

    def close(self) -> None:
        """Let the threads end after what they are at; what is still to do is not done."""
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, call = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except Exception as problem:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(problem)
