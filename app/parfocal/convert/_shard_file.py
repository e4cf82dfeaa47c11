"""Write the file of one shard chunk by chunk, and compare what lies in it with what was written.

By hand, since no library takes chunks that are encoded already, and TensorStore holds a shard four
times over while it writes one and reads it back. Here a shard of any size takes a few MB: chunks
are written, read back and compared while they are still in the processor's cache.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from parfocal.convert._errors import ConvertError

__all__ = ["TORN", "Bytes", "ShardFile", "checksum_of", "forget_torn", "packed", "shard_file"]

ABSENT = 2**64 - 1
TORN = ".new"
"""The end of the name of a file that is being written."""
BAND_BYTES = 2**20
"""What is written, read back and compared at once: half of a processor's cache, or less."""
_CRC = struct.Struct("<I")

Bytes: TypeAlias = NDArray[np.uint8]


class ShardFile:
    """A shard that is being written; made by `shard_file`."""

    def __init__(self, file: Path, fresh: Path, slots: int) -> None:
        self.size = 0
        self.crc = 0
        """Of all bytes as they were read back."""
        self.stream: FileIO | None = None
        self._file, self._fresh = file, fresh
        self._index = np.full((slots, 2), ABSENT, dtype="<u8")
        # made once: fresh memory for each band took longer than all that is done to it
        self._waiting, self._back, self._same = (_band(np.uint8), _band(np.uint8), _band(np.bool_))
        self._held = 0

    def add(self, slot: int, *parts: bytes) -> None:
        """Append one chunk, whose bytes are these parts in a row."""
        self._index[slot] = self.size + self._held, sum(map(len, parts))
        for part in parts:
            self._append(part)

    def close(self) -> None:
        """Append the index; a shard without any chunk gets no file."""
        if self.size or self._held:
            table = self._index.tobytes()
            self._append(table)
            self._append(packed(google_crc32c.value(table)))
            self._flush()

    def _append(self, part: bytes) -> None:
        length = len(part)
        if self._held + length > BAND_BYTES:
            self._flush()
        pixels = np.frombuffer(part, dtype=np.uint8)
        if length > BAND_BYTES:
            self._write(pixels)
        else:
            self._waiting[self._held : self._held + length] = pixels
            self._held += length

    def _flush(self) -> None:
        self._write(self._waiting[: self._held])
        self._held = 0

    def _write(self, wanted: Bytes) -> None:
        if self.stream is None:
            self._fresh.parent.mkdir(parents=True, exist_ok=True)
            self.stream = self._fresh.open("w+b", buffering=0)
        done = 0
        while done < len(wanted):
            done += self.stream.write(wanted[done:].data)
        self.stream.seek(self.size)
        for start in range(0, len(wanted), BAND_BYTES):
            band = wanted[start : start + BAND_BYTES]
            back, same = self._back[: len(band)], self._same[: len(band)]
            if self.stream.readinto(back.data) != len(band) or not _equal(back, band, same):
                raise ConvertError(
                    f"{self._file} does not hold what was written to it; the disk is damaged"
                )
            self.crc = google_crc32c.extend(self.crc, back)
        self.size += len(wanted)


@contextmanager
def shard_file(file: Path, slots: int, *, flushed: bool = False) -> Iterator[ShardFile]:
    """A file that is there whole or not at all; `flushed`, also on the disk itself."""
    # a name of its own, also when a worker that was given up writes on
    fresh = file.with_name(f"{file.name}.{uuid4().hex}{TORN}")
    shard = ShardFile(file, fresh, slots)
    try:
        try:
            yield shard
            shard.close()
        finally:
            if shard.stream is not None:
                if flushed:
                    os.fsync(shard.stream.fileno())
                shard.stream.close()
        if shard.size:
            fresh.replace(file)
        else:
            file.unlink(missing_ok=True)
    except OSError as problem:
        fresh.unlink(missing_ok=True)
        raise ConvertError(f"{file} cannot be written: {problem.strerror}") from problem
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def forget_torn(root: Path) -> None:
    """Delete what killed processes had begun to write below a folder."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(TORN):
                Path(folder, name).unlink(missing_ok=True)


def checksum_of(file: Path) -> int:
    """The crc32c of a whole file."""
    crc = 0
    band: Bytes = np.empty(BAND_BYTES, dtype=np.uint8)
    with file.open("rb", buffering=0) as stream:
        while length := stream.readinto(band.data):
            crc = google_crc32c.extend(crc, band[:length])
    return crc


def packed(crc: int) -> bytes:
    """A checksum as it stands in a file."""
    return _CRC.pack(crc)


def _band(dtype: "type[Any]") -> NDArray[Any]:
    return np.empty(BAND_BYTES, dtype=dtype)


def _equal(one: Bytes, other: Bytes, same: NDArray[np.bool_]) -> bool:
    return bool(np.equal(one, other, out=same).all())
