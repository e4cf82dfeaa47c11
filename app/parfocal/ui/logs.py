"""Keep what happened: a rotating log file, a crash file, and faults told as toasts.

A fault in a slot or a thread never closes the window: it goes to the log and to the bell.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from platformdirs import user_log_path
from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from parfocal import ParfocalError
from parfocal.ui.text import tr
from parfocal.ui.toasts import Button, Toasts

log = logging.getLogger("parfocal")
LARGEST = 2_000_000  # bytes of one file
FILES_KEPT = 5
FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def folder() -> Path:
    """Where this user's logs are."""
    return user_log_path("parfocal", appauthor=False)


class LogFile(RotatingFileHandler):
    """A log whose disk may fill up: that is told once, not printed with each line."""

    def __init__(self, path: Path, tell: Callable[[str], object]) -> None:
        super().__init__(path, maxBytes=LARGEST, backupCount=FILES_KEPT, encoding="utf-8")
        self._tell = tell
        self._told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say that a line could not be written."""
        problem = sys.exception()
        if not isinstance(problem, OSError):
            super().handleError(record)
        elif not self._told:
            self._told = True
            self._tell(_no_log(problem))

    def close(self) -> None:
        """Close the file; what does not fit on its disk any more is lost."""
        with suppress(OSError):
            super().close()


class LogFiles:
    """The log and the crash file, from `open` to `close`; `problem` says why there are none.

    `tell` hears of a problem that comes later, in whichever thread.
    """

    def __init__(self) -> None:
        self.problem = ""
        self.tell: Callable[[str], object] = lambda _sentence: None
        self._handler: logging.Handler | None = None
        self._crashes: TextIO | None = None
        self._level = logging.WARNING

    def open(self) -> None:
        """Begin to write; a home that cannot be written is a problem to tell, not a fault."""
        try:
            folder().mkdir(parents=True, exist_ok=True)
            self._crashes = (folder() / "crash.log").open("a", encoding="utf-8")
            self._handler = LogFile(folder() / "parfocal.log", lambda words: self.tell(words))
        except OSError as problem:
            self.problem = _no_log(problem)
            return
        faulthandler.enable(self._crashes)
        self._handler.setFormatter(logging.Formatter(FORMAT))
        self._handler.setLevel(logging.INFO)  # numcodecs tells of every codec it registers
        self._level = log.level
        log.setLevel(logging.INFO)
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        """Write no more."""
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            log.setLevel(self._level)
            self._handler.close()
            self._handler = None
        if self._crashes is not None:
            faulthandler.disable()
            with suppress(OSError):
                self._crashes.close()
            self._crashes = None


def _no_log(problem: OSError) -> str:
    return tr("No log can be kept in {folder}: {problem}").format(
        folder=folder(), problem=problem.strerror or problem
    )


class FaultHooks:
    """Sends what nobody caught to the log and to the toasts, from `install` to `remove`."""

    def __init__(self, toasts: Toasts, show_logs: Callable[[], object]) -> None:
        self._toasts = toasts
        self._buttons: tuple[Button, ...] = ((tr("Show logs"), show_logs),)
        self._before: tuple[object, ...] | None = None

    def install(self) -> None:
        """Take over from Python's and Qt's own ends, which abort or print."""
        before = qInstallMessageHandler(self._qt_says)
        self._before = (sys.excepthook, threading.excepthook, before)
        sys.excepthook = self.tell
        threading.excepthook = self._thread_failed

    def remove(self) -> None:
        """Put everything back as it was."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, before = self._before  # type: ignore[assignment] # three hooks of three types
            qInstallMessageHandler(before)  # type: ignore[arg-type] # what Qt gave us
            self._before = None

    def tell(
        self,
        kind: type[BaseException],
        fault: BaseException,
        where: TracebackType | None,
    ) -> None:
        """Log a fault and show it; a refusal in our own words is shown as it is."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, fault, where)
            return
        if isinstance(fault, ParfocalError):
            log.warning("%s", fault)
            self._toasts.show(str(fault), "error")
            return
        log.error("a fault that nobody caught", exc_info=(kind, fault, where))
        sentence = tr("Something went wrong inside: {fault}. The program goes on.").format(
            fault=f"{kind.__name__}: {fault}" if str(fault) else kind.__name__
        )
        details = "".join(traceback.format_exception(kind, fault, where))
        self._toasts.show(sentence, "error", buttons=self._buttons, detail=details)

    def _thread_failed(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self.tell(what.exc_type, what.exc_value, what.exc_traceback)

    def _qt_says(self, grave: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
        level = LEVELS.get(grave, logging.WARNING)
        logging.getLogger("parfocal.qt").log(level, "%s", message)
        if level >= logging.ERROR:
            self._toasts.show(
                tr("Qt reports: {message}").format(message=message), "error", buttons=self._buttons
            )
