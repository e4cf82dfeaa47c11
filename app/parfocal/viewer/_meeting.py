"""Meet a viewer that another program left open: knock at its door, and know its process."""

import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from parfocal.viewer._control import (
    PROTOCOL,
    ControlError,
    Message,
    encode_message,
    receive_message,
)
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._identity import ProcessIdentity
from parfocal.viewer._peer import peer_of
from parfocal.viewer._reason import explain_exit
from parfocal.viewer._record import ViewerRecord

_LOG_BYTES = 32 * 1024
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Meeting:
    """A viewer that let us in: the connection, its record as it is now, whether it has a window."""

    connection: socket.socket
    record: ViewerRecord
    window_up: bool


def knock(record: ViewerRecord, timeout: float) -> Meeting:
    """Be let in by the viewer of a record."""
    if not record.identity.lives:
        record.forget()
        raise ViewerError(f"the viewer {record.title!r} has ended (process {record.pid})")
    if sys.platform == "win32":
        raise ViewerError("a viewer cannot be met again on Windows yet")
    with ExitStack() as unless_let_in:
        connection = unless_let_in.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        connection.settimeout(timeout)
        try:
            connection.connect(str(record.door))
            peer = peer_of(connection)
            # The token goes to the very process of the record and to no other.
            if peer is not None and (peer.uid != os.getuid() or peer.pid != record.pid):
                raise ViewerError(f"another process answers for the viewer {record.title!r}")
            answer = _greet(connection, record.token, timeout)
        except TimeoutError as late:
            raise ViewerError(
                f"the viewer {record.title!r} (process {record.pid}) does not answer"
            ) from late
        except OSError as error:
            raise ViewerError(
                f"the viewer {record.title!r} cannot be met: {error.strerror or error}"
            ) from error
        connection.settimeout(None)
        unless_let_in.pop_all()
    return Meeting(connection, _as_described(record, answer), bool(answer.get("window")))


def _greet(connection: socket.socket, token: str, timeout: float) -> Message:
    visitor = ProcessIdentity.own().as_json()
    greeting = {"protocol": PROTOCOL, "op": "meet", "token": token, "visitor": visitor}
    connection.sendall(encode_message(greeting))
    answer = receive_message(connection, timeout)
    if answer is None:
        raise ViewerError("the viewer does not know this record's token")
    if "refused" in answer:
        raise ViewerError(str(answer["refused"]))
    if not isinstance(answer.get("met"), dict):
        raise ControlError("a viewer did not say that it was met")
    return dict(answer["met"])


def _as_described(record: ViewerRecord, met: Message) -> ViewerRecord:
    return replace(
        record,
        title=str(met.get("title", record.title)),
        store=Path(str(met.get("store", record.store))),
        kept=bool(met.get("kept")),
    )


class MetProcess:
    """A viewer that another program started; only its very process is ever ended."""

    ours = False
    exit_code = None

    def __init__(self, record: ViewerRecord) -> None:
        self._record = record
        self._ended = False
        self._said = ""
        self._problem = ""

    @property
    def pid(self) -> int:
        """Its number."""
        return self._record.pid

    @property
    def log(self) -> str:
        """The end of what it wrote since it was left."""
        return self._said if self._ended else _end_of(self._record.log)

    @property
    def problem(self) -> str:
        """Why it ended; empty when it ended as it should."""
        return self._problem

    def wait(self, timeout: float) -> bool:
        """Wait for its end; False when the time was over first."""
        deadline = time.monotonic() + timeout
        while self._record.identity.lives:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_S)
        if not self._ended:
            self._said = _end_of(self._record.log)
            # One that ends as it should takes its record along.
            if self._record.path.exists():
                self._problem = explain_exit(None, self._said)
            self._ended = True
            self._record.forget()
        return True

    def terminate(self) -> None:
        """Ask the system to end it."""
        self._record.identity.signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it: a stopped process obeys nothing less."""
        self._record.identity.signal(getattr(signal, "SIGKILL", signal.SIGTERM))


def _end_of(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
