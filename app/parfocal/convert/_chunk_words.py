"""Judge from a compressed chunk's own words, without decoding it, whether it can be whole.

Of a chunk that was cut short, overwritten or mixed up this finds out; a single flipped bit in
compressed pixels is found by nobody but a decoder, and not by each of those.
"""

import struct
from collections.abc import Callable

import google_crc32c
import numpy as np

__all__ = ["fault_of"]

_BLOSC = struct.Struct("<BBBBIII")
_CRC = struct.Struct("<I")
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MEMCPYED = 0x2


def fault_of(codec: str | None, raw: bytes, decoded: int) -> str | None:
    """What is wrong with a chunk that should decode to so many bytes; None when nothing is."""
    judge = _JUDGES.get(codec)
    return None if judge is None else judge(raw, decoded)


def _plain(raw: bytes, decoded: int) -> str | None:
    return None if len(raw) == decoded else f"it has {len(raw)} bytes instead of {decoded}"


def _blosc(raw: bytes, decoded: int) -> str | None:
    if len(raw) < _BLOSC.size:
        return f"it has {len(raw)} bytes, fewer than the head of a Blosc chunk"
    version, _, flags, _, whole, block, stored = _BLOSC.unpack_from(raw)
    if not 1 <= version <= 5:
        return "it does not begin as a Blosc chunk"
    if stored != len(raw):
        return f"it has {len(raw)} bytes, and says it had {stored}"
    if whole != decoded:
        return f"it holds {whole} bytes of pixels instead of {decoded}"
    if flags & _MEMCPYED or not whole:
        return None
    if not 0 < block <= whole:
        return f"its blocks have {block} bytes"
    blocks = -(-whole // block)
    if _BLOSC.size + 4 * blocks > stored:
        return "it is too short for its blocks"
    starts = struct.unpack_from(f"<{blocks}I", raw, _BLOSC.size)
    if min(starts) < _BLOSC.size + 4 * blocks or max(starts) >= stored:
        return "its blocks lie outside of it"
    return None


def _gzip(raw: bytes, decoded: int) -> str | None:
    if len(raw) < 18 or raw[:2] != b"\x1f\x8b":
        return "it does not begin as a gzip stream"
    (whole,) = struct.unpack("<I", raw[-4:])
    return None if whole == decoded % 2**32 else "its end is missing or altered"


def _zstd(raw: bytes, decoded: int) -> str | None:
    """Walk its blocks, whose lengths stand before them."""
    if raw[:4] != _ZSTD_MAGIC or len(raw) < 6:
        return "it does not begin as a Zstandard frame"
    told = raw[4]
    single, checksum = bool(told & 0x20), bool(told & 0x4)
    size_bytes = (1 if single else 0, 2, 4, 8)[told >> 6]
    at = 5 + (0 if single else 1) + (0, 1, 2, 4)[told & 0x3]
    if size_bytes:
        whole = int.from_bytes(raw[at : at + size_bytes], "little")
        whole += 256 if size_bytes == 2 else 0
        if whole != decoded:
            return f"it holds {whole} bytes of pixels instead of {decoded}"
    at += size_bytes
    last = False
    while not last:
        if at + 3 > len(raw):
            return "its end is missing"
        head = int.from_bytes(raw[at : at + 3], "little")
        last, kind, length = bool(head & 1), head >> 1 & 3, head >> 3
        at += 3 + (1 if kind == 1 else length)
    at += 4 if checksum else 0
    return None if at == len(raw) else "its end is missing or something follows it"


def _crc32c(raw: bytes, _decoded: int) -> str | None:
    if len(raw) < _CRC.size:
        return f"it has {len(raw)} bytes, fewer than its checksum"
    (told,) = _CRC.unpack_from(raw, len(raw) - _CRC.size)
    body = np.frombuffer(raw, np.uint8, len(raw) - _CRC.size)
    return None if google_crc32c.value(body) == told else "its checksum is not that of its bytes"


_JUDGES: dict[str | None, Callable[[bytes, int], str | None]] = {
    None: _plain,
    "blosc": _blosc,
    "crc32c": _crc32c,
    "gzip": _gzip,
    "zstd": _zstd,
}
