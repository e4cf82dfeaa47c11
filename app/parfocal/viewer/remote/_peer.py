"""Keep what the rig knows of one connection: what it watches, and how much it has taken."""

import time
from dataclasses import dataclass, field

from parfocal.viewer.remote._newest import PackedFrame

# One on the way and one being shown: more would only be older when they arrive.
FRAMES_ON_THE_WAY = 2
SILENT_S = 6.0


@dataclass(slots=True)
class Peer:
    """One connection of a viewer; it has two, one for frames and one for questions."""

    identity: bytes
    address: str
    heard: float = field(default_factory=time.monotonic)
    barred: bool = False
    reading: int = 0
    watching: str = ""
    sent: int = 0
    dropped: int = 0
    _taken_before: int | None = None
    _taken: int = 0
    _ring: str = ""
    _seen: int = 0

    @property
    def silent(self) -> bool:
        """Whether it has said nothing for so long that it must be gone."""
        return time.monotonic() - self.heard > SILENT_S

    @property
    def has_room(self) -> bool:
        """Whether a frame may be sent to it."""
        on_the_way = self.sent - self._taken
        return bool(self.watching) and not self.barred and on_the_way < FRAMES_ON_THE_WAY

    def ready(self, show: str, taken: int) -> None:
        """It watches this show, and has taken so many frames in its life."""
        if self._taken_before is None:
            self._taken_before = taken  # on a connection before this one
        self.watching = show
        # what was never sent cannot have been taken
        self._taken = max(self._taken, min(taken - self._taken_before, self.sent))

    def wants(self, frame: PackedFrame) -> bool:
        """Whether the frame is news to it."""
        return frame.ring != self._ring or frame.sequence > self._seen

    def note_sent(self, frame: PackedFrame) -> None:
        """A frame went out; those between it and the one before never will."""
        if frame.ring == self._ring:
            self.dropped += frame.sequence - self._seen - 1
        self._ring, self._seen = frame.ring, frame.sequence
        self.sent += 1
