"""Talk with one other process: what is sent never waits, and garbage ends only this."""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from typing import IO

from parfocal.viewer._control import ControlError, Message, encode_message, read_message

_MOST_QUEUED = 128

Take = Callable[[Message], None]
Ended = Callable[[str], None]


class Conversation:
    """One thread hears, one speaks, so that a stopped partner stops neither window nor run.

    `take` is called with each message that comes, and may raise `ControlError`; `ended` once
    when no more can come, with a sentence if that was for garbage.
    """

    def __init__(
        self,
        incoming: IO[bytes],
        outgoing: IO[bytes],
        name: str,
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._name = name
        self._let_go = let_go
        self._outbox: queue.Queue[bytes | None] = queue.Queue(_MOST_QUEUED)
        self._threads: list[threading.Thread] = []

    @classmethod
    def over(cls, connection: socket.socket, name: str) -> "Conversation":
        """Talk over a connected socket, which is closed at the end."""

        def let_go() -> None:
            with contextlib.suppress(OSError):  # the partner was quicker
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

        return cls(connection.makefile("rb"), connection.makefile("wb"), name, let_go)

    def begin(self, take: Take, ended: Ended) -> None:
        """Listen and speak in the background."""
        hear = threading.Thread(
            target=self._hear, args=(take, ended), name=f"{self._name}-hears", daemon=True
        )
        speak = threading.Thread(target=self._speak, name=f"{self._name}-speaks", daemon=True)
        self._threads += [hear, speak]
        for thread in self._threads:
            thread.start()

    def send(self, message: Message) -> bool:
        """Queue a message; False when the partner takes none. A `ControlError` is our fault."""
        try:
            self._outbox.put_nowait(encode_message(message))
        except queue.Full:
            return False
        return True

    def hang_up(self) -> None:
        """Speak no more, after what is queued; when nothing can be queued, at once."""
        try:
            self._outbox.put_nowait(None)
        except queue.Full:
            # The partner reads nothing: what is queued would never be read either.
            with contextlib.suppress(queue.Empty):
                self._outbox.get_nowait()
            with contextlib.suppress(queue.Full):
                self._outbox.put_nowait(None)
            self._let_go()

    def join(self) -> None:
        """Wait until both threads are through: the partner is gone, or let both streams go."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _speak(self) -> None:
        # A partner that is gone is told by the hearing thread, not here.
        with contextlib.suppress(OSError, ValueError):
            while (packed := self._outbox.get()) is not None:
                self._outgoing.write(packed)
                self._outgoing.flush()
        with contextlib.suppress(OSError):
            self._outgoing.close()
        self._let_go()

    def _hear(self, take: Take, ended: Ended) -> None:
        reason = ""
        try:
            while (message := read_message(self._incoming)) is not None:
                take(message)
        except ControlError as error:
            reason = str(error)
        except (OSError, ValueError):  # reset by the partner, or closed by ourselves
            pass
        ended(reason)
        with contextlib.suppress(OSError):
            self._incoming.close()
