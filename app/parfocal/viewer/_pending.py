"""Keep the requests that a viewer has not answered yet."""

import itertools
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from parfocal.viewer._errors import ViewerError

MOST_PENDING = 64


@dataclass(frozen=True, slots=True)
class _Request:
    op: str
    deadline: float
    future: Future[dict[str, Any]]


class PendingRequests:
    """Requests by number; each ends with an answer, a refusal, its time or the viewer's end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._requests: dict[int, _Request] = {}
        self._ended = ""

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, op: str, timeout: float) -> tuple[int, Future[dict[str, Any]]]:
        """Note a request; its number goes with it and comes back with the answer."""
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            number = next(self._numbers)
            refusal = self._ended
            if len(self._requests) >= MOST_PENDING:
                refusal = f"the viewer has {MOST_PENDING} unanswered requests; not {op}"
            if not refusal:
                self._requests[number] = _Request(op, time.monotonic() + timeout, future)
        if refusal:
            _settle(future, ViewerError(refusal))
        return number, future

    def answer(self, number: object, result: object, error: object) -> None:
        """Give a request its answer; one that nobody waits for any more is let go."""
        request = self._pop(number) if isinstance(number, int) else None
        if request is None:
            return
        if isinstance(result, dict):
            _settle(request.future, result)
        else:
            _settle(request.future, ViewerError(str(error or f"no answer to {request.op}")))

    def expire(self) -> None:
        """Fail the requests whose time is over."""
        now = time.monotonic()
        late = [number for number, r in self._requests.copy().items() if r.deadline < now]
        for number in late:
            if request := self._pop(number):
                _settle(
                    request.future, ViewerError(f"the viewer did not answer {request.op} in time")
                )

    def end(self, reason: str) -> None:
        """Fail all that is pending, and refuse what comes."""
        with self._lock:
            self._ended = reason
            left, self._requests = list(self._requests.values()), {}
        for request in left:
            _settle(request.future, ViewerError(f"{reason} (asked for {request.op})"))

    def _pop(self, number: int) -> _Request | None:
        with self._lock:
            return self._requests.pop(number, None)


def _settle(future: Future[dict[str, Any]], outcome: "dict[str, Any] | ViewerError") -> None:
    # A caller may have cancelled it; from here on nobody can.
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, ViewerError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
