"""Show a store in this very process: blocks until the window is closed."""

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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

    def messages(self) -> list[Message]:
        """The next request, once the one before is answered."""
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


def show_here(store: Path, title: str, requests: Sequence[Message] = ()) -> list[Message]:
    """Open napari in this process' main thread; the answers, when its window was closed."""
    if problem := display_problem():
        raise ViewerError(problem)
    for name in set(os.environ) - set(environment := viewer_environment()):
        del os.environ[name]
    os.environ.update(environment)
    prepared = PreparedRequests(requests)
    from parfocal.viewer.child import run_window

    run_window({"store": str(store.absolute()), "title": title}, prepared)
    for answer in prepared.answers:
        if "error" in answer:
            raise ViewerError(str(answer["error"]))
    return [answer["result"] for answer in prepared.answers]
