"""One window a person: a second start hands its plan or store to the first and leaves."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import partial
from pathlib import Path

from platformdirs import user_config_path
from PyQt6.QtCore import QDir, QLockFile, QObject, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

from parfocal import ParfocalError
from parfocal.ui.text import tr

ANSWER_MS = 3000
STARTING_MS = 20_000  # the other one may be starting; it answers when its window is up
LONGEST_LINE = 64_000  # bytes; a path is shorter, and nobody fills our memory


class AlreadyOpenError(ParfocalError):
    """A window is open and does not answer."""


def hand_over(path: Path | None) -> bool:
    """Give `path` to the window that is open and raise it; False when none is."""
    name = _server_name()
    if not _is_ours(name):
        return False
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(ANSWER_MS):
        return False  # a socket that a killed program left behind
    wish = {"open": None if path is None else str(path.resolve())}
    socket.write(json.dumps(wish).encode() + b"\n")
    answered = socket.waitForBytesWritten(ANSWER_MS) and socket.waitForReadyRead(STARTING_MS)
    socket.disconnectFromServer()
    if not answered:
        raise AlreadyOpenError(
            tr("Parfocal is open already but does not answer; wait for it, or end its process.")
        )
    return True


class Doorbell(QObject):
    """Listens for later starts of the same person's program."""

    rang = pyqtSignal(object)  # Path, or None: only raise the window

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Held: Python takes a socket and its slots for rubbish when only the slots know it, and
        # who knocked during a start was never answered.
        self._callers: set[QLocalSocket] = set()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)

    def listen(self) -> bool:
        """Begin to listen; False when another one has just begun."""
        # Asked first: with owner-only access Qt puts the new socket over one that is in use. Two
        # that ask at once would both find nobody.
        name = _server_name()
        lock = QLockFile(str(_place(name)) + ".lock")
        lock.tryLock(ANSWER_MS)
        probe = QLocalSocket()
        probe.connectToServer(name)
        if probe.waitForConnected(ANSWER_MS):
            probe.abort()
            return False
        QLocalServer.removeServer(name)
        return self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._callers.add(socket)
            socket.readyRead.connect(partial(self._read, socket))
            socket.disconnected.connect(partial(self._gone, socket))
            self._read(socket)

    def _gone(self, socket: QLocalSocket) -> None:
        self._callers.discard(socket)
        socket.deleteLater()

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > LONGEST_LINE:
                socket.abort()
            return
        try:
            wish = json.loads(socket.readLine(LONGEST_LINE))
            path = wish["open"]
        except (ValueError, TypeError, KeyError):
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.rang.emit(Path(path) if isinstance(path, str) else None)


def _server_name() -> str:
    """A name of this person and this home; XDG_RUNTIME_DIR is theirs alone where there is one."""
    home = str(user_config_path("parfocal", appauthor=False))
    name = f"parfocal-{hashlib.sha256(home.encode()).hexdigest()[:16]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_dir() and len(runtime) < 60:  # a socket's path has 107 bytes
        return str(Path(runtime) / name)
    return name


def _place(name: str) -> Path:
    return Path(name) if name.startswith("/") else Path(QDir.tempPath()) / name


def _is_ours(name: str) -> bool:
    """Whether a server of that name can be ours: in /tmp anybody may have made it."""
    if sys.platform == "win32":
        return True
    try:
        return _place(name).stat().st_uid == os.getuid()
    except OSError:
        return False
