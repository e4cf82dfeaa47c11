"""Wake readers when a frame came, without ever waiting for one; Linux only, others poll.

Each reader has a datagram socket with a name that nobody can guess, written into the block. The
writer sends one byte: it carries nothing but "look". A full queue (a reader that is stopped, or
busy and already told) and a dead reader cost the writer one refused system call.
"""

import contextlib
import secrets
import socket
import sys

NAME_BYTES = 16
_PREFIX = b"\0parfocal-"  # the leading zero: a name without a file, gone with its socket


class Doorbell:
    """A reader's own bell."""

    def __init__(self) -> None:
        self.name = secrets.token_bytes(NAME_BYTES)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(_address(self.name))

    @classmethod
    def hang(cls) -> "Doorbell | None":
        """A new bell; None where there can be none, and the reader has to look by itself."""
        if sys.platform != "linux":
            return None
        try:
            return cls()
        except OSError:
            return None

    def wait(self, timeout: float) -> None:
        """Sleep until it rings, or until the time is over."""
        self._socket.settimeout(timeout)
        with contextlib.suppress(OSError):
            self._socket.recv(1)
        self._socket.setblocking(False)
        with contextlib.suppress(OSError):
            while self._socket.recv(1):
                pass

    def close(self) -> None:
        """Take it down."""
        self._socket.close()


class Doorbells:
    """The writer's side: one connected socket a reader.

    One each, since what a stopped reader has not fetched counts against the socket that sent it.
    """

    def __init__(self) -> None:
        self._sockets: dict[bytes, socket.socket | None] = {}

    def set(self, names: list[bytes]) -> None:
        """Ring these from now on."""
        for name in set(self._sockets) - set(names):
            self._drop(name)
            del self._sockets[name]
        for name in names:
            if name not in self._sockets:
                self._sockets[name] = _connected(name)

    def ring(self) -> None:
        """Wake all of them."""
        for name, line in self._sockets.items():
            if line is None:
                continue
            try:
                line.send(b"!", socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass  # it was told before and has not looked yet
            except OSError:
                self._drop(name)

    def close(self) -> None:
        """Ring nobody any more."""
        self.set([])

    def _drop(self, name: bytes) -> None:
        line = self._sockets[name]
        if line is not None:
            line.close()
            # remembered as dead: its entry stays until another reader takes the place
            self._sockets[name] = None


def _address(name: bytes) -> bytes:
    return _PREFIX + name.hex().encode()


def _connected(name: bytes) -> socket.socket | None:
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        line.setblocking(False)
        line.connect(_address(name))
    except OSError:
        line.close()
        return None
    return line
