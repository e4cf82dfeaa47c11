"""Read the newest frames of another process's ring."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._leases import Leases
from parfocal.viewer._memory import SharedBlock
from parfocal.viewer._slot import COUNTERS_OFFSET, HEADER_BYTES, PAGE, BlockHeader, SlotHeader


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
        return self.layer, self.coordinates.get("c", 0)


class RingReader:
    """One viewer's side of a ring. `accepted + dropped` is what was published meanwhile."""

    def __init__(self, block: SharedBlock, header: BlockHeader) -> None:
        self.accepted = 0
        self.dropped = 0
        self.damaged = 0
        self._header = header
        self._block: SharedBlock | None = block
        self._leases = Leases(block.descriptor)
        self._bytes: NDArray[np.uint8] | None = np.frombuffer(block.memory, np.uint8)
        self._seen = 0

    @classmethod
    def attach(cls, address: RingAddress) -> "RingReader":
        """Open the ring at this address, if it is still the one that the address was made for."""
        block = SharedBlock.open(address.path)
        try:
            header = BlockHeader.unpack(block.memory[:PAGE])
            if header.token.hex() != address.token or header.size != len(block.memory):
                raise ViewerError(f"the live stream at {address.path} is another one")
        except ViewerError:
            block.close()
            raise
        return cls(block, header)

    @property
    def finished(self) -> bool:
        """Whether the writer has closed it."""
        return self._bytes is None or bool(self._counter(1))

    def fresh(self) -> list[LiveFrame]:
        """Take the newest unseen frame of each layer and channel, oldest first; never waits."""
        if self._bytes is None or self._counter(0) <= self._seen:
            return []
        taken: dict[tuple[str, int], LiveFrame] = {}
        for slot in self._slots_newest_first():
            frame = self._take(slot)
            if frame is not None and frame.sequence > self._seen:
                known = taken.get(frame.stream)
                if known is None or known.sequence < frame.sequence:
                    taken[frame.stream] = frame
        frames = sorted(taken.values(), key=lambda frame: frame.sequence)
        if frames:
            newest = frames[-1].sequence
            self.accepted += len(frames)
            self.dropped += newest - self._seen - len(frames)
            self._seen = newest
        return frames

    def close(self) -> None:
        """Let go of the ring."""
        if self._block is None:
            return
        self._bytes = None
        self._block.close()
        self._block = None

    def _slots_newest_first(self) -> list[int]:
        """One slot for each unseen layer and channel, by their headers alone (1 kB each)."""
        newest: dict[tuple[str, int], tuple[int, int]] = {}
        for slot in range(self._header.slots):
            header = self._peek(slot)
            if header is None or header.sequence <= self._seen:
                continue
            stream = header.layer, header.coordinates.get("c", 0)
            newest[stream] = max(newest.get(stream, (0, 0)), (header.sequence, slot))
        return [slot for _, slot in sorted(newest.values(), reverse=True)]

    def _take(self, slot: int) -> LiveFrame | None:
        """Copy a slot under a lease; None when the writer is just overwriting it."""
        assert self._bytes is not None
        if not self._leases.take(slot, writing=False):
            return None
        try:
            header = self._read_header(slot)
            if header is None:
                return None
            start = self._header.offset(slot) + PAGE
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

    def _peek(self, slot: int) -> SlotHeader | None:
        """Read a header without a lease: one torn by the writer is as good as none."""
        with contextlib.suppress(ViewerError):
            return self._read_header(slot)
        return None

    def _read_header(self, slot: int) -> SlotHeader | None:
        assert self._block is not None
        start = self._header.offset(slot)
        raw = self._block.memory[start : start + HEADER_BYTES]
        return SlotHeader.unpack(raw, self._header.slot_bytes)

    def _counter(self, number: int) -> int:
        assert self._bytes is not None
        return int(self._bytes[COUNTERS_OFFSET : COUNTERS_OFFSET + 16].view(np.uint64)[number])
