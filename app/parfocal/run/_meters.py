"""Count what a run does while it does it; the status reads these numbers at any time."""

import bisect
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType

from parfocal import ParfocalError
from parfocal.run._status import RunError

__all__ = ["Clock", "ErrorLog", "Keeping", "LagMeter", "Progress", "Rate", "describe"]

_log = logging.getLogger(__name__)

MOST_DISTINCT_ERRORS = 100


class Clock:
    """When things are due: seconds from the first frame, moved by what a pause took (`shift`)."""

    def __init__(self) -> None:
        self.started: float | None = None
        self.started_utc: datetime | None = None
        self.finished: float | None = None
        self.finished_utc: datetime | None = None
        self.shift = 0.0
        self._shifts = False
        self._held = 0.0
        self._held_since: float | None = None
        self._opened = time.perf_counter()

    def open(self) -> None:
        """The feed begins: until the first frame, due times count from here."""
        self._opened = time.perf_counter()

    def start(self, moment: float) -> None:
        """The first frame's acquisition began at `moment`."""
        if self.started is None:
            self.started_utc = datetime.now(UTC)
            self.started = moment

    def finish(self) -> None:
        self.finished_utc = datetime.now(UTC)
        self.finished = time.perf_counter()

    def until(self, due: float) -> float:
        """Seconds until `due`, negative when it is past."""
        return self.target(due) - time.perf_counter()

    def seconds_to(self, moment: float) -> float:
        """Seconds from now to a moment that `target` gave; never negative."""
        return max(0.0, moment - time.perf_counter())

    def hold(self, *, shifts: bool) -> None:
        """A pause begins; `shifts`: it moves the due times."""
        self._shifts = shifts
        self._held_since = time.perf_counter()

    def release(self, lasted: float) -> None:
        self._held_since = None
        self._held += lasted
        self.shift += lasted if self._shifts else 0.0

    def moved(self) -> float:
        """How far due times have moved, by the pause that goes on too."""
        return self.shift + (self._holding() if self._shifts else 0.0)

    def worked(self) -> float:
        """Seconds since the first frame, without pauses."""
        return self.elapsed() - self._held - self._holding()

    def _holding(self) -> float:
        since = self._held_since
        return 0.0 if since is None else time.perf_counter() - since

    def target(self, due: float) -> float:
        start = self._opened if self.started is None else self.started
        return start + due + self.shift

    def elapsed(self) -> float:
        if self.started is None:
            return 0.0
        return (self.finished or time.perf_counter()) - self.started


class LagMeter:
    """How late each event began, in milliseconds; never more work than one ordered insert."""

    def __init__(self) -> None:
        self.newest: float | None = None
        self._ordered: list[float] = []

    def add(self, lag_ms: float) -> None:
        bisect.insort(self._ordered, lag_ms)
        self.newest = lag_ms

    def quantile(self, fraction: float) -> float | None:
        count = len(self._ordered)
        return self._ordered[min(count - 1, int(fraction * count))] if count else None


class Progress:
    """The counters of the engine thread.

    Each only grows, and is written before what follows it: a reader who asks for stored, acquired
    and fed in this order never sees one exceed the next.
    """

    def __init__(self) -> None:
        self.fed = 0
        self.acquired = 0
        self.skipped = 0
        self.raw_bytes = 0
        self.event = 0
        self.field = 0


class ErrorLog:
    """The errors that did not end the run; the same one again only counts up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._errors: dict[tuple[str, str, str], RunError] = {}

    def add(self, source: str, error: BaseException) -> None:
        key = (source, type(error).__name__, str(error))
        with self._lock:
            known = self._errors.get(key)
            if known is not None:
                self._errors[key] = replace(known, count=known.count + 1)
            elif len(self._errors) < MOST_DISTINCT_ERRORS:
                self._errors[key] = describe(source, error)

    def all(self) -> tuple[RunError, ...]:
        with self._lock:
            return tuple(self._errors.values())


class Keeping:
    """Around code of others: whatever error it raises is handed to `keep`, and goes no further.

    The one place where a run catches everything. A broken viewer must not cost the experiment,
    and a broken experiment must still close its store; `keep` puts the error into the status.
    """

    def __init__(self, keep: Callable[[Exception], None]) -> None:
        self._keep = keep

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        _log.debug("kept in the status of the run", exc_info=error)
        self._keep(error)
        return True


def describe(source: str, error: BaseException) -> RunError:
    """An exception as a value that the status can carry to another thread."""
    return RunError(
        source=source,
        type=type(error).__name__,
        message=str(error) or type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
        told=isinstance(error, ParfocalError),
    )


class Rate:
    """Bytes a second over the last seconds, from samples of a counter that only grows."""

    WINDOW_S = 2.0

    def __init__(self, counter: Callable[[], int]) -> None:
        self._counter = counter
        self._samples: list[tuple[float, int]] = []
        self.per_second = 0.0

    def sample(self) -> None:
        now = time.perf_counter()
        self._samples.append((now, self._counter()))
        while len(self._samples) > 2 and self._samples[1][0] < now - self.WINDOW_S:
            self._samples.pop(0)
        (before, less), (after, more) = self._samples[0], self._samples[-1]
        self.per_second = (more - less) / (after - before) if after > before else 0.0
