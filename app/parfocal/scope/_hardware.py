"""The one thread that talks to the hardware: ask it here, and no call is waited for without end.

A C++ call that never returns cannot be interrupted. It is left behind in this thread, so that a
run ends within a second of a stop, and the program can still be closed.
"""

import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

from parfocal.scope._errors import MicroscopeError, MicroscopeNotAnswering

__all__ = ["GRACE_S", "Hardware"]

Answer = TypeVar("Answer")

# from a stop to giving a call up; a stop takes effect within a second
GRACE_S = 0.7
# how often a waiting thread looks whether it was told to stop; the answer itself wakes it at once
LOOK_S = 0.02


class Call(Generic[Answer]):
    """One call under way: keeps what it returned or raised, whichever thread asks for it."""

    def __init__(self, work: Callable[[], Answer], what: str) -> None:
        self.what = what
        self.began: float | None = None
        self.abandoned = False
        self.ended = threading.Event()
        self._turn = threading.Lock()
        self._work = work
        self._answer: list[Answer] = []
        self._error: BaseException | None = None

    def give_up(self) -> bool:
        """Wait for it no more; False: it had not begun, and never will."""
        with self._turn:
            self.abandoned = True
            return self.began is not None

    def carry_out(self) -> None:
        with self._turn:
            if self.abandoned:  # nobody expects the stage to move now
                self.ended.set()
                return
            self.began = time.monotonic()
        with self:
            self._answer.append(self._work())
        del self._work  # it may hold a frame
        self.ended.set()

    def answer(self) -> Answer:
        if self._error is not None:
            raise self._error
        return self._answer.pop()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        # a Python device may raise any class at all; it belongs to whoever asked
        self._error = error
        return error is not None


class Hardware:
    """Carries out calls one after the other in a thread of its own."""

    def __init__(self, name: str, *, present: bool = True) -> None:
        self._name = name
        self._present = present
        self._calls: queue.SimpleQueue[Call[Any] | None] = queue.SimpleQueue()
        self._current: Call[Any] | None = None
        self._closed = False
        # a daemon: Python would otherwise wait at its exit for a device that never answers
        self._thread = threading.Thread(
            target=self._work, name=f"parfocal-hardware-{name}", daemon=True
        )
        if present:
            self._thread.start()

    @property
    def stuck_in(self) -> str:
        """What the call that was abandoned and has not come back should do; empty: none."""
        current = self._current
        return current.what if current is not None and current.abandoned else ""

    @property
    def abandoned(self) -> bool:
        """Asked from within a call: whether nobody waits for it any more."""
        current = self._current
        return current is not None and current.abandoned and self._is_here()

    def call(
        self,
        work: Callable[[], Answer],
        what: str,
        *,
        patience_s: float,
        takes_s: float = 0.0,
        cancelled: threading.Event | None = None,
        queues: bool = False,
    ) -> Answer:
        """Carry out `work` and return its answer, or raise what it raised.

        `what` completes "the microscope does not … ", `takes_s` is how long it rightly takes (an
        exposure), `patience_s` how much longer is waited. Once `cancelled` is set it is waited for
        the rest of the exposure and 0.7 s more. While a call that was abandoned has not come back
        nothing can be asked; a call that `queues` gives it `patience_s` to do so.
        """
        if not self._present:
            raise MicroscopeError(
                f"Microscope {self._name!r} has no hardware (safe mode), so it could not {what}; "
                "open another microscope."
            )
        if self._is_here():
            return work()
        began = time.monotonic()
        self._wait_for_the_last(began + patience_s if queues else began, cancelled)
        if self._closed:
            raise MicroscopeError(f"Microscope {self._name!r} is closed; open it again.")
        call = Call(work, what)
        self._calls.put(call)
        stopped: float | None = None
        while not call.ended.wait(LOOK_S):
            now = time.monotonic()
            if stopped is None and cancelled is not None and cancelled.is_set():
                stopped = now
            due = began + takes_s
            if stopped is not None and now > max(stopped, due) + GRACE_S:
                self._abandon(call, now - stopped, "after it was told to stop")
            if now > due + patience_s:
                self._abandon(call, now - began, "after it was asked")
        return call.answer()

    def close(self, timeout: float, last: Callable[[], object] | None = None) -> bool:
        """End the thread; False: it is stuck in a call and was left behind.

        `last` is done by the thread itself before, however late the call comes back.
        """
        self._closed = True
        if last is not None:
            self._calls.put(Call(last, "let go of its devices"))
        self._calls.put(None)
        if self._present:
            self._thread.join(0.0 if self.stuck_in else timeout)
        return not self._thread.is_alive()

    # ------------------------------------------------------------------ parts

    def _is_here(self) -> bool:
        return threading.current_thread() is self._thread

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            self._current = call
            call.carry_out()
            self._current = None
            del call

    def _wait_for_the_last(self, deadline: float, cancelled: threading.Event | None) -> None:
        """Give a call that was abandoned the time that a new one would have had.

        A run that skips what fails would otherwise skip all that is left within a millisecond.
        """
        last = self._current
        if last is None or not last.abandoned:
            return
        while not last.ended.wait(LOOK_S):
            stopped = cancelled is not None and cancelled.is_set()
            if stopped or time.monotonic() > deadline:
                raise MicroscopeNotAnswering(
                    f"Microscope {self._name!r} is not answering: it was asked to {last.what} and "
                    "has not come back; look at the device and reopen the microscope."
                )

    def _abandon(self, call: Call[Any], seconds: float, since: str) -> None:
        other = self._current
        begun = call.give_up()
        if call.ended.is_set():
            return
        if not begun:
            raise MicroscopeError(
                f"Microscope {self._name!r} could not {call.what}: it is busy"
                + ("." if other is None else f" ({other.what}).")
            )
        raise MicroscopeNotAnswering(
            f"Microscope {self._name!r} is not answering: it did not {call.what} within "
            f"{seconds:.1f} s {since}; look at the device and reopen the microscope."
        )
