"""Lay out the header of a slot: which frame it holds, checked by CRC."""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._layout import VERSION

HEADER_BYTES = 1024

_SLOT = struct.Struct("<4sHHIQ8sIIQQH")
_SLOT_MAGIC = b"PFSL"
_CRC = struct.Struct("<I")
_SEQUENCE = struct.Struct("<Q")
_SEQUENCE_OFFSET = _CRC.size + struct.calcsize("<4sHHI")
_EMPTY, _WRITING, _READY = range(3)
_TEXT_BYTES = HEADER_BYTES - _CRC.size - _SLOT.size


@dataclass(frozen=True, slots=True)
class SlotHeader:
    """What one slot holds."""

    generation: int
    sequence: int
    dtype: np.dtype[Any]
    shape: tuple[int, int]
    stamp_ns: int
    coordinates: Mapping[str, int] = field(default_factory=dict)
    layer: str = ""

    @property
    def byte_length(self) -> int:
        """Bytes of the pixels."""
        return self.shape[0] * self.shape[1] * self.dtype.itemsize

    def pack(self) -> bytes:
        """Return the bytes of a readable slot."""
        text = _written(self.coordinates, self.layer)
        body = _SLOT.pack(
            _SLOT_MAGIC,
            VERSION,
            _READY,
            self.generation,
            self.sequence,
            self.dtype.newbyteorder("<").str.encode(),
            *self.shape,
            self.byte_length,
            self.stamp_ns,
            len(text),
        )
        return _CRC.pack(zlib.crc32(text, zlib.crc32(body))) + body + text

    @classmethod
    def unpack(cls, raw: bytes, slot_bytes: int) -> "SlotHeader | None":
        """Read a slot's header; None for an empty one or one being written."""
        magic, version, state, generation, sequence, code, height, width, length, stamp, used = (
            _SLOT.unpack_from(raw, _CRC.size)
        )
        if magic == b"\0\0\0\0" or state in (_EMPTY, _WRITING):
            return None
        body = raw[_CRC.size : _CRC.size + _SLOT.size]
        text = raw[_CRC.size + _SLOT.size :][:used]
        if (
            magic != _SLOT_MAGIC
            or version != VERSION
            or _CRC.unpack_from(raw)[0] != zlib.crc32(text, zlib.crc32(body))
        ):
            raise ViewerError("a slot of the live stream is damaged")
        dtype = _pixel_type(code)
        if length != height * width * dtype.itemsize or length > slot_bytes:
            raise ViewerError("a slot of the live stream is damaged: its size is wrong")
        coordinates, layer = _read_text(text)
        return cls(generation, sequence, dtype, (height, width), stamp, coordinates, layer)


def writing_mark() -> bytes:
    """Return the bytes of a slot that is being written."""
    body = _SLOT.pack(_SLOT_MAGIC, VERSION, _WRITING, 0, 0, b"", 0, 0, 0, 0, 0)
    return _CRC.pack(zlib.crc32(body)) + body


def sequence_in(raw: bytes) -> int:
    """The number in a slot's header, which is yet to be checked: 0 for none."""
    return int(_SEQUENCE.unpack_from(raw, _SEQUENCE_OFFSET)[0])


def can_be_shown(dtype: np.dtype[Any]) -> bool:
    """Whether frames of this pixel type can be told to a reader."""
    return dtype.kind in "uifb" and dtype.itemsize in (1, 2, 4, 8)


def _written(coordinates: Mapping[str, int], layer: str) -> bytes:
    """The text of a header; a name that is too long is cut, for no name may cost a frame."""
    numbers = {str(axis): int(number) for axis, number in coordinates.items()}
    text = _as_json({"coordinates": numbers, "layer": layer})
    if len(text) > _TEXT_BYTES:
        room = _TEXT_BYTES - len(_as_json({"coordinates": numbers, "layer": ""}))
        text = _as_json({"coordinates": numbers, "layer": _cut(layer, room)})
    if len(text) > _TEXT_BYTES:
        raise ViewerError(
            f"the {len(numbers)} coordinates of a live frame take more than {_TEXT_BYTES} bytes"
        )
    return text


@lru_cache(maxsize=64)
def _cut(name: str, room: int) -> str:
    """The start of a name, and its checksum: two long names that begin alike stay two."""
    mark = f"…{zlib.crc32(_as_json(name)):08x}"
    left = room - len(_as_json(mark)) + len(_as_json(""))
    kept = 0
    for character in name:
        left -= len(_as_json(character)) - len(_as_json(""))
        if left < 0:
            break
        kept += 1
    return name[:kept] + mark


def _as_json(value: Any) -> bytes:
    # escaped to ASCII: half a character of a broken file name cannot be written as UTF-8
    return json.dumps(value, separators=(",", ":")).encode()


def _pixel_type(code: bytes) -> np.dtype[Any]:
    name = code.rstrip(b"\0").decode("ascii", "replace")
    if len(name) != 3 or name[0] not in "<|" or name[1] not in "uifb" or name[2] not in "1248":
        raise ViewerError(f"a slot of the live stream is damaged: pixel type {name!r}")
    try:
        return np.dtype(name)
    except TypeError as error:
        raise ViewerError(f"a slot of the live stream is damaged: no type {name!r}") from error


_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def _read_text(text: bytes) -> tuple[dict[str, int], str]:
    try:
        value = json.loads(text)
        coordinates, layer = value["coordinates"], value["layer"]
        return {str(axis): int(number) for axis, number in coordinates.items()}, str(layer)
    except _UNREADABLE as error:
        raise ViewerError("a slot of the live stream is damaged: unreadable coordinates") from error
