"""Do work on files in a process of a Dask cluster, which knows of no queue.

Whoever asked for it looks in every second. One who was killed does not any more, and then the work
ends by itself, before another one may be asked to do it.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from parfocal import __version__
from parfocal.jobs._executor import Task, answer_of
from parfocal.jobs._pace import Pace

__all__ = ["do_remotely", "greet", "leave", "look_in"]

SILENT_S = 20.0
"""Less than a lease: when another worker may claim the job, nobody works on it any more."""
MOST_LEFT = 256


class RemotePace(Pace):
    """Of a piece of work that somebody far away looks after."""

    def __init__(self) -> None:
        super().__init__(lambda: self.held)
        self.held = False
        self.heard = time.monotonic()

    @property
    def stop(self) -> bool:
        """Also when nobody has looked in for long."""
        if time.monotonic() - self.heard > SILENT_S:
            self.cancelled.set()
        return super().stop


_lock = Lock()
_working: dict[str, RemotePace] = {}
_left: OrderedDict[str, None] = OrderedDict()


def do_remotely(told: Mapping[str, Any]) -> dict[str, Any]:
    """Do a piece of work, as a thread of the asking process would."""
    task, pace = Task.from_json(told), RemotePace()
    with _lock:
        if task.key in _left:
            pace.cancelled.set()
        _working[task.key] = pace
    try:
        return answer_of(task, pace)
    finally:
        with _lock:
            _working.pop(task.key, None)


def look_in(key: str, hold: bool) -> float | None:
    """How far it is, if it is done in this process; it stands still or goes on."""
    with _lock:
        pace = _working.get(key)
    if pace is None:
        return None
    pace.heard, pace.held = time.monotonic(), hold
    return pace.fraction


def leave(key: str) -> None:
    """Nobody wants it any more."""
    with _lock:
        _left[key] = None
        while len(_left) > MOST_LEFT:
            _left.popitem(last=False)
        if key in _working:
            _working[key].cancelled.set()


async def greet() -> str:
    """Which Parfocal this is."""
    return __version__
