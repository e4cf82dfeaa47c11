"""Send and receive the small JSON messages between a viewer and its host; never pickle."""

import json
import socket
import struct
import time
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from parfocal.viewer._errors import ViewerError

PROTOCOL = 1
MOST_BYTES = 64 * 1024
_LENGTH = struct.Struct("<I")

Message = dict[str, Any]


class ControlError(ViewerError):
    """A message that this program did not write; its connection is closed."""


def encode_message(message: Mapping[str, Any]) -> bytes:
    """Return one message as it goes over the wire: its length, then UTF-8 JSON."""
    try:
        body = json.dumps(message, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ControlError(f"a message cannot be written as JSON: {error}") from error
    if len(body) > MOST_BYTES:
        raise ControlError(f"a message of {len(body)} bytes is over the limit of {MOST_BYTES}")
    return _LENGTH.pack(len(body)) + body


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write one message."""
    stream.write(encode_message(message))
    stream.flush()


def read_message(stream: IO[bytes]) -> Message | None:
    """Read one message; None when the other side closed between two messages."""
    head = _read_exactly(stream, _LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise ControlError("a message ended in the middle")
    (length,) = _LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise ControlError(f"a message claims {length} bytes; the limit is {MOST_BYTES}")
    body = _read_exactly(stream, length)
    if len(body) != length:
        raise ControlError("a message ended in the middle")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ControlError(f"a message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise ControlError(f"a message is a {type(message).__name__}, not an object")
    return message


def receive_message(connection: socket.socket, seconds: float) -> Message | None:
    """Read one message and not a byte more, in bounded time however slowly it is sent."""
    deadline = time.monotonic() + seconds

    def exactly(count: int) -> bytes:
        received = b""
        while len(received) < count:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            piece = connection.recv(count - len(received))
            if not piece:
                break
            received += piece
        return received

    head = exactly(_LENGTH.size)
    length = int.from_bytes(head, "little")
    return read_message(BytesIO(head + exactly(length if length <= MOST_BYTES else 0)))


def check_request(message: Message) -> None:
    """Refuse what is JSON and yet no request: an operation, its number, its values."""
    number, values = message.get("id"), message.get("values")
    if not isinstance(message.get("op"), str) or type(number) is not int or number < 0:
        raise ControlError("a message is no request: it needs an op and a whole number as its id")
    if not isinstance(values, dict):
        raise ControlError(f"the values of a request are a {type(values).__name__}, not an object")


def _read_exactly(stream: IO[bytes], count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = stream.read(count - len(received))
        if not piece:
            break
        received += piece
    return received
