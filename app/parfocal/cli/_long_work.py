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

BAR_WIDTH = 30
DRAW_S = 0.1

Show = Callable[[float, str], None]


def polite_signals() -> tuple[signal.Signals, ...]:
    """The wishes to stop: Ctrl-C, a polite kill, and a terminal that was closed or whose line went
    dead.

    What was ignored when we were started stays so: `nohup` means to survive the terminal, and the
    Ctrl-C that ends a shell's script is not for a job that it left in the background.
    """
    named = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has not the last one
    known = [one for one in signal.Signals if one.name in named]
    return tuple(one for one in known if signal.getsignal(one) is not signal.SIG_IGN)


def show_nothing(_done: float, _message: str = "") -> None:
    """For work that nobody looks at."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end; Python has no stream at all after `<&-` or `2>&-`."""
    return stream is not None and stream.isatty()


def write_to_terminal(stream: TextIO, text: str) -> None:
    """A terminal that was closed meanwhile shows nothing, and ends no work."""
    with contextlib.suppress(OSError):
        stream.write(text)
        stream.flush()


@dataclass(frozen=True, slots=True)
class LongWork:
    """What a verb hands to its work: `cancelled` is set by a polite signal."""

    cancelled: Event = field(default_factory=Event)
    show: Show = show_nothing


@contextlib.contextmanager
def long_work() -> Iterator[LongWork]:
    """Turn polite signals into a wish to stop for as long as the work lasts."""
    cancelled = Event()
    with asked_to_stop(lambda _signal: cancelled.set()), progress_bar() as show:
        yield LongWork(cancelled, show)


@contextlib.contextmanager
def asked_to_stop(stop: Callable[[int], object]) -> Iterator[None]:
    """Have every polite signal call `stop` with its number meanwhile."""

    def hear(number: int, _frame: FrameType | None) -> None:
        stop(number)

    before = {number: signal.signal(number, hear) for number in polite_signals()}
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
        write_to_terminal(sys.stderr, f"\r{bar} {done:4.0%}  {message} \x1b[K")

    try:
        yield show
    finally:
        if drawn:
            write_to_terminal(sys.stderr, "\r\x1b[K")
