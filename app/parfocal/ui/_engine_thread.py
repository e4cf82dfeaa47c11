"""Hand calls to the one thread that touches the hardware; they run there one after another."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeVar

from PyQt6.QtCore import QThread

Answer = TypeVar("Answer")


class EngineThread(QThread):
    """A QThread without an event loop: it takes the next call when the last one has returned."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("parfocal-engine")
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )

    def submit(self, call: Callable[[], Answer]) -> "Future[Answer]":
        """Queue `call`; its answer or its error comes through the future."""
        future: Future[Answer] = Future()
        self._calls.put((future, call))
        return future

    def finish(self) -> None:
        """Let the thread end after the calls that are queued already."""
        self._calls.put(None)

    def run(self) -> None:
        """Qt calls this in the new thread."""
        while (item := self._calls.get()) is not None:
            future, call = item
            if future.set_running_or_notify_cancel():
                with ErrorsTo(future):
                    future.set_result(call())


class ErrorsTo:
    """Carries an error of the block to whoever waits, instead of ending the thread with it."""

    def __init__(self, future: "Future[Any]") -> None:
        self._future = future

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            return False
        self._future.set_exception(error)
        return True
