"""Wake a thread that waits for the network, from any other one."""

import contextlib
import socket


class Wake:
    """A pair of local sockets: one is polled beside those of the network, one is written to."""

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)

    def fileno(self) -> int:
        """What a poller asks for."""
        return self._read.fileno()

    def set(self) -> None:
        """Wake it; when the pair is full or closed it is awake, or gone."""
        with contextlib.suppress(OSError):
            self._write.send(b"\0")

    def clear(self) -> None:
        """Be ready for the next time."""
        with contextlib.suppress(BlockingIOError):
            while self._read.recv(4096):
                pass

    def close(self) -> None:
        """Give both back."""
        self._read.close()
        self._write.close()
