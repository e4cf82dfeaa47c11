"""Publish the newest frames for the viewers without ever waiting for one."""

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._leases import Leases
from parfocal.viewer._memory import SharedBlock
from parfocal.viewer._slot import (
    COUNTERS_OFFSET,
    MOST_SLOTS,
    PAGE,
    BlockHeader,
    SlotHeader,
    writing_mark,
)

_generations = itertools.count(1)


class Ring:
    """A fixed number of slots in shared memory, written by one thread of one process.

    The writer overwrites the oldest slot that nobody reads. As many slots as viewers plus two:
    each viewer may pin one, one is the newest, and one is always free to be written.
    """

    def __init__(self, block: SharedBlock, header: BlockHeader) -> None:
        self.published = 0
        self.dropped = 0
        self._header = header
        self._block: SharedBlock | None = block
        self._address = RingAddress(block.path, header.token.hex())
        self._leases = Leases(block.descriptor)
        self._oldest_first = list(range(header.slots))
        block.memory[: len(header.pack())] = header.pack()
        self._bytes: NDArray[np.uint8] | None = np.frombuffer(block.memory, np.uint8)

    @classmethod
    def create(cls, plane_shape: tuple[int, int], dtype: DTypeLike, slots: int = 10) -> "Ring":
        """Allocate and reserve all slots at once; a full /dev/shm is refused here."""
        if not 2 <= slots <= MOST_SLOTS:
            raise ViewerError(f"a live stream has 2 to {MOST_SLOTS} slots, not {slots}")
        slot_bytes = plane_shape[0] * plane_shape[1] * np.dtype(dtype).itemsize
        header = BlockHeader(next(_generations), slots, slot_bytes, secrets.token_bytes(16))
        return cls(SharedBlock.reserve(header.size), header)

    @property
    def address(self) -> RingAddress:
        """Where readers find it, as long as it is open."""
        return self._address

    def publish(
        self, pixels: NDArray[Any], coordinates: Mapping[str, int], layer: str = ""
    ) -> bool:
        """Copy one frame into the oldest slot that nobody reads; False when it was dropped."""
        if self._bytes is None:
            self.dropped += 1
            return False
        if pixels.ndim != 2 or pixels.nbytes > self._header.slot_bytes:
            raise ViewerError(
                f"a frame of {'×'.join(map(str, pixels.shape))} {pixels.dtype} does not fit this"
                f" live stream ({self._header.slot_bytes} bytes a frame); it needs a new one"
            )
        for place, slot in enumerate(self._oldest_first):
            if self._leases.take(slot, writing=True):
                try:
                    self._write(slot, pixels, coordinates, layer)
                finally:
                    self._leases.give_back(slot)
                self._oldest_first.append(self._oldest_first.pop(place))
                return True
        self.dropped += 1
        return False

    def close(self) -> None:
        """Let go of the memory; the kernel frees it when the last reader does too."""
        if self._block is None:
            return
        self._counters()[1] = 1
        self._bytes = None
        self._block.close()
        self._block = None

    def _write(
        self, slot: int, pixels: NDArray[Any], coordinates: Mapping[str, int], layer: str
    ) -> None:
        assert self._block is not None
        assert self._bytes is not None
        height, width = pixels.shape
        header = SlotHeader(
            generation=self._header.generation,
            sequence=self.published + 1,
            dtype=pixels.dtype.newbyteorder("<"),
            shape=(height, width),
            stamp_ns=time.monotonic_ns(),
            coordinates=coordinates,
            layer=layer,
        )
        packed, start = header.pack(), self._header.offset(slot)
        # A writer that dies in mid-copy must leave no slot that looks whole.
        mark = writing_mark()
        self._block.memory[start : start + len(mark)] = mark
        target = self._bytes[start + PAGE : start + PAGE + header.byte_length]
        np.copyto(target.view(header.dtype).reshape(pixels.shape), pixels)
        self._block.memory[start : start + len(packed)] = packed
        self.published += 1
        self._counters()[0] = self.published

    def _counters(self) -> NDArray[np.uint64]:
        assert self._bytes is not None
        return self._bytes[COUNTERS_OFFSET : COUNTERS_OFFSET + 16].view(np.uint64)
