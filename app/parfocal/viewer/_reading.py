"""Read the slots of one block; which frames count is the reader's concern."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._address import RingAddress
from parfocal.viewer._doorbell import Doorbell
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._layout import (
    BELL_BYTES,
    BELL_LOCKS,
    BELLS_OFFSET,
    MOST_BELLS,
    PAGE,
    WRITER_LOCK,
    BlockHeader,
    pack_bell,
    read_counters,
    read_successor,
)
from parfocal.viewer._leases import Leases
from parfocal.viewer._memory import SharedBlock
from parfocal.viewer._slot import HEADER_BYTES, SlotHeader, sequence_in


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A whole frame out of a ring, copied."""

    pixels: NDArray[Any]
    sequence: int
    coordinates: Mapping[str, int]
    layer: str
    stamp_ns: int

    @property
    def age_s(self) -> float:
        """Seconds since it was published."""
        return (time.monotonic_ns() - self.stamp_ns) / 1e9

    @property
    def stream(self) -> tuple[str, int]:
        """What takes turns in a ring: the layer and its channel."""
        return _stream(self)


Takes: TypeAlias = Callable[[Mapping[str, int]], bool]
"""Whether a frame with these coordinates is wanted."""


class ReadBlock:
    """One generation of a ring, from a reader's side."""

    def __init__(self, block: SharedBlock, header: BlockHeader) -> None:
        self.header = header
        self.damaged = 0
        self._block = block
        self._leases = Leases(block.descriptor)
        self._bytes: NDArray[np.uint8] | None = np.frombuffer(block.memory, np.uint8)

    @classmethod
    def open(cls, address: RingAddress) -> "ReadBlock":
        """Open the block at this address, or the one to which it was given up meanwhile."""
        generation = 0
        while True:
            page = SharedBlock.read_start(address.path, PAGE)
            header = BlockHeader.unpack(page)
            # A generation only leads to a later one, so that no damage makes this go in circles.
            if header.token.hex() != address.token or header.generation <= generation:
                raise ViewerError(f"the live stream at {address.path} is another one")
            successor = read_successor(page) if read_counters(page)[1] else None
            if successor is None:
                break
            address, generation = successor, header.generation
        block = SharedBlock.open(address.path)
        # Between the two looks the writer may have ended, and its number gone to another file.
        if block.memory[: len(header.pack())] != header.pack() or header.size != len(block.memory):
            block.close()
            raise ViewerError(f"the live stream at {address.path} is another one")
        return cls(block, header)

    def counters(self) -> tuple[int, bool]:
        """The newest sequence, and whether the writer has gone: orderly, or by a kill."""
        newest, gone = read_counters(self._block.memory[:PAGE])
        return newest, gone or self._writer_died()

    def successor(self) -> RingAddress | None:
        """Where the stream goes on, if the writer gave this block up."""
        page = self._block.memory[:PAGE]
        return read_successor(page) if read_counters(page)[1] else None

    def hang(self, bell: Doorbell) -> bool:
        """Have the writer ring it; False when the table is full, and the reader has to look."""
        for place in range(MOST_BELLS):
            # Held until we close: the place of a reader that was killed is free again.
            if self._leases.take(BELL_LOCKS + place, writing=True):
                start, entry = BELLS_OFFSET + place * BELL_BYTES, pack_bell(bell.name)
                self._block.memory[start : start + len(entry)] = entry
                return True
        return False

    def newer_than(self, sequence: int, takes: Takes, others: set[int]) -> Iterator[LiveFrame]:
        """Take the newest wanted frame of each layer and channel, if it is newer than this.

        The numbers of those that are newer and not wanted go to `others`.
        """
        for slot in self._newest_of_each(sequence, takes, others):
            frame = self._take(slot)
            if frame is not None and frame.sequence > sequence:
                yield frame

    def close(self) -> None:
        """Let go of the block."""
        self._bytes = None
        self._block.close()

    def _newest_of_each(self, sequence: int, takes: Takes, others: set[int]) -> list[int]:
        """One slot for each unseen layer and channel, by their headers alone (1 kB each)."""
        newest: dict[tuple[str, int], tuple[int, int]] = {}
        for slot in range(self.header.slots):
            raw = self._raw_header(slot)
            if sequence_in(raw) <= sequence:
                continue
            # Without a lease: one torn by the writer is as good as none.
            with contextlib.suppress(ViewerError):
                header = self._checked(raw)
                if header is not None and not takes(header.coordinates):
                    others.add(header.sequence)
                elif header is not None:
                    stream = _stream(header)
                    newest[stream] = max(newest.get(stream, (0, 0)), (header.sequence, slot))
        return [slot for _, slot in sorted(newest.values(), reverse=True)]

    def _take(self, slot: int) -> LiveFrame | None:
        """Copy a slot under a lease; None when the writer is just overwriting it."""
        assert self._bytes is not None
        if not self._leases.take(slot, writing=False):
            return None
        try:
            header = self._checked(self._raw_header(slot))
            if header is None:
                return None
            start = self.header.offset(slot) + PAGE
            pixels = self._bytes[start : start + header.byte_length].copy()
        except ViewerError:
            self.damaged += 1
            return None
        finally:
            self._leases.give_back(slot)
        return LiveFrame(
            pixels.view(header.dtype).reshape(header.shape),
            header.sequence,
            header.coordinates,
            header.layer,
            header.stamp_ns,
        )

    def _raw_header(self, slot: int) -> bytes:
        start = self.header.offset(slot)
        return self._block.memory[start : start + HEADER_BYTES]

    def _checked(self, raw: bytes) -> SlotHeader | None:
        header = SlotHeader.unpack(raw, self.header.slot_bytes)
        if header is not None and header.generation != self.header.generation:
            raise ViewerError("a slot of the live stream is damaged: it is of another generation")
        return header

    def _writer_died(self) -> bool:
        # Elsewhere locks belong to the process: a reader within the writer's would get it.
        if sys.platform != "linux" or not self._leases.take(WRITER_LOCK, writing=False):
            return False
        self._leases.give_back(WRITER_LOCK)
        return True


def _stream(frame: LiveFrame | SlotHeader) -> tuple[str, int]:
    return frame.layer, frame.coordinates.get("c", 0)
