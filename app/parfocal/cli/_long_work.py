"""Let a verb work for long: Ctrl-C is a wish and no exception, and a terminal shows a bar."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from types import FrameType
from typing import TextIO

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BAR_WIDTH = 30
DRAW_S = 0.1

Show = Callable[[float, str], None]


def show_nothing(_done: float, _message: str = "") -> None:
    """For work that nobody looks at."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end; Python has no stream at all after `<&-` or `2>&-`."""
    return stream is not None and stream.isatty()


@dataclass(frozen=True, slots=True)
class LongWork:
    """What a verb hands to its work: `cancelled` is set by Ctrl-C and by a polite kill."""

    cancelled: Event = field(default_factory=Event)
    show: Show = show_nothing


@contextlib.contextmanager
def long_work() -> Iterator[LongWork]:
    """Turn SIGINT and SIGTERM into a wish to stop for as long as the work lasts."""
    cancelled = Event()
    with asked_to_stop(lambda _signal: cancelled.set()), progress_bar() as show:
        yield LongWork(cancelled, show)


@contextlib.contextmanager
def asked_to_stop(stop: Callable[[int], object]) -> Iterator[None]:
    """Have Ctrl-C and a polite kill call `stop` with the signal's number meanwhile.

    What was ignored when we were started stays so: the Ctrl-C that ends a shell's script is not
    for a job that it left in the background.
    """

    def hear(number: int, _frame: FrameType | None) -> None:
        stop(number)

    heard = [one for one in SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def progress_bar() -> Iterator[Show]:
    """A bar on stderr when a person looks at it; nothing in a pipe."""
    drawn = 0.0

    def show(done: float, message: str = "") -> None:
        nonlocal drawn
        if not is_terminal(sys.stderr) or monotonic() < drawn + DRAW_S:
            return
        drawn = monotonic()
        filled = round(done * BAR_WIDTH)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        sys.stderr.write(f"\r{bar} {done:4.0%}  {message} \x1b[K")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
