"""Tell how far a long piece of work is, and leave it when its cancel was asked for."""

from collections.abc import Callable
from threading import Event
from typing import TypeAlias

from parfocal.store._errors import StoreError

Progress: TypeAlias = Callable[[float, str], object]
"""Called with 0..1 and what is being done; what it raises ends the work cleanly."""

Between: TypeAlias = Callable[[], object]
"""Called between two pieces of work by whoever does them: it may wait; what it raises ends it."""


def go_on() -> None:
    """Nobody waits."""


class StoreCancelled(StoreError):  # noqa: N818 - the word that a person reads
    """The work was left because its cancel was asked for; nothing half made is kept."""


class Course:
    """The way of one piece of work from 0 to `total`, in whatever it counts."""

    def __init__(self, what: str, progress: Progress | None, cancelled: Event | None) -> None:
        self.total = 1.0
        self._what = what
        self._progress = progress
        self._cancelled = cancelled
        self._done = 0.0
        self._message = ""

    def say(self, message: str) -> None:
        """What is being done from now on."""
        self._message = message
        self.advance(0)

    def advance(self, amount: float) -> None:
        """So much more is done; raises `StoreCancelled` when it should end here."""
        if self._cancelled is not None and self._cancelled.is_set():
            raise StoreCancelled(f"{self._what} was cancelled")
        self._done += amount
        if self._progress is not None:
            self._progress(min(1.0, self._done / max(self.total, 1e-9)), self._message)
