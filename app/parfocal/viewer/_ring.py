"""Publish the newest frames for the viewers without ever waiting for one."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._layout import MOST_SLOTS
from parfocal.viewer._slot import can_be_shown
from parfocal.viewer._writing import WrittenBlock

# Shared memory that was full is not asked for again with every frame.
_ASK_AGAIN_S = 10.0
_Frame = tuple[NDArray[Any], Mapping[str, int], str]


class Ring:
    """A fixed number of slots in shared memory, written by one thread of one process.

    The writer overwrites the oldest slot that nobody reads. As many slots as viewers plus two:
    each viewer may pin one, one is the newest, and one is always free to be written.

    A frame that is too large begins a new generation: larger slots in a new block, to which the
    old one leads its readers. A thread reserves it, since that takes 0.1 to 0.4 s. Slots only
    grow, so that cameras of different size may take turns.
    """

    def __init__(self, first: WrittenBlock) -> None:
        self.published = 0
        self.dropped = 0
        self._now: WrittenBlock | None = first
        self._address = first.address
        self._slots = first.header.slots
        self._given_up: list[WrittenBlock] = []
        # held for one frame's copy, or for the moment in which a generation takes over
        self._turn = threading.Lock()
        self._growing = False
        self._grower: threading.Thread | None = None
        self._too_large: _Frame | None = None
        self._refusal: ViewerError | None = None
        self._ask_at = 0.0

    @classmethod
    def create(cls, plane_shape: tuple[int, int], dtype: DTypeLike, slots: int = 10) -> "Ring":
        """Allocate and reserve all slots at once; a full /dev/shm is refused here."""
        if not 2 <= slots <= MOST_SLOTS:
            raise ViewerError(f"a live stream has 2 to {MOST_SLOTS} slots, not {slots}")
        slot_bytes = plane_shape[0] * plane_shape[1] * np.dtype(dtype).itemsize
        return cls(WrittenBlock.reserve(slots, slot_bytes))

    @property
    def address(self) -> RingAddress:
        """Where readers find it, as long as it is open; an earlier address of it does as well."""
        return self._address

    def publish(
        self, pixels: NDArray[Any], coordinates: Mapping[str, int], layer: str = ""
    ) -> bool:
        """Copy one frame into the oldest slot that nobody reads; False when it was dropped.

        A frame for which a generation has to be made is kept and published with it, unless a newer
        one comes before. When there is no memory for it, the next one says so.
        """
        if pixels.ndim != 2 or not can_be_shown(pixels.dtype):
            raise ViewerError(
                f"a frame of {'×'.join(map(str, pixels.shape))} {pixels.dtype} cannot be shown"
                " live; it has to be one plane of whole or real numbers"
            )
        with self._turn:
            if self._now is None:
                self.dropped += 1
                return False
            if not self._now.fits(pixels):
                self._grow_for((pixels, coordinates, layer))
                return False
            return self._write(self._now, (pixels, coordinates, layer))

    def close(self) -> None:
        """Let go of the memory; the kernel frees it when the last reader does too."""
        with self._turn:
            last, self._now = self._now, None
        if self._grower is not None:
            self._grower.join()
        if last is None:
            return
        for block in (last, *self._given_up):
            # a reader that never got further still learns how many frames it missed
            block.count_from(self.published)
            block.close()
        self._given_up.clear()

    def _write(self, block: WrittenBlock, frame: _Frame) -> bool:
        if not block.write(self.published + 1, *frame):
            self.dropped += 1
            return False
        self.published += 1
        block.ring_bells()
        return True

    def _grow_for(self, frame: _Frame) -> None:
        """Keep the frame for the generation that is being made, or begin to make one."""
        if not self._growing:
            refusal, self._refusal = self._refusal, None
            if refusal is not None or time.monotonic() < self._ask_at:
                self.dropped += 1
                if refusal is not None:
                    raise refusal
                return
        if self._too_large is not None:
            self.dropped += 1
        pixels, coordinates, layer = frame
        self._too_large = pixels.copy(), dict(coordinates), layer
        if not self._growing:
            self._growing = True
            self._grower = threading.Thread(
                target=self._grow, args=(pixels.nbytes, self._grower), name="live-ring", daemon=True
            )
            self._grower.start()

    def _grow(self, slot_bytes: int, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()  # so that `close` has to wait for the last one only
        new = self._reserve(slot_bytes)
        with self._turn:
            old, self._growing = self._now, False
            frame, self._too_large = self._too_large, None
            if new is not None and old is not None and frame is not None:
                self._take_over(old, new, frame)
            else:
                self.dropped += 1
        if new is not None:
            (old.free if old is not None else new.close)()

    def _reserve(self, slot_bytes: int) -> WrittenBlock | None:
        try:
            return WrittenBlock.reserve(self._slots, slot_bytes)
        except ViewerError as refusal:
            self._refusal, self._ask_at = refusal, time.monotonic() + _ASK_AGAIN_S
            return None

    def _take_over(self, old: WrittenBlock, new: WrittenBlock, frame: _Frame) -> None:
        new.count_from(self.published)
        self._given_up.append(old)
        self._now, self._address = new, new.address
        if new.fits(frame[0]):
            self._write(new, frame)
        else:
            self.dropped += 1  # the camera grew meanwhile; its next frame asks again
        old.lead_to(new.address)
