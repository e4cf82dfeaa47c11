"""Read the newest frames of another process's ring."""

import time
from collections.abc import Iterable

from parfocal.viewer._address import RingAddress
from parfocal.viewer._doorbell import Doorbell
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import EVERYTHING
from parfocal.viewer._reading import LiveFrame, ReadBlock, Takes

# How often a reader looks that nobody wakes.
_LOOK_S = 0.03


class RingReader:
    """One viewer's side of a ring, through all its generations; one thread at a time.

    `accepted + dropped` is what was published since it came, and what it took of what lay there.
    Of what it does not take, what it saw lying there counts for neither.
    """

    def __init__(self, block: ReadBlock, takes: Takes) -> None:
        self.accepted = 0
        self.dropped = 0
        self._damaged = 0
        self._block: ReadBlock | None = block
        self._began, _ = block.counters()
        self._seen = 0
        self._finished = False
        self._takes = takes
        self._bell = Doorbell.hang()
        self._hang()

    @classmethod
    def attach(cls, address: RingAddress, takes: Takes = EVERYTHING.takes) -> "RingReader":
        """Open the ring at this address, if it is still the one that the address was made for.

        With `takes`, by coordinates: else the newest frame of all wells hides that of the one.
        """
        return cls(ReadBlock.open(address), takes)

    @property
    def damaged(self) -> int:
        """How many slots could not be believed."""
        return self._damaged + (self._block.damaged if self._block is not None else 0)

    @property
    def finished(self) -> bool:
        """Whether the writer closed it or was killed, and `fresh` has given what it left."""
        return self._finished or self._block is None

    def fresh(self) -> list[LiveFrame]:
        """Take the newest unseen frame of each layer and channel, oldest first; never waits."""
        taken: dict[tuple[str, int], LiveFrame] = {}
        others: set[int] = set()
        passed = self._seen
        while self._block is not None and not self._finished:
            newest, gone = self._block.counters()
            if newest > self._seen:
                _keep_newest(taken, self._block.newer_than(self._seen, self._takes, others))
            if not gone:
                break
            passed = max(passed, newest)
            self._move_on()
        frames = sorted(taken.values(), key=lambda frame: frame.sequence)
        self._count(frames, passed, others)
        return frames

    def wait(self, timeout: float) -> None:
        """Sleep until there may be something new; at most for this many seconds."""
        if self._bell is None:
            time.sleep(min(timeout, _LOOK_S))
        else:
            self._bell.wait(timeout)

    def close(self) -> None:
        """Let go of the ring."""
        if self._bell is not None:
            self._bell.close()
            self._bell = None
        if self._block is not None:
            self._damaged += self._block.damaged
            self._block.close()
            self._block = None

    def _count(self, frames: list[LiveFrame], passed: int, others: set[int]) -> None:
        newest = max([passed, *(frame.sequence for frame in frames)])
        # What was published before we came is no loss of ours.
        since = max(self._seen, self._began)
        taken = sum(frame.sequence > since for frame in frames)
        self.accepted += len(frames)
        not_wanted = sum(since < sequence <= newest for sequence in others)
        self.dropped += max(newest - since, 0) - taken - not_wanted
        self._seen = newest

    def _move_on(self) -> None:
        """Follow the stream to its next generation, or see that this was the last."""
        block = self._block
        assert block is not None
        successor = block.successor()
        try:
            following = None if successor is None else ReadBlock.open(successor)
        except ViewerError:
            following = None
        if following is None:
            self._finished = True
        elif following.header.generation <= block.header.generation:
            following.close()
            self._finished = True
        else:
            self._damaged += block.damaged
            block.close()
            self._block = following
            self._hang()

    def _hang(self) -> None:
        assert self._block is not None
        if self._bell is not None and not self._block.hang(self._bell):
            self._bell.close()
            self._bell = None


def _keep_newest(taken: dict[tuple[str, int], LiveFrame], frames: Iterable[LiveFrame]) -> None:
    for frame in frames:
        known = taken.get(frame.stream)
        if known is None or known.sequence < frame.sequence:
            taken[frame.stream] = frame
