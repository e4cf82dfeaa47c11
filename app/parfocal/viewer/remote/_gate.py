"""Let in the one key that the rig knows, and nobody else."""

import hmac
from collections import Counter

import zmq

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.remote._endpoint import Endpoint, why_not_listening
from parfocal.viewer.remote._keys import Key
from parfocal.viewer.remote._wire import MOST_HEADER

DOMAIN = b"parfocal"
_ZAP = "inproc://zeromq.zap.01"
_MOST_NAMED = 64

# A net that went away without a word is noticed by these, in ms.
HEARTBEAT_MS = 1000
HEARTBEAT_TIMEOUT_MS = 4000
HANDSHAKE_MS = 4000

# What encryption adds to a message counts to its size.
ENCRYPTION_BYTES = 1024


class Gate:
    """Answers ZeroMQ's question whether a key may come in, before a single message is read.

    Without it CURVE would let in whoever knows the rig's public key.
    """

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", allowed: bytes) -> None:
        self.refused: Counter[str] = Counter()
        self._allowed = allowed
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind(_ZAP)

    def answer(self) -> str:
        """Answer one question; the address that was refused, or nothing."""
        version, request, domain, address, _, mechanism, *credentials = (
            *self.socket.recv_multipart(),
            *[b""] * 6,
        )[:8]
        key = credentials[0] if credentials else b""
        known = (
            domain == DOMAIN and mechanism == b"CURVE" and hmac.compare_digest(key, self._allowed)
        )
        said = (b"200", b"OK") if known else (b"400", b"unknown key")
        self.socket.send_multipart([version or b"1.0", request, *said, b"", b""])
        if known:
            return ""
        name = address.decode("ascii", "replace")
        if len(self.refused) < _MOST_NAMED or name in self.refused:
            self.refused[name] += 1
        return name

    def close(self) -> None:
        """Let nobody in any more."""
        self.socket.close(linger=0)


def listen(
    context: "zmq.Context[zmq.Socket[bytes]]", endpoint: Endpoint, key: Key
) -> "tuple[zmq.Socket[bytes], Endpoint]":
    """A socket that is bound to the address and encrypted; there is no other way to make one.

    Returned with the address, which has the real port where 0 was asked for.
    """
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.curve_server = True
    socket.curve_secretkey = key.secret
    socket.zap_domain = DOMAIN
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without a gate nobody comes in
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    socket.setsockopt(zmq.MAXMSGSIZE, MOST_HEADER + ENCRYPTION_BYTES)
    socket.sndhwm, socket.rcvhwm = 16, 64
    set_heartbeat(socket)
    socket.ipv6 = endpoint.uses_ipv6
    try:
        socket.bind(f"tcp://{endpoint}")
    except zmq.ZMQError as problem:
        socket.close()
        raise ViewerError(
            why_not_listening(endpoint, problem.errno or 0, problem.strerror or str(problem))
        ) from problem
    bound = socket.getsockopt_string(zmq.LAST_ENDPOINT)
    return socket, Endpoint(endpoint.host, int(bound.rpartition(":")[2]))


def set_heartbeat(socket: "zmq.Socket[bytes]") -> None:
    """Have a socket notice that the other side, or the way to it, is gone."""
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
