"""Lay out a ring's memory: one header for the block, one for each slot, both checked by CRC."""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parfocal.viewer._errors import ViewerError

PAGE = 4096
VERSION = 1
COUNTERS_OFFSET = 256  # of the block: newest sequence, writer gone (two uint64, written alone)
HEADER_BYTES = 1024
MOST_SLOTS = 64

_BLOCK = struct.Struct("<8sIIIQ16s")
_BLOCK_MAGIC = b"PARFRING"
_SLOT = struct.Struct("<4sHHIQ8sIIQQH")
_SLOT_MAGIC = b"PFSL"
_CRC = struct.Struct("<I")
_EMPTY, _WRITING, _READY = range(3)
_TEXT_BYTES = HEADER_BYTES - _CRC.size - _SLOT.size


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a ring is made of."""

    generation: int
    slots: int
    slot_bytes: int
    token: bytes

    @property
    def stride(self) -> int:
        """Bytes from one slot's header to the next one's."""
        return PAGE + -(-self.slot_bytes // PAGE) * PAGE

    @property
    def size(self) -> int:
        """Bytes of the whole block."""
        return PAGE + self.slots * self.stride

    def offset(self, slot: int) -> int:
        """Where a slot's header begins; its pixels follow one page later."""
        return PAGE + slot * self.stride

    def pack(self) -> bytes:
        """Return the bytes at the start of the block."""
        body = _BLOCK.pack(
            _BLOCK_MAGIC, VERSION, self.generation, self.slots, self.slot_bytes, self.token
        )
        return _CRC.pack(zlib.crc32(body)) + body

    @classmethod
    def unpack(cls, raw: bytes) -> "BlockHeader":
        """Read it back, trusting nothing."""
        body = raw[_CRC.size : _CRC.size + _BLOCK.size]
        if len(body) < _BLOCK.size or _CRC.unpack_from(raw)[0] != zlib.crc32(body):
            raise ViewerError("this memory holds no live stream")
        magic, version, generation, slots, slot_bytes, token = _BLOCK.unpack(body)
        if magic != _BLOCK_MAGIC or version != VERSION or not 0 < slots <= MOST_SLOTS:
            raise ViewerError("this live stream is of another version of Parfocal")
        return cls(generation, slots, slot_bytes, token)


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
        text = json.dumps(
            {"coordinates": dict(self.coordinates), "layer": self.layer}, separators=(",", ":")
        ).encode()
        if len(text) > _TEXT_BYTES:
            raise ViewerError(
                f"the name {self.layer[:40]!r}… and its coordinates take {len(text)} bytes;"
                f" a live frame has room for {_TEXT_BYTES}"
            )
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


def _pixel_type(code: bytes) -> np.dtype[Any]:
    name = code.rstrip(b"\0").decode("ascii", "replace")
    if len(name) != 3 or name[0] not in "<|" or name[1] not in "uifb" or name[2] not in "1248":
        raise ViewerError(f"a slot of the live stream is damaged: pixel type {name!r}")
    return np.dtype(name)


def _read_text(text: bytes) -> tuple[dict[str, int], str]:
    try:
        value = json.loads(text)
        coordinates, layer = value["coordinates"], value["layer"]
        return {str(axis): int(number) for axis, number in coordinates.items()}, str(layer)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ViewerError("a slot of the live stream is damaged: unreadable coordinates") from error
