"""Ask the kernel who is at the other end of a local socket."""

import socket
import struct
import sys
from dataclasses import dataclass

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


@dataclass(frozen=True, slots=True)
class Peer:
    """The process that made the other end."""

    pid: int
    uid: int


if sys.platform == "linux":

    def peer_of(connection: socket.socket) -> Peer | None:
        """Who it is; None where the system does not tell."""
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(raw)
        return Peer(pid, uid)

else:

    def peer_of(_: socket.socket) -> Peer | None:
        """Who it is; None where the system does not tell."""
        return None
