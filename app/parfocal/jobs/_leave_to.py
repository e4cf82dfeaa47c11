"""Leave a piece of a stage's work to whoever its strip's configuration names, and wait for it."""

import itertools
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from parfocal.jobs._executor import Executor, Here, Task, refuse_failed
from parfocal.jobs._work import Work

__all__ = ["done_here", "leave_to"]

SOON_S, LATER_S = 0.01, 0.2

_PROCESS = uuid4().hex[:8]
"""One cluster may work for several queues with strips of the same name."""
_numbers = itertools.count()


def leave_to(
    work: Work, kind: str, told: Mapping[str, Any], *, start: float = 0.0, end: float = 1.0
) -> Mapping[str, Any]:
    """What came of it; it is between these fractions of the job."""
    return _wait(work, work.executor, kind, told, start, end)


def done_here(
    work: Work, kind: str, told: Mapping[str, Any], *, start: float = 0.0, end: float = 1.0
) -> Mapping[str, Any]:
    """The same, by this process: who takes raw data away has read them itself."""
    return _wait(work, Here(work.pace, work.strip.config.cpu_affinity), kind, told, start, end)


def _wait(
    work: Work, executor: Executor, kind: str, told: Mapping[str, Any], start: float, end: float
) -> Mapping[str, Any]:
    pace = work.pace
    key = f"{_PROCESS}/{work.job.key}/{work.job.lease}/{kind}/{next(_numbers)}"
    handle = executor.submit(Task(key, kind, told))
    patience = SOON_S
    while True:
        if pace.stop:
            executor.cancel(handle)
            break
        seen = executor.poll(handle, hold=pace.yields)
        pace.fraction = start + (end - start) * seen.fraction
        if seen.answer is not None:
            break
        time.sleep(patience)
        patience = min(LATER_S, 2 * patience)
    pace.breathe()
    assert seen.answer is not None
    return refuse_failed(seen.answer)
