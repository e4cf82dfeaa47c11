"""The states of a run: one table says which may follow which, one lock guards the change."""

import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["TABLE", "TERMINAL", "Control", "RunState"]


class RunState(StrEnum):
    """The words of a run; the window and the verbs show these very words."""

    PENDING = "pending"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    WAITING = "waiting"
    HOLDING = "holding"
    CANCELLING = "cancelling"
    FINISHING = "finishing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can follow."""
        return self in TERMINAL


TERMINAL = frozenset({RunState.COMPLETED, RunState.CANCELLED, RunState.FAILED})


def _table() -> Mapping[RunState, frozenset[RunState]]:
    s = RunState
    ends = {s.FINISHING, s.CANCELLING, s.FAILED}
    rows: dict[RunState, set[RunState]] = {
        s.PENDING: {s.PREPARING, s.CANCELLED},
        s.PREPARING: {s.RUNNING, s.WAITING, s.HOLDING, s.FAILED, s.CANCELLING},
        s.RUNNING: {s.PAUSING, s.WAITING, s.HOLDING, *ends},
        s.PAUSING: {s.PAUSED, s.RUNNING, *ends},
        s.PAUSED: {s.RUNNING, s.WAITING, s.HOLDING, *ends},
        s.WAITING: {s.RUNNING, s.PAUSING, *ends},
        s.HOLDING: {s.RUNNING, s.PAUSING, *ends},
        s.CANCELLING: {s.CANCELLED, s.FAILED},
        s.FINISHING: {s.COMPLETED, s.CANCELLING, s.FAILED},
        **{terminal: set() for terminal in TERMINAL},
    }
    return MappingProxyType({state: frozenset(after) for state, after in rows.items()})


TABLE = _table()

CAN_PAUSE = frozenset(
    {
        RunState.PENDING,
        RunState.PREPARING,
        RunState.RUNNING,
        RunState.PAUSING,
        RunState.WAITING,
        RunState.HOLDING,
    }
)


class Control:
    """What every thread may ask of a run, and the one condition that its feed sleeps on.

    `announce` is called after each change of state, without the lock, in the changing thread.
    """

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._changed = threading.Condition()
        self._state = RunState.PENDING
        self._reason = ""
        self._pause_requested = False
        self._stands: RunState | None = None  # at a wait or a hold
        self._released = False
        self._settled = False
        self.cancelled = threading.Event()

    @property
    def state(self) -> RunState:
        return self._state

    @property
    def reason(self) -> str:
        return self._reason

    @property
    def pause_requested(self) -> bool:
        return self._pause_requested

    def snapshot(self) -> tuple[RunState, str]:
        """State and reason that belong together."""
        with self._changed:
            return self._state, self._reason

    def go(self, state: RunState, reason: str | None = None) -> bool:
        """Change the state if the table allows it from here; a terminal state absorbs."""
        with self._changed:
            changed = self._change(state, reason)
        if changed:
            self._announce()
        return changed

    def begin(self, state: RunState) -> None:
        """Leave `preparing`; a pause that was asked for before is on its way from then on."""
        if self._state is not RunState.PREPARING:
            return
        self.go(state)
        if self._pause_requested:
            self.go(RunState.PAUSING)

    # ------------------------------------------------------------------ what people ask for

    def request_pause(self) -> None:
        with self._changed:
            if self._state not in CAN_PAUSE or self._pause_requested:
                return
            self._pause_requested = True
            self._changed.notify_all()
            changed = self._change(RunState.PAUSING)
        if changed:
            self._announce()

    def request_resume(self) -> None:
        with self._changed:
            if not self._pause_requested:
                return
            self._pause_requested = False
            self._changed.notify_all()
            # a paused feed goes on by itself: only then is it known how long the pause was
            changed = self._state is RunState.PAUSING and self._change(RunState.RUNNING)
        if changed:
            self._announce()

    def request_release(self, barrier: RunState) -> bool:
        """End the wait or hold that the feed stands at, paused or not; False when there is none.

        Whoever ends a hold says so: the wait behind it is not ended by a second click.
        """
        with self._changed:
            if self._stands is not barrier or self.cancelled.is_set():
                return False
            self._released = True
            self._changed.notify_all()
            return True

    def request_cancel(self, reason: str) -> bool:
        """True when this call was the one that began the cancelling."""
        with self._changed:
            if self._settled:
                return False  # too late: the store is being closed as complete
            # only a run that has not begun may jump: a second cancel once made a run cancelled
            # while its store was still being closed
            pending = self._state is RunState.PENDING
            began = self._change(RunState.CANCELLED if pending else RunState.CANCELLING, reason)
            if began:
                self.cancelled.set()
        if began:
            self._announce()
        return began

    def wake(self) -> None:
        """Have the feed look again: the plan was changed."""
        with self._changed:
            self._changed.notify_all()

    # ------------------------------------------------------------------ what the feed does

    def settle(self) -> bool:
        """Whether the run ends as complete; from then on a cancel comes too late.

        A cancel that came while the store was being closed once left a store that said completed
        and a run that said cancelled.
        """
        with self._changed:
            self._settled = self._state is RunState.FINISHING
            return self._settled

    def stay_while_paused(self, then: RunState = RunState.RUNNING) -> float:
        """At an event boundary: pause here if asked to, and return the seconds that it took."""
        with self._changed:
            if not self._pause_requested:
                return 0.0
            late = self._change(RunState.PAUSING)  # asked for when there was nothing to pause yet
        if late:
            self._announce()
        if not self.go(RunState.PAUSED):
            return 0.0
        began = time.perf_counter()
        with self._changed:
            self._changed.wait_for(lambda: not self._pause_requested or self.cancelled.is_set())
            lasted = time.perf_counter() - began
            resumed = self._change(then)
        if resumed:
            self._announce()
        return lasted

    def stand_at(self, barrier: RunState) -> None:
        """From here on somebody may release the feed."""
        with self._changed:
            self._stands, self._released = barrier, False

    def leave_barrier(self) -> bool:
        """Whether it was released."""
        with self._changed:
            self._stands = None
            return self._released

    @property
    def released(self) -> bool:
        """Whether the wait or hold that the feed stands at was released."""
        return self._released

    def sleep(self, seconds: float, unless: Callable[[], bool] = lambda: False) -> None:
        """Sleep, but wake at once for whatever is asked; not at all when it was asked already.

        `unless` is looked at with the lock held, so that nothing is asked unseen in between.
        """
        with self._changed:
            if not (self.cancelled.is_set() or unless()):
                self._changed.wait(min(seconds, threading.TIMEOUT_MAX))

    def _change(self, state: RunState, reason: str | None = None) -> bool:
        """With the lock held; whoever calls it announces the change after letting go of it."""
        if state not in TABLE[self._state]:
            return False
        self._state = state
        if reason is not None:
            self._reason = reason
        self._changed.notify_all()
        return True
