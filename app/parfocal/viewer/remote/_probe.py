"""Ask a rig whether it lets this key in, and say in a sentence why not."""

import threading
import time
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import recv_monitor_message

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.remote._endpoint import RigAddress
from parfocal.viewer.remote._keys import read_key
from parfocal.viewer.remote._rig_link import Context, new_socket, send
from parfocal.viewer.remote._wire import WireError, pack, read_facts, unpack

_PATIENCE_S = 6.0
_POLL_MS = 100
_CONNECTED = zmq.EVENT_CONNECTED
_REFUSED = zmq.EVENT_HANDSHAKE_FAILED_AUTH
_OTHER_KEY = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
# a server that ends in the midst of it looks for a moment as one with another key
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Rig:
    """A rig that answered: what it shows, and whether a run goes on."""

    name: str
    running: bool


def ask_rig(
    address: RigAddress,
    cancelled: threading.Event | None = None,
    patience_s: float = _PATIENCE_S,
) -> Rig:
    """Ask it what it shows; a ViewerError says what is wrong within some seconds."""
    key, endpoint = read_key(address.key, "viewer"), address.endpoint.to_connect()
    context: Context = zmq.Context()
    try:
        socket = new_socket(context, key, endpoint)
        monitor = socket.get_monitor_socket(_CONNECTED | _REFUSED | _OTHER_KEY)
        socket.connect(f"tcp://{endpoint}")
        return _ask(address, socket, monitor, cancelled, time.monotonic() + patience_s)
    except zmq.ZMQError as problem:
        raise ViewerError(f"{address.endpoint} cannot be connected to: {problem}") from problem
    finally:
        context.destroy(linger=0)


def _ask(
    address: RigAddress,
    socket: "zmq.Socket[bytes]",
    monitor: "zmq.Socket[bytes]",
    cancelled: threading.Event | None,
    deadline: float,
) -> Rig:
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(monitor, zmq.POLLIN)
    asked, reached, unlike = False, False, 0
    while time.monotonic() < deadline:
        if cancelled is not None and cancelled.is_set():
            raise ViewerError(f"stopped before {address.endpoint} had answered")
        asked = asked or send(socket, pack({"op": "facts", "id": 1}))
        ready = dict(poller.poll(_POLL_MS))
        if socket in ready:
            return _read(address, socket.recv_multipart())
        if monitor in ready:
            event = recv_monitor_message(monitor)["event"]
            reached = reached or event == _CONNECTED
            unlike += bool(event & _OTHER_KEY)
            if event == _REFUSED:
                raise ViewerError(
                    f"the rig at {address.endpoint} does not know the key {address.key};"
                    " it must be of the same pair as the rig's"
                )
            if unlike >= _SEVERAL:
                raise ViewerError(
                    f"{address.endpoint} is not the rig that the key {address.key} is for,"
                    " or no rig at all"
                )
    if reached:
        raise ViewerError(f"{address.endpoint} is there, but does not answer as a rig does")
    raise ViewerError(
        f"nobody answers at {address.endpoint}; `parfocal serve-viewer` must run there,"
        " and a firewall let it through"
    )


def _read(address: RigAddress, message: list[bytes]) -> Rig:
    try:
        header, payload = unpack(message)
        if error := header.get("error"):
            raise ViewerError(f"the rig at {address.endpoint} says: {str(error)[:2000]}")
        return Rig(read_facts(payload).name, header.get("running") is True)
    except WireError as garbage:
        raise ViewerError(f"{address.endpoint} does not answer as a rig does: {garbage}") from None
