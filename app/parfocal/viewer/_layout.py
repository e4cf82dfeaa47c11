"""Lay out the first page of a ring's block: what it is, how far it is, who follows, whom to wake.

Behind that page come the slots, each a page for its header and then its pixels.
"""

import struct
import zlib
from dataclasses import dataclass

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError

PAGE = 4096
VERSION = 2
MOST_SLOTS = 64
MOST_BELLS = 16

# Where things lie in the page; each has its own bytes and a single kind of writer.
COUNTERS_OFFSET = 256  # two uint64 of the ring's writer: newest sequence, writer gone
SUCCESSOR_OFFSET = 512  # of the ring's writer, before it says that it is gone
BELLS_OFFSET = 1024  # of the readers: one entry each
BELL_BYTES = 32

# Bytes of the file that are locked: the slots' come first.
BELL_LOCKS = MOST_SLOTS
WRITER_LOCK = MOST_SLOTS + MOST_BELLS

_BLOCK = struct.Struct("<8sIIIQ16s")
_BLOCK_MAGIC = b"PARFRING"
_COUNTERS = struct.Struct("<QQ")
_SUCCESSOR = struct.Struct("<16sH")
_BELL = struct.Struct("<16s")
_CRC = struct.Struct("<I")
_LONGEST_PATH = 400


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block is made of."""

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


def read_counters(page: bytes) -> tuple[int, bool]:
    """The newest sequence, and whether the writer has gone."""
    newest, gone = _COUNTERS.unpack_from(page, COUNTERS_OFFSET)
    return newest, bool(gone)


def pack_successor(address: RingAddress) -> bytes:
    """The bytes by which a block that is given up names the next one."""
    path = address.path.encode()
    if len(path) > _LONGEST_PATH:
        raise ViewerError(f"the path of a live stream is too long: {address.path}")
    body = _SUCCESSOR.pack(bytes.fromhex(address.token), len(path)) + path
    return _CRC.pack(zlib.crc32(body)) + body


def read_successor(page: bytes) -> RingAddress | None:
    """Where a block that was given up says it goes on; None for the end, or damage."""
    token, length = _SUCCESSOR.unpack_from(page, SUCCESSOR_OFFSET + _CRC.size)
    start = SUCCESSOR_OFFSET + _CRC.size
    body = page[start : start + _SUCCESSOR.size + length]
    if not length or length > _LONGEST_PATH or not _checked(page, SUCCESSOR_OFFSET, body):
        return None
    return RingAddress(body[_SUCCESSOR.size :].decode("utf-8", "replace"), token.hex())


def pack_bell(name: bytes) -> bytes:
    """A reader's entry among the bells."""
    body = _BELL.pack(name)
    return _CRC.pack(zlib.crc32(body)) + body


def read_bells(table: bytes) -> list[bytes]:
    """The names in the table of bells; empty and damaged entries are left out."""
    names = []
    for start in range(0, len(table), BELL_BYTES):
        body = table[start + _CRC.size : start + _CRC.size + _BELL.size]
        if any(body) and _checked(table, start, body):
            names.append(body)
    return names


def _checked(raw: bytes, offset: int, body: bytes) -> bool:
    return bool(_CRC.unpack_from(raw, offset)[0] == zlib.crc32(body))
