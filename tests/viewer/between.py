"""Somebody who listens to the conversation of a viewer with its rig."""

from __future__ import annotations

import socket
import threading

from parfocal.viewer.remote import Endpoint, RigAddress, ask_rig
from viewer.rig import Rig


def listen_between(between: socket.socket, rig: Rig) -> bytes:
    """Hand one conversation through, and keep what the viewer said."""
    port = between.getsockname()[1]
    said: list[bytes] = []

    def carry() -> None:
        near, _ = between.accept()
        far = socket.create_connection(("127.0.0.1", rig.server.endpoint.port))

        def back() -> None:
            while piece := _received(far):
                near.sendall(piece)

        returning = threading.Thread(target=back)
        returning.start()
        while piece := _received(near):
            said.append(piece)
            far.sendall(piece)
        far.shutdown(socket.SHUT_RDWR)
        returning.join()
        for end in (near, far):
            end.close()

    carrying = threading.Thread(target=carry)
    carrying.start()
    assert ask_rig(RigAddress(Endpoint("127.0.0.1", port), rig.keys[1])).name
    carrying.join()
    return b"".join(said)


def _received(one: socket.socket) -> bytes:
    try:
        return one.recv(65536)
    except OSError:
        return b""


def all_of(one: socket.socket) -> bytes:
    return b"".join(iter(lambda: _received(one), b""))
