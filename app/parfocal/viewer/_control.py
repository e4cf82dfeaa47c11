"""Send and receive the small JSON messages between a viewer and its host; never pickle."""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from parfocal.viewer._errors import ViewerError

PROTOCOL = 1
MOST_BYTES = 64 * 1024
_LENGTH = struct.Struct("<I")


class ControlError(ViewerError):
    """A message that this program did not write; its connection is closed."""


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write one message: its length, then UTF-8 JSON."""
    body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > MOST_BYTES:
        raise ControlError(f"a message of {len(body)} bytes is over the limit of {MOST_BYTES}")
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read one message; None when the other side closed between two messages."""
    head = _read_exactly(stream, _LENGTH.size)
    if not head:
        return None
    (length,) = _LENGTH.unpack(head) if len(head) == _LENGTH.size else (MOST_BYTES + 1,)
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


def _read_exactly(stream: IO[bytes], count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = stream.read(count - len(received))
        if not piece:
            break
        received += piece
    return received
