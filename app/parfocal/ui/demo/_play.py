"""Advance a story in the GUI thread at the ticks of a timer, and close everything at its end."""

import signal
import sys
from collections.abc import Generator
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from parfocal.ui._engine_thread import ErrorsTo
from parfocal.ui.demo._result import DemoError, DemoResult

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk
    from parfocal.ui.main_window import MainWindow

__all__ = ["Play"]

TICK_MS = 40
CLOSE_S = 10.0


class Play(QObject):
    """Between two steps of the story Qt has all the time that it wants: nothing blocks."""

    def __init__(
        self, desk: "Desk", window: "MainWindow", story: Generator[None, None, DemoResult]
    ) -> None:
        super().__init__()
        self._desk = desk
        self._window = window
        self._story = story
        self._outcome: Future[DemoResult] = Future()
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

    def result(self) -> DemoResult:
        """What came of it; raises why nothing did."""
        if not self._outcome.done():
            raise DemoError("the program was closed before the demo was over")
        result = self._outcome.result()
        if not self._answered:
            raise DemoError("the microscope did not answer when it was closed")
        return result

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _fail(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """An error in any slot of the window is a failure of the demo; Qt would abort for it."""
        self._earlier_hook(kind, error, traceback)
        if not self._outcome.done():
            self._outcome.set_exception(DemoError(f"the window failed: {kind.__name__}: {error}"))

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
                    raise DemoError("the window was closed before the demo was over")
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
