"""Show a store in this very process: blocks until the window is closed."""

import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from parfocal.viewer._address import RingAddress
from parfocal.viewer._display import display_problem
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._link import Standing
from parfocal.viewer._process import viewer_environment

Message = dict[str, Any]


class PreparedRequests:
    """In place of a parent: asks one thing after the other, and keeps the answers."""

    standing = Standing.HELD
    publisher_gone = False

    def __init__(self, requests: Sequence[Message]) -> None:
        self.answers: list[Message] = []
        self._left = deque(enumerate(requests, start=1))
        self._awaited: int | None = None
        self._closing = False

    def close(self) -> None:
        """Ask the window to close, whatever else was to be asked."""
        self._closing = True

    def messages(self) -> list[Message]:
        """The next request, once the one before is answered."""
        if self._closing:
            self._closing = False
            return [{"op": "close", "id": 0, "values": {}}]
        if self._awaited is not None or not self._left:
            return []
        self._awaited, request = self._left.popleft()
        return [request | {"id": self._awaited}]

    def shows(self, standing: Standing) -> None:
        """Nobody else looks."""

    def send(self, message: Message) -> None:
        """Take an answer."""
        if "id" in message and message["id"] == self._awaited:
            self._awaited = None
            self.answers.append(message)


def show_here(
    store: Path,
    title: str,
    requests: Sequence[Message] = (),
    *,
    live: RingAddress | None = None,
    dark: bool = True,
) -> list[Message]:
    """Open napari in this process' main thread; the answers, when its window was closed."""
    if problem := display_problem():
        raise ViewerError(problem)
    for name in set(os.environ) - set(environment := viewer_environment()):
        del os.environ[name]
    os.environ.update(environment)
    prepared = PreparedRequests(requests)
    opening = {
        "store": str(store.absolute()),
        "title": title,
        "live": None if live is None else live.as_json(),
        "dark": dark,
    }
    with _interrupt_closes(prepared):
        try:
            from parfocal.viewer.child import run_window

            run_window(opening, prepared)
        except ImportError as error:
            raise ViewerError(f"napari cannot be loaded: {error}") from error
    for answer in prepared.answers:
        if "error" in answer:
            raise ViewerError(str(answer["error"]))
    return [answer["result"] for answer in prepared.answers]


@contextmanager
def _interrupt_closes(prepared: PreparedRequests) -> Iterator[None]:
    """Have Ctrl-C close the window first: an exception inside Qt would abort the process."""
    before = signal.getsignal(signal.SIGINT)
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        prepared.close()
        window = sys.modules.get("parfocal.viewer.child._window")
        if not hasattr(window, "ViewerWindow") and callable(before):
            before(number, frame)  # napari is still being imported

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
