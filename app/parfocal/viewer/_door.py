"""Listen, in a viewer that nobody holds, for a later program of the same person.

A local socket in a folder that only its owner can enter. Whoever knocks says the viewer's token;
a wrong one, garbage and silence close that connection and nothing else.
"""

import contextlib
import hmac
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import platformdirs

from parfocal.viewer._control import (
    PROTOCOL,
    ControlError,
    Message,
    receive_message,
    write_message,
)
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._identity import ProcessIdentity
from parfocal.viewer._peer import peer_of
from parfocal.viewer._record import DOOR, LOG, PREFIX, ViewerRecord

_GREETING_S = 2.0
_MOST_AT_ONCE = 8
_LONGEST_PATH = 100  # bytes; a socket's path has 107 on Linux and 103 on macOS
_ACCEPT_AGAIN_S = 0.1
_LAST_WORD_S = 1.0
_MOST_LOG_BYTES = 2**20

Admit = Callable[[socket.socket, ProcessIdentity], str]
"""Takes a greeted connection over; or says in a sentence why not."""


class Door:
    """The socket of one viewer, and the record that leads to it."""

    def __init__(self, record: ViewerRecord, listener: socket.socket) -> None:
        self.record = record
        self._listener = listener
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._writing = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, title: str, store: Path, *, kept: bool) -> "Door":
        """Make the socket and write the record."""
        if sys.platform == "win32":
            raise ViewerError("a viewer cannot be kept open on Windows yet; it ends with Parfocal")
        folder, own = _private_folder(), ProcessIdentity.own()
        record = ViewerRecord(
            own.pid,
            own.started,
            secrets.token_hex(32),
            folder,
            title,
            store,
            host=socket.gethostname(),
            kept=kept,
        )
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(folder / DOOR))
            listener.listen(_MOST_AT_ONCE)
            (folder / LOG).touch(mode=0o600)
            record.write()
        except (OSError, ViewerError) as error:
            listener.close()
            record.forget()
            raise ViewerError(f"the viewer {title!r} cannot be kept open: {error}") from error
        return cls(record, listener)

    def welcome(self, admit: Admit) -> None:
        """Let in whoever knows the token, in the background."""
        threading.Thread(
            target=self._accept, args=(admit,), name="viewer-door", daemon=True
        ).start()

    def tell(self, **changes: object) -> None:
        """Keep the record true; a state folder that cannot be written costs no viewer."""
        with self._writing:
            changed = replace(self.record, **changes)  # type: ignore[arg-type] # its own fields
            if changed != self.record and not self._closed:
                with contextlib.suppress(ViewerError):
                    changed.write()
                self.record = changed

    def keep_log_small(self) -> None:
        """Begin the log anew when somebody talks too much: nobody else is there to do it."""
        with contextlib.suppress(OSError):
            if self.record.log.stat().st_size > _MOST_LOG_BYTES:
                os.truncate(self.record.log, 0)

    def close(self) -> None:
        """Listen no more and leave nothing behind."""
        self._closed = True
        with contextlib.suppress(OSError):  # wakes the thread that listens
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # `tell` may be writing at this moment; on a disk that stands still it is not waited for.
        told = self._writing.acquire(timeout=_LAST_WORD_S)
        self.record.forget()
        if told:
            self._writing.release()

    def _accept(self, admit: Admit) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed; or out of descriptors, which may pass
                time.sleep(_ACCEPT_AGAIN_S)
                continue
            if not self._room.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=self._greet, args=(connection, admit), name="viewer-greets", daemon=True
            ).start()

    def _greet(self, connection: socket.socket, admit: Admit) -> None:
        admitted = False
        try:
            greeting = receive_message(connection, _GREETING_S) or {}
            visitor = self._recognise(connection, greeting)
            connection.settimeout(None)
            refusal = _other_version(greeting) or admit(connection, visitor)
            admitted = not refusal
            if refusal:
                with connection.makefile("wb") as answers:
                    write_message(answers, {"refused": refusal})
        except (ViewerError, OSError):
            pass  # not one of ours; it is told nothing
        finally:
            self._room.release()
            if not admitted:
                connection.close()

    def _recognise(self, connection: socket.socket, greeting: Message) -> ProcessIdentity:
        token = greeting.get("token")
        known = self.record.token.encode()
        if not isinstance(token, str) or not hmac.compare_digest(
            token.encode("utf-8", "replace"), known
        ):
            raise ControlError("a visitor does not know the token")
        if greeting.get("op") != "meet":
            raise ControlError("a visitor says something else than that it has come")
        peer = peer_of(connection)
        if peer is not None and peer.uid != os.getuid():
            raise ControlError("a visitor is another person's program")
        claimed = ProcessIdentity.from_json(greeting.get("visitor"))
        # In a container the same process may have another number; the token has decided already.
        return (peer and ProcessIdentity.of(peer.pid)) or claimed


def _other_version(greeting: Message) -> str:
    spoken = greeting.get("protocol")
    if spoken == PROTOCOL:
        return ""
    return (
        f"this viewer is of another version of Parfocal (it speaks protocol {PROTOCOL}, not"
        f" {spoken!r}); close its window"
    )


def _private_folder() -> Path:
    """A new folder that only its owner can enter, with a path short enough for a socket."""
    runtime = platformdirs.user_runtime_dir("parfocal", appauthor=False)
    longest = len(f"{runtime}/{PREFIX}12345678/{DOOR}".encode())
    with contextlib.suppress(OSError):
        if longest <= _LONGEST_PATH:
            Path(runtime).mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=runtime))
    try:
        return Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise ViewerError(
            f"there is no folder for a viewer's socket: {error.filename}: {error.strerror}"
        ) from error
