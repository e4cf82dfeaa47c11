"""Play a story through the real window: a step at each tick of a timer, and all closed at its end.

A story is a generator. Between two of its steps Qt has all the time that it wants.
"""

import signal
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from parfocal import ParfocalError
from parfocal.ui._engine_thread import ErrorsTo

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk
    from parfocal.ui.main_window import MainWindow

__all__ = ["Play", "StoryError", "until"]

TICK_MS = 40
CLOSE_S = 10.0

Value = TypeVar("Value")


class StoryError(ParfocalError):
    """A story did not come to its end; the sentence says where it stopped and why."""


def until(happened: Callable[[], bool], what: str, seconds: float) -> Generator[None]:
    """Yield until it happened; a StoryError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise StoryError(f"waited {seconds:.0f} s for {what}, in vain")
        yield


class Play(QObject, Generic[Value]):
    """Plays one story on a shown window; `name` is what its sentences call it."""

    def __init__(
        self, desk: "Desk", window: "MainWindow", story: Generator[None, None, Value], name: str
    ) -> None:
        super().__init__()
        self._name = name
        self._desk = desk
        self._window = window
        self._story = story
        self._outcome: Future[Value] = Future()
        self._interrupted = False
        self._answered = True
        self._earlier_handler: Any = None
        self._earlier_hook = sys.excepthook
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Start the ticks; Ctrl-C ends the story at the next one."""
        self._earlier_handler = signal.signal(signal.SIGINT, self._interrupt)
        self._earlier_hook, sys.excepthook = sys.excepthook, self._fail
        self._timer.start()

    def result(self) -> Value:
        """What came of it; raises why nothing did."""
        if not self._outcome.done():
            raise StoryError(f"the program was closed before {self._name} was over")
        result = self._outcome.result()
        if not self._answered:
            raise StoryError("the microscope did not answer when it was closed")
        return result

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _fail(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """An error in any slot of the window is a failure of the story; Qt would abort for it."""
        self._earlier_hook(kind, error, traceback)
        if not self._outcome.done():
            self._outcome.set_exception(StoryError(f"the window failed: {kind.__name__}: {error}"))

    def _tick(self) -> None:
        if not self._outcome.done():
            self._advance()
        if self._outcome.done():
            self._close()

    def _advance(self) -> None:
        with ErrorsTo(self._outcome):
            try:
                if self._interrupted:
                    raise KeyboardInterrupt
                if not self._window.isVisible():
                    raise StoryError(f"the window was closed before {self._name} was over")
                next(self._story)
            except StopIteration as end:
                self._outcome.set_result(end.value)

    def _close(self) -> None:
        self._timer.stop()
        signal.signal(signal.SIGINT, self._earlier_handler)
        sys.excepthook = self._earlier_hook
        self._story.close()
        # Before the window, which would ask about a run that is still going on.
        self._answered = self._desk.controller.shutdown(CLOSE_S)
        if not self._window.close():
            self._desk.close()
        self._window.deleteLater()
        QApplication.quit()
