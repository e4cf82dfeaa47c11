"""Stand at a wait, at a hold and at a pause, and tie the clock anew behind them."""

import math
import time
from collections.abc import Callable

from parfocal.plan import Policy
from parfocal.run._program import Place
from parfocal.run._shared import Shared
from parfocal.run._state import RunState

__all__ = ["Barriers"]

PLAN_DONE = "the plan is done; continue with more, or go on to close the store"


class Barriers:
    """What the feed does between events, in the engine's thread."""

    def __init__(self, shared: Shared, policy: Policy, shut: Callable[[], None]) -> None:
        self._shared = shared
        self._shut = shut  # nobody knows how long the sample would be in the light here
        self._shifts = policy == "shift"
        self.message: str | None = None
        """What the operator is asked to do, while the run holds."""
        self.ends: float | None = None
        """When the wait that goes on ends."""

    def pause(self, then: RunState = RunState.RUNNING) -> None:
        """Stay here as long as a pause is asked for."""
        clock = self._shared.clock
        self._shut()
        clock.pause(shifts=self._shifts)
        clock.resume(self._shared.control.stay_while_paused(then))

    def pass_by(self, place: Place) -> None:
        """Stand at the wait or hold that is next; returns early when the plan was changed."""
        assert place.step is not None  # the feed stands before a barrier
        self._shut()
        if place.step.kind == "wait":
            self._wait(place, place.step.seconds or 0.0)
        else:
            self._hold(place, place.step.message or "")

    def hold_at_the_end(self, place: Place) -> bool:
        """Keep the store open until somebody releases it (True) or adds to the plan."""
        self._shut()
        return self._stand(place, PLAN_DONE, place.schedule.duration_s)

    def _wait(self, place: Place, seconds: float) -> None:
        """It lasts its seconds from now, the last frame being taken, however late that was.

        A pause does not stop the countdown, and takes effect behind it. Somebody may end it
        before its time: what comes behind it counts from then, as behind a hold.
        """
        control, clock, program = self._shared.control, self._shared.clock, self._shared.program
        step = place.step
        assert step is not None
        ends = max(time.perf_counter(), clock.target(place.schedule.offset(step))) + seconds
        self.ends = ends
        clock.stand(step.due + seconds, ends)
        control.stand_at(RunState.WAITING)
        control.begin(RunState.WAITING)

        def asked() -> bool:
            resumed = control.state is RunState.RUNNING and not control.pause_requested
            return resumed or control.released or program.revision != place.revision

        while not control.cancelled.is_set() and program.revision == place.revision:
            if not control.pause_requested:
                control.go(RunState.WAITING)
            left = ends - time.perf_counter()
            if left <= 0 or control.released:
                if left > 0:
                    self._note_the_end(seconds, left)
                self._passed(place, ends - max(0.0, left))
                break
            control.sleep(left, unless=asked)
        control.leave_barrier()
        self.ends = None
        clock.pass_barrier()
        if control.pause_requested:
            self.pause()
        else:
            control.go(RunState.RUNNING)

    def _note_the_end(self, seconds: float, left: float) -> None:
        """That the run is ahead of its plan from here on, for who reads its times later."""
        told = {"seconds": seconds, "waited_s": round(seconds - left, 3)}
        self._shared.events.note("wait ended before its time", **told)

    def _hold(self, place: Place, message: str) -> None:
        assert place.step is not None
        if self._stand(place, message, place.step.due):
            self._passed(place, time.perf_counter())
        self._shared.clock.pass_barrier()

    def _stand(self, place: Place, message: str, due: float) -> bool:
        """True when it was released; a pause has no countdown to wait for, and begins at once."""
        control, program = self._shared.control, self._shared.program
        self._shared.clock.stand(due)
        self.message = message
        control.stand_at(RunState.HOLDING)
        control.begin(RunState.HOLDING)

        def asked() -> bool:
            changed = program.revision != place.revision
            return control.released or control.pause_requested or changed

        while not (control.cancelled.is_set() or program.revision != place.revision):
            if control.pause_requested:
                self.pause(then=RunState.HOLDING)
                continue
            if control.released:
                break
            control.go(RunState.HOLDING)
            control.sleep(math.inf, unless=asked)
        released = control.leave_barrier()
        self.message = None
        self._shared.clock.pass_barrier()
        control.go(RunState.RUNNING)
        return released and not control.cancelled.is_set()

    def _passed(self, place: Place, moment: float) -> None:
        """The barrier is done: what comes later counts from here."""
        shared, step = self._shared, place.step
        assert step is not None
        if not shared.program.take(1, place.revision, shared.control.cancelled):
            return
        for number, anchor in enumerate(place.schedule.anchors):
            if anchor.opened_by == step.ordinal:
                shared.clock.tie(number, moment, anchor.due)
