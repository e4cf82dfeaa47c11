"""Outlive the terminal that the window was started from: `with outliving_the_terminal(): …`."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from PyQt6.QtCore import QTimer

log = logging.getLogger(__name__)

STREAMS = (0, 1, 2)


@contextmanager
def outliving_the_terminal() -> Iterator[None]:
    """A terminal that is closed takes neither the window nor its run along.

    It ended both at once, with shards open. A verb has nothing but its terminal and ends with it,
    cleanly; a window can still be seen and stopped. Under `nohup` nothing is to be done.
    """
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is None or signal.getsignal(hang_up) is signal.SIG_IGN:
        yield
        return
    spoken_to = [number for number in STREAMS if os.isatty(number)]

    def go_on(_number: int, _frame: FrameType | None) -> None:
        for number in spoken_to:  # whoever wrote to it would get an error
            _to_nobody(number)
        QTimer.singleShot(0, _say)

    before = signal.signal(hang_up, go_on)
    try:
        yield
    finally:
        signal.signal(hang_up, before)


def _to_nobody(stream: int) -> None:
    nobody = os.open(os.devnull, os.O_RDWR)
    os.dup2(nobody, stream)
    os.close(nobody)


def _say() -> None:
    log.warning("the terminal of this window was closed; the window goes on")
