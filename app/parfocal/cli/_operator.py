"""Let the person at the terminal go on from a hold with the Enter key."""

import sys
import threading

from parfocal import ParfocalError
from parfocal.plan import Experiment, Hold
from parfocal.run import Run, RunState, RunStatus

__all__ = ["Operator", "refuse_holds_without_operator"]


def refuse_holds_without_operator(experiment: Experiment, *, passes_holds: bool) -> None:
    """A run that nobody can release would hold for ever."""
    if passes_holds or sys.stdin.isatty():
        return
    for item in experiment.every_item:
        if isinstance(item, Hold):
            raise ParfocalError(
                f"the plan {experiment.name!r} holds for the operator ({item.message!r}), and "
                "there is no terminal to go on from; run it in one, or with --pass-holds"
            )


class Operator:
    """Asks on stderr once a hold, and takes Enter for the answer."""

    def __init__(self, run: Run, *, passes_holds: bool) -> None:
        self._run = run
        self._passes_holds = passes_holds
        self._asked = ""
        self._listening: threading.Thread | None = None

    def look(self, status: RunStatus) -> None:
        """Called again and again while the run goes on."""
        if status.state is not RunState.HOLDING:
            self._asked = ""
        elif self._passes_holds:
            self._run.release()
        elif self._asked != status.message:
            self._asked = status.message
            sys.stderr.write(f"\r\x1b[K{status.message} [Enter to go on] ")
            sys.stderr.flush()
            self._listen()

    @property
    def waits(self) -> bool:
        """Whether the question must stay on the screen."""
        return bool(self._asked)

    def _listen(self) -> None:
        """In a thread that nobody waits for: a terminal cannot be asked to stop being read."""
        if self._listening is None or not self._listening.is_alive():
            self._listening = threading.Thread(
                target=self._read, name="parfocal-operator", daemon=True
            )
            self._listening.start()

    def _read(self) -> None:
        if sys.stdin.readline():
            self._run.release()
