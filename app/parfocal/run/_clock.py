"""Tell when things are due: seconds from where the clock was tied last, moved by pauses."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["Clock"]


class Tie(NamedTuple):
    """From which moment an anchor's offsets count, and what the plan says of that moment."""

    anchor: int
    moment: float
    due: float


class Barrier(NamedTuple):
    """A wait or hold that goes on: the plan's time at its end, and when that is (None: a hold)."""

    due: float
    ends: float | None


class Clock:
    """The clock of one run.

    It is tied at the first frame, and anew at the end of each wait and hold: what comes later is
    due so many seconds after that, however late the run was before.
    """

    def __init__(self) -> None:
        self.started: float | None = None
        self.started_utc: datetime | None = None
        self.finished: float | None = None
        self.finished_utc: datetime | None = None
        self._tie = Tie(0, time.perf_counter(), 0.0)
        self._barrier: Barrier | None = None
        self._shift = 0.0
        self._shifts = False
        self._paused = 0.0
        self._paused_since: float | None = None

    # ------------------------------------------------------------------ begin and end

    def open(self) -> None:
        """The feed begins: until the first frame, due times count from here."""
        self._tie = Tie(0, time.perf_counter(), 0.0)

    def expect_first(self, offset: float) -> None:
        """What is due `offset` after its anchor goes out now; it is late for nothing if it is the
        first, or all that the run was held up would be joined to it as overdue."""
        if self.started is None:
            self._tie = self._tie._replace(moment=time.perf_counter() - offset)
            self._shift = 0.0

    def start(self, moment: float, offset: float) -> None:
        """The first frame's acquisition began at `moment`; it is due `offset` after its anchor."""
        if self.started is None:
            self.started_utc = datetime.now(UTC)
            self._tie = self._tie._replace(moment=moment - offset)
            self._shift = 0.0
            self.started = moment

    def finish(self) -> None:
        self.finished_utc = datetime.now(UTC)
        self.finished = time.perf_counter()

    # ------------------------------------------------------------------ due times

    @property
    def anchor(self) -> int:
        """The anchor that offsets count from now."""
        return self._tie.anchor

    def tie(self, anchor: int, moment: float, due: float) -> None:
        """Offsets of `anchor` count from `moment`, where the plan's time is `due`."""
        self._tie = Tie(anchor, moment, due)
        self._shift = 0.0

    def target(self, offset: float) -> float:
        """The moment of what is due `offset` seconds after the anchor."""
        return self._tie.moment + offset + self._shift

    def until(self, offset: float) -> float:
        """Seconds until then, negative when it is past."""
        return self.target(offset) - time.perf_counter()

    def seconds_to(self, moment: float) -> float:
        """Seconds from now to a moment; never negative."""
        return max(0.0, moment - time.perf_counter())

    # ------------------------------------------------------------------ pauses and barriers

    def pause(self, *, shifts: bool) -> None:
        """A pause begins; `shifts`: it moves the due times, as one before the first frame does."""
        self._shifts = shifts or self.started is None
        self._paused_since = time.perf_counter()

    def resume(self, lasted: float) -> None:
        self._paused_since = None
        self._paused += lasted
        self._shift += lasted if self._shifts else 0.0

    def stand(self, due: float, ends: float | None = None) -> None:
        """A wait or hold begins; the plan's time at its end is `due`."""
        self._barrier = Barrier(due, ends)

    def pass_barrier(self) -> None:
        self._barrier = None

    # ------------------------------------------------------------------ what the status says

    def elapsed(self) -> float:
        """Seconds since the first frame."""
        if self.started is None:
            return 0.0
        return (self.finished or time.perf_counter()) - self.started

    def worked(self) -> float:
        """Seconds since the first frame, without pauses."""
        return self.elapsed() - self._paused - self._pausing()

    def plan_time(self) -> float:
        """How far the run is in the plan's own time; it stands still in a hold."""
        barrier = self._barrier
        now = time.perf_counter()
        if barrier is not None:
            return barrier.due - (0.0 if barrier.ends is None else max(0.0, barrier.ends - now))
        tie = self._tie
        moved = self._shift + (self._pausing() if self._shifts else 0.0)
        return tie.due + now - tie.moment - moved

    def _pausing(self) -> float:
        since = self._paused_since
        return 0.0 if since is None else time.perf_counter() - since
