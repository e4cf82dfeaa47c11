"""Keep one viewer started, napari imported and nothing shown, for the window that is wanted next.

Half of the time from a click to napari's first picture goes into its imports, which are the same
for every window. A waiting viewer has them behind it and sleeps; it holds 0.2 GB of memory.
"""

import atexit
import os
import subprocess
import threading

from parfocal.viewer._display import display_problem
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._process import start_child, viewer_environment

__all__ = ["keep_one_waiting", "let_waiting_go", "take_or_start"]

WAITS = "waiting"


class _Antechamber:
    """Where at most one viewer waits, by whatever thread it was called or is taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}
        self._given_up = False

    def keep(self) -> bool:
        with self._lock:
            if self._waiting is not None and self._waiting.poll() is not None:
                self._let_go()
                self._given_up = True  # it cannot be loaded; a real start will say why
            if self._given_up or display_problem():
                return False
            if self._waiting is None:
                self._environment = viewer_environment()
                try:
                    self._waiting = start_child(WAITS, str(os.getpid()))
                except ViewerError:
                    self._given_up = True
            return self._waiting is not None

    def take(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            one = self._waiting
            fits = self._environment == viewer_environment()
            if one is not None and one.poll() is None and fits:
                self._waiting = None
                return one
            self._let_go()
        return start_child()

    def let_go(self) -> None:
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        one, self._waiting = self._waiting, None
        if one is None:
            return
        one.kill()  # it has nothing to lose, and in the midst of its imports it hears nothing
        one.wait()
        for stream in (one.stdin, one.stdout, one.stderr):
            if stream is not None:
                stream.close()


_antechamber = _Antechamber()
atexit.register(_antechamber.let_go)


def keep_one_waiting() -> bool:
    """Have one viewer wait, starting it unless there is one; False when none can."""
    return _antechamber.keep()


def let_waiting_go() -> None:
    """End the one that waits, if there is one, as the end of this program does."""
    _antechamber.let_go()


def take_or_start() -> "subprocess.Popen[bytes]":
    """The one that waits, or a fresh one where none does or its environment has changed."""
    return _antechamber.take()
