"""Advance a story in the GUI thread at the ticks of a timer, and close everything at its end."""

import os
import signal
import sys
from collections.abc import Generator
from concurrent.futures import Future
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
        self._earlier_handler: Any = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Start the ticks; Ctrl-C ends the story at the next one."""
        self._earlier_handler = signal.signal(signal.SIGINT, self._interrupt)
        self._timer.start()

    def result(self) -> DemoResult:
        """What came of it; raises why nothing did."""
        if not self._outcome.done():
            raise DemoError("the program was closed before the demo was over")
        return self._outcome.result()

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _tick(self) -> None:
        with ErrorsTo(self._outcome):
            try:
                if self._interrupted:
                    raise KeyboardInterrupt
                if not self._window.isVisible():
                    raise DemoError("the window was closed before the demo was over")
                next(self._story)
            except StopIteration as end:
                self._outcome.set_result(end.value)
        if self._outcome.done():
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        signal.signal(signal.SIGINT, self._earlier_handler)
        self._story.close()
        desk = self._desk
        desk.viewers.close_all(CLOSE_S)
        desk.tasks.shutdown(CLOSE_S)
        answered = desk.controller.shutdown(CLOSE_S)
        self._window.close()
        self._window.deleteLater()
        QApplication.quit()
        if not answered:
            # Python would wait at its exit for the device that does not answer.
            sys.stderr.flush()
            os._exit(1)
