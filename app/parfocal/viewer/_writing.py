"""Write the slots of one block; who writes them in which order is the ring's concern."""

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._address import RingAddress
from parfocal.viewer._doorbell import Doorbells
from parfocal.viewer._layout import (
    BELL_BYTES,
    BELLS_OFFSET,
    COUNTERS_OFFSET,
    MOST_BELLS,
    PAGE,
    SUCCESSOR_OFFSET,
    WRITER_LOCK,
    BlockHeader,
    pack_successor,
    read_bells,
)
from parfocal.viewer._leases import Leases
from parfocal.viewer._memory import SharedBlock
from parfocal.viewer._slot import SlotHeader, writing_mark

_generations = itertools.count(1)
_BELLS = slice(BELLS_OFFSET, BELLS_OFFSET + MOST_BELLS * BELL_BYTES)


class WrittenBlock:
    """One generation of a ring, from its writer's side; one thread at a time."""

    def __init__(self, block: SharedBlock, header: BlockHeader) -> None:
        self.header = header
        self.block = block
        self.address = RingAddress(block.path, header.token.hex())
        self._leases = Leases(block.descriptor)
        self._bells = Doorbells()
        self._bell_table = b""
        self._oldest_first = list(range(header.slots))
        self._bytes: NDArray[np.uint8] | None = np.frombuffer(block.memory, np.uint8)
        block.memory[: len(header.pack())] = header.pack()
        # While we hold this our readers know that we live; a kill gives it back.
        self._leases.take(WRITER_LOCK, writing=True)

    @classmethod
    def reserve(cls, slots: int, slot_bytes: int) -> "WrittenBlock":
        """Allocate every byte of a new block; a full /dev/shm is refused here."""
        header = BlockHeader(next(_generations), slots, slot_bytes, secrets.token_bytes(16))
        return cls(SharedBlock.reserve(header.size), header)

    def fits(self, pixels: NDArray[Any]) -> bool:
        """Whether a slot is large enough."""
        return pixels.nbytes <= self.header.slot_bytes

    def write(
        self, sequence: int, pixels: NDArray[Any], coordinates: Mapping[str, int], layer: str
    ) -> bool:
        """Copy a frame into the oldest slot that nobody reads; False when all are read."""
        height, width = pixels.shape
        header = SlotHeader(
            generation=self.header.generation,
            sequence=sequence,
            dtype=pixels.dtype.newbyteorder("<"),
            shape=(height, width),
            stamp_ns=time.monotonic_ns(),
            coordinates=coordinates,
            layer=layer,
        )
        packed = header.pack()
        for place, slot in enumerate(self._oldest_first):
            if self._leases.take(slot, writing=True):
                try:
                    self._fill(slot, header, packed, pixels)
                finally:
                    self._leases.give_back(slot)
                self._oldest_first.append(self._oldest_first.pop(place))
                self._counters()[0] = sequence
                return True
        return False

    def ring_bells(self) -> None:
        """Wake the readers."""
        table = bytes(self.block.memory[_BELLS])
        if table != self._bell_table:
            self._bell_table = table
            self._bells.set(read_bells(table))
        self._bells.ring()

    def count_from(self, sequence: int) -> None:
        """Say how many frames the stream had, whichever generation they were in."""
        self._counters()[0] = sequence

    def lead_to(self, successor: RingAddress) -> None:
        """Send the readers on: those that are here, and those that come late."""
        named = pack_successor(successor)
        self.block.memory[SUCCESSOR_OFFSET : SUCCESSOR_OFFSET + len(named)] = named
        self._finish()

    def free(self) -> None:
        """Give back the memory of all slots that nobody reads; the first page stays."""
        for slot in self._oldest_first:
            if self._leases.take(slot, writing=True):
                self.block.forget(self.header.offset(slot), self.header.stride)
                self._leases.give_back(slot)

    def close(self) -> None:
        """Let go of the memory; the kernel frees it when the last reader does too."""
        if self._bytes is None:
            return
        self._finish()
        self._bells.close()
        self._bytes = None
        self.block.close()

    def _finish(self) -> None:
        self._counters()[1] = 1
        self.ring_bells()

    def _fill(self, slot: int, header: SlotHeader, packed: bytes, pixels: NDArray[Any]) -> None:
        assert self._bytes is not None
        start = self.header.offset(slot)
        # A writer that dies in mid-copy must leave no slot that looks whole.
        mark = writing_mark()
        self.block.memory[start : start + len(mark)] = mark
        target = self._bytes[start + PAGE : start + PAGE + header.byte_length]
        np.copyto(target.view(header.dtype).reshape(pixels.shape), pixels)
        self.block.memory[start : start + len(packed)] = packed

    def _counters(self) -> NDArray[np.uint64]:
        assert self._bytes is not None
        return self._bytes[COUNTERS_OFFSET : COUNTERS_OFFSET + 16].view(np.uint64)
