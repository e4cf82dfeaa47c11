"""Let the person at the terminal go on from a hold with the Enter key."""

import sys
import threading
import time

from parfocal import ParfocalError
from parfocal.cli._long_work import is_terminal
from parfocal.plan import Experiment, Hold
from parfocal.run import Run, RunState, RunStatus

__all__ = ["Operator", "refuse_holds_without_operator"]

# how long a released hold may take to end; one that stands longer is another one
RELEASING_S = 0.3


def refuse_holds_without_operator(experiment: Experiment, *, passes_holds: bool) -> None:
    """A run that nobody can release would hold for ever."""
    if passes_holds or is_terminal(sys.stdin):
        return
    for item in experiment.every_item:
        if isinstance(item, Hold):
            raise ParfocalError(
                f"the plan {experiment.name!r} holds for the operator ({item.message!r}), and "
                "there is no terminal to go on from; run it in one, or with --pass-holds"
            )


class Operator:
    """Asks on stderr at each hold, and takes Enter for the answer."""

    def __init__(self, run: Run, *, passes_holds: bool) -> None:
        self._run = run
        self._passes_holds = passes_holds
        self._waits = False
        self._listening: threading.Thread | None = None
        self._released = 0.0
        self._terminal_gone = False

    def look(self, status: RunStatus) -> None:
        """Called again and again while the run goes on."""
        self._waits = status.state is RunState.HOLDING and not self._passes_holds
        if status.state is not RunState.HOLDING:
            return
        if self._passes_holds:
            self._run.release()
        elif self._must_ask():
            _forget_what_was_typed()
            if sys.stderr is not None:
                sys.stderr.write(f"\r\x1b[K{status.message} [Enter to go on] ")
                sys.stderr.flush()
            self._listen()

    @property
    def waits(self) -> bool:
        """Whether the question must stay on the screen."""
        return self._waits

    def _must_ask(self) -> bool:
        """At a second hold right behind the first too, and after Ctrl-D, which is no Enter."""
        if self._terminal_gone or (self._listening is not None and self._listening.is_alive()):
            return False
        return time.monotonic() > self._released + RELEASING_S

    def _listen(self) -> None:
        """In a thread that nobody waits for: a terminal cannot be asked to stop being read."""
        self._listening = threading.Thread(target=self._read, name="parfocal-operator", daemon=True)
        self._listening.start()

    def _read(self) -> None:
        try:
            answer = sys.stdin.readline()
        except OSError:  # the window of the terminal was closed
            self._terminal_gone = True
            return
        if answer:
            self._run.release()
            self._released = time.monotonic()


def _forget_what_was_typed() -> None:
    """An Enter from minutes ago must not say that the drug is in."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
