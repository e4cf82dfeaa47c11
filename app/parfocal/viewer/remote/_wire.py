"""Turn messages and pixels into frames for the network and back, trusting nothing that comes.

A message is a header of JSON (64 KiB at most) and perhaps a payload in parts. Never pickle: a
header can be nothing but numbers and text, a payload nothing but pixels of the size that it says.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numcodecs import blosc
from numpy.typing import NDArray

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._source import SourceFacts

PROTOCOL = 1
MOST_HEADER = 64 * 1024
MOST_FACTS = 16 * 2**20
MOST_PIXELS = 2**30  # bytes of one plane; a camera of 14,000² in 32 bit has 0.8 of that
# ZeroMQ takes a connection for dead when it brings nothing whole for some seconds; at 256 kB that
# is below half a megabit a second.
PART_BYTES = 256 * 1024
_MOST_PARTS = MOST_PIXELS // PART_BYTES + 2

_TYPES = ("|b1", "|u1", "|i1", "<u2", "<i2", "<f2", "<u4", "<i4", "<f4", "<u8", "<i8", "<f8")
_BLOSC_HEADER = struct.Struct("<4xIII")  # bytes of the pixels, of a block, of the whole message

Header = dict[str, Any]


class WireError(ViewerError):
    """Something that this program did not send; the conversation with its sender ends."""


def pack(header: Mapping[str, Any], payload: bytes | None = None) -> list[bytes]:
    """The frames of a message."""
    head = json.dumps({"v": PROTOCOL, **header}, separators=(",", ":")).encode()
    if len(head) > MOST_HEADER:
        raise WireError(f"a message of {len(head)} bytes is over the limit of {MOST_HEADER}")
    starts = range(0, len(payload or b""), PART_BYTES)
    return [head, *((payload or b"")[start : start + PART_BYTES] for start in starts)]


def unpack(frames: Sequence[bytes]) -> tuple[Header, bytes | None]:
    """The header and the payload of a message, if it is one."""
    if not 1 <= len(frames) <= _MOST_PARTS:
        raise WireError(f"a message has {len(frames)} parts")
    if len(frames[0]) > MOST_HEADER:
        raise WireError(f"a header of {len(frames[0])} bytes is over the limit of {MOST_HEADER}")
    try:
        header = json.loads(frames[0])
    except (ValueError, RecursionError) as error:
        raise WireError("a message is not JSON") from error
    if not isinstance(header, dict):
        raise WireError(f"a message is a {type(header).__name__}, not an object")
    if header.get("v") != PROTOCOL:
        raise WireError(
            f"the other side speaks protocol {str(header.get('v'))[:20]}, this one {PROTOCOL};"
            " the same version of Parfocal is needed on both"
        )
    return header, b"".join(frames[1:]) if len(frames) > 1 else None


def pack_pixels(pixels: NDArray[Any]) -> tuple[Header, bytes]:
    """What the header says of a plane, and its payload.

    Compressed: at 2048² uint16 blosc-lz4 takes 5.5 ms and gives 2.4 times fewer bytes, which pays
    for itself in the encryption alone (13 ms for all of them) and halves the time on the net.
    """
    pixels = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    said = {"dtype": pixels.dtype.str, "shape": list(pixels.shape)}
    if said["dtype"] not in _TYPES or not 0 < pixels.nbytes <= MOST_PIXELS or pixels.ndim != 2:
        raise WireError(f"a plane of {pixels.shape} {pixels.dtype} cannot be sent")
    packed: bytes = blosc.compress(pixels, b"lz4", 1, blosc.BITSHUFFLE)
    if len(packed) < pixels.nbytes:
        return said | {"codec": "blosc"}, packed
    return said | {"codec": "raw"}, pixels.tobytes()


def unpack_pixels(header: Mapping[str, Any], payload: bytes | None) -> NDArray[Any]:
    """The plane of a message; nothing is allocated before its size is known to be right."""
    dtype, shape, codec = (header.get(name) for name in ("dtype", "shape", "codec"))
    if dtype not in _TYPES or not isinstance(shape, list) or len(shape) != 2:
        raise WireError("a plane of the rig's has no shape or pixel type")
    if not all(type(length) is int and length > 0 for length in shape):
        raise WireError("a plane of the rig's has no shape")
    size = shape[0] * shape[1] * np.dtype(dtype).itemsize
    if payload is None or size > MOST_PIXELS:
        raise WireError(f"a plane of {shape[0]}×{shape[1]} {dtype} cannot be received")
    if codec == "blosc":
        payload = _decompressed(payload, size)
    elif codec != "raw":
        raise WireError("a plane of the rig's is packed in an unknown way")
    if len(payload) != size:
        raise WireError(f"a plane of the rig's has {len(payload)} bytes instead of {size}")
    return np.frombuffer(payload, dtype).reshape(shape)


def _decompressed(payload: bytes, size: int) -> bytes:
    # blosc itself believes the sizes in its header
    said = _BLOSC_HEADER.unpack_from(payload) if len(payload) >= _BLOSC_HEADER.size else (0, 0, 0)
    if said[0] != size or said[2] != len(payload):
        raise WireError("a plane of the rig's is packed wrongly")
    try:
        pixels: bytes = blosc.decompress(payload)
    except (RuntimeError, ValueError) as error:
        raise WireError("a plane of the rig's is damaged") from error
    return pixels


def read_facts(payload: bytes | None) -> SourceFacts:
    """What the rig tells of a store."""
    if payload is None or len(payload) > MOST_FACTS:
        raise WireError("the rig does not say what it shows")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise WireError("what the rig says of a store is not JSON") from error
    if not isinstance(value, dict):
        raise WireError("what the rig says of a store makes no sense")
    return SourceFacts.from_json(value)
