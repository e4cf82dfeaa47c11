"""Keep raw frames beside a store until their shards are written, so that a kill loses none."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from struct import Struct
from threading import Lock, Thread
from typing import Any, BinaryIO

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from parfocal.store._errors import StoreError, cause
from parfocal.store._files import json_line
from parfocal.store._layout import spool_path
from parfocal.store._metadata import read_record
from parfocal.store._spec import Index

FORMAT = 1
SEGMENT_BYTES = 64 * 2**20
SUFFIX = ".segment"
# magic, bytes of the row, bytes of the plane, crc32c of both, crc32c of these numbers
HEAD = Struct("<4sIQI")
CRC = Struct("<I")
MAGIC = b"PFRM"


class Spool:
    """The open spool of a recording: segments that only grow, each deleted as a whole.

    A segment is deleted when it is full and all its frames are in shards, by a thread of its own:
    a file of 64 MB took ext4 up to 20 ms, and the camera waits for no file to be deleted. Nothing
    is flushed: what a killed process wrote is safe with the operating system, and a power cut may
    cost what was taken since the last checkpoint, as it does without a spool.
    """

    def __init__(self, store: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.path = spool_path(store)
        started = (read_record(store) or {}).get("started")
        self._head = {"spool": FORMAT, "store": store.name, "started": started}
        self._segment_bytes = segment_bytes
        self._lock = Lock()
        self._number = 0
        self._size = 0
        self._descriptor = -1
        self._segment_of: dict[Index, int] = {}
        self._waiting: dict[int, int] = {}
        self._done: SimpleQueue[Path | None] = SimpleQueue()
        self.path.mkdir()
        self._thread = Thread(target=self._delete, name="parfocal spool", daemon=True)
        self._thread.start()

    def append(self, row: Mapping[str, Any], plane: NDArray[Any]) -> None:
        """Write a frame and what is known of it; it survives a kill from here on."""
        about = {"dtype": plane.dtype.str, "shape": plane.shape, "frame": dict(row)}
        words = json_line(about)
        pixels = np.ascontiguousarray(plane)
        crc = google_crc32c.extend(google_crc32c.value(words), pixels)
        head = HEAD.pack(MAGIC, len(words), pixels.nbytes, crc)
        index = (row["t"], row["p"], row["c"], row["z"])
        with self._lock:
            try:
                if self._descriptor < 0 or self._size >= self._segment_bytes:
                    self._begin_segment()
                head += CRC.pack(google_crc32c.value(head))
                self._write(head + words, pixels.data.cast("B"))
            except OSError as problem:
                raise StoreError(
                    f"{self.path} cannot be written: {cause(problem)}; "
                    "make room there, or record without the spool"
                ) from problem
            self._segment_of[index] = self._number
            self._waiting[self._number] += 1

    def drop(self, indices: Iterable[Index]) -> None:
        """These frames are in shards: they are not needed here any more."""
        with self._lock:
            for index in indices:
                number = self._segment_of.pop(index, None)
                if number is not None:
                    self._waiting[number] -= 1
                    self._delete_when_done(number)

    def close(self, *, keep: bool = False) -> None:
        """Close it; when shards could not be written, it is kept for `recover`."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
        self._done.put(None)
        self._thread.join()
        if not keep:
            rmtree(self.path, ignore_errors=True)

    def _begin_segment(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._delete_when_done(self._number)
        self._number += 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self._file(self._number), flags, 0o644)
        self._size = 0
        self._waiting[self._number] = 0
        self._write(json_line(self._head))

    def _write(self, *parts: bytes | memoryview) -> None:
        """Append, or leave the segment as it was: a full disk takes a part without an error."""
        try:
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise
        self._size += sum(map(len, parts))

    def _delete_when_done(self, number: int) -> None:
        current = number == self._number and self._descriptor >= 0
        if not current and self._waiting.get(number) == 0:
            del self._waiting[number]
            self._done.put(self._file(number))

    def _delete(self) -> None:
        while (file := self._done.get()) is not None:
            file.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self.path / f"{number:08d}{SUFFIX}"


@dataclass(frozen=True, slots=True)
class SpooledFrame:
    """A whole frame of a spool that was left behind; its pixels stay on the disk until asked."""

    index: Index
    row: Mapping[str, Any]
    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    file: Path
    offset: int

    def plane(self) -> NDArray[Any]:
        """Its pixels."""
        size = int(np.prod(self.shape, dtype=np.int64))
        pixels = np.fromfile(self.file, dtype=self.dtype, count=size, offset=self.offset)
        return pixels.reshape(self.shape)


def read_spool(store: Path, started: str) -> Iterator[SpooledFrame]:
    """The whole frames of this very recording; what is torn ends its segment, and only that."""
    for file in sorted(spool_path(store).glob(f"*{SUFFIX}")):
        with file.open("rb") as segment:
            if _belongs(segment.readline(), started):
                yield from _frames(file, segment)


def _belongs(line: bytes, started: str) -> bool:
    try:
        head = json.loads(line)
    except ValueError:
        return False
    if not isinstance(head, dict):
        return False
    return head.get("spool") == FORMAT and head.get("started") == started


def _frames(file: Path, segment: BinaryIO) -> Iterator[SpooledFrame]:
    while len(head := segment.read(HEAD.size + CRC.size)) == HEAD.size + CRC.size:
        magic, length, pixels, crc = HEAD.unpack(head[: HEAD.size])
        if magic != MAGIC or CRC.unpack(head[HEAD.size :])[0] != google_crc32c.value(
            head[: HEAD.size]
        ):
            return
        words = segment.read(length)
        offset = segment.tell()
        raw = segment.read(pixels)
        if google_crc32c.extend(google_crc32c.value(words), raw) != crc or len(raw) != pixels:
            return
        about = json.loads(words)
        row = about["frame"]
        index = (row["t"], row["p"], row["c"], row["z"])
        shape = tuple(about["shape"])
        yield SpooledFrame(index, row, np.dtype(about["dtype"]), shape, file, offset)
