"""Hear the parent from inside a viewer child, and answer it."""

import os
import queue
import sys
import threading
import time
from typing import IO, Any, Protocol

from parfocal.viewer._control import PROTOCOL, ControlError, read_message, write_message

# An owned viewer is gone within 2 s of its parent, also when its window hangs.
_FAREWELL_S = 1.5


class Link(Protocol):
    """Whoever asks things of a viewer window."""

    lost: bool

    def messages(self) -> list[dict[str, Any]]: ...
    def send(self, message: dict[str, Any]) -> None: ...


class ParentLink:
    """The control pipe, polled by the window: messages that came, and whether the parent is gone.

    A thread of its own reads it, so that a parent that ends while napari is still starting, or
    while the window hangs, ends this process too.
    """

    def __init__(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        self._commands = commands
        self._answers = answers
        self._messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.lost = False

    def first(self) -> dict[str, Any]:
        """Wait for the opening message, then listen in the background."""
        opening = read_message(self._commands)
        if opening is None:
            raise ControlError("the parent closed the pipe before it said what to show")
        if opening.get("protocol") != PROTOCOL or opening.get("op") != "open":
            raise ControlError(f"the parent speaks another protocol than {PROTOCOL}")
        threading.Thread(target=self._listen, name="parent-link", daemon=True).start()
        return opening

    def messages(self) -> list[dict[str, Any]]:
        """Take the messages that came."""
        return [self._messages.get() for _ in range(self._messages.qsize())]

    def send(self, message: dict[str, Any]) -> None:
        """Answer; a parent that is gone hears nothing, which the listening thread notices."""
        try:
            write_message(self._answers, message)
        except OSError:
            self.lost = True

    def _listen(self) -> None:
        try:
            while (message := read_message(self._commands)) is not None:
                self._messages.put(message)
        except ControlError as error:
            # Garbage ends this conversation and nothing else: stay open until the pipe closes.
            sys.stderr.write(f"parfocal: {error}\n")
            while self._commands.read(4096):
                pass
        self.lost = True
        time.sleep(_FAREWELL_S)
        os._exit(0)
