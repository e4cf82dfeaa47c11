"""Let a verb work for long: Ctrl-C is a wish and no exception, and a terminal shows a bar."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BAR_WIDTH = 30
DRAW_S = 0.1


@dataclass(slots=True)
class LongWork:
    """What a verb hands to its work: `cancelled` is set by Ctrl-C and by a polite kill."""

    cancelled: Event = field(default_factory=Event)
    _drawn: float = 0.0

    def show(self, done: float, message: str = "") -> None:
        """Draw the bar on stderr when a person looks at it; nothing in a pipe."""
        if not sys.stderr.isatty() or monotonic() < self._drawn + DRAW_S:
            return
        self._drawn = monotonic()
        filled = round(done * BAR_WIDTH)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        sys.stderr.write(f"\r{bar} {done:4.0%}  {message} \x1b[K")
        sys.stderr.flush()


@contextlib.contextmanager
def long_work() -> Iterator[LongWork]:
    """Turn SIGINT and SIGTERM into a wish to stop for as long as the work lasts."""
    work = LongWork()

    def stop(_number: int, _frame: FrameType | None) -> None:
        work.cancelled.set()

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield work
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if work._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
