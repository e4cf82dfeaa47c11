"""Follow a run: keep its newest frames, go where it is, or stay where the user looks."""

import time
from collections.abc import Callable
from typing import Any

from parfocal.store import Index
from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._reader import LiveFrame, RingReader
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._layers import ChannelLayers
from parfocal.viewer.child._source import Sizes

# The picture waits this long for the other channels of a plane before it shows it without them:
# going there at once makes every channel flicker between its frame and black.
_COMPANY_S = 0.5


class LiveFeed:
    """The newest frames of a ring, put into the layers."""

    def __init__(
        self,
        reader: RingReader,
        sizes: Sizes,
        newest: NewestPlanes,
        layers: ChannelLayers,
        go_to: Callable[[int, int, int], None],
        only: LiveFilter,
    ) -> None:
        self.following = True
        self.displayed = 0
        self._reader: RingReader | None = reader
        self._counts = (0, 0)
        self._sizes = sizes
        self._newest = newest
        self._layers = layers
        self._go_to = go_to
        self._only = only
        self._target: tuple[int, int, int] | None = None
        self._went_at = 0.0
        self._waiting_for_draw: set[Index] = set()

    @property
    def counters(self) -> dict[str, int]:
        """Frames taken from the ring, drawn on screen, and missed because newer ones came."""
        if self._reader is not None:
            self._counts = self._reader.accepted, self._reader.dropped
        accepted, dropped = self._counts
        return {"accepted": accepted, "displayed": self.displayed, "dropped": dropped}

    @property
    def running(self) -> bool:
        """Whether the writer still has its ring open."""
        return self._reader is not None

    def poll(self, shown: tuple[int, int, int]) -> bool:
        """Take what is new and show it; `shown` is the (t, p, z) on screen. False for no news."""
        if self._reader is None:
            return False
        finished = self._reader.finished
        frames = self._only.of(self._reader.fresh())
        for frame in frames:
            self._keep(frame, shown)
        if self.following and self._target not in (None, shown):
            self._follow()
        if finished:
            self.close()
        return finished or bool(frames)

    def on_draw(self) -> None:
        """Count what has been put on screen."""
        self.displayed += len(self._waiting_for_draw)
        self._waiting_for_draw.clear()

    def follow(self, following: bool) -> None:
        """Go with the run again, or stay."""
        self.following = following
        if following and self._target is not None:
            self._go_to(*self._target)

    def close(self) -> None:
        """Let go of the ring; the frames that came stay."""
        if self._reader is not None:
            self._counts = self._reader.accepted, self._reader.dropped
            self._reader.close()
            self._reader = None

    def _keep(self, frame: LiveFrame, shown: tuple[int, int, int]) -> None:
        index = self._index(frame)
        if index is None:
            return
        t, p, c, z = index
        self._newest.put(index, frame.pixels)
        self._layers.fix_contrast_from(c, frame.pixels)
        if (t, p, z) == shown:
            self._layers.refresh(c)
            self._waiting_for_draw.add(index)
        self._target = t, p, z

    def _follow(self) -> None:
        assert self._target is not None
        t, p, z = self._target
        indices = [
            (t, p, c, z) for c in self._layers.shown() if self._only.takes({"t": t, "p": p, "c": c})
        ]
        arrived = [index for index in indices if index in self._newest]
        now = time.monotonic()
        if len(arrived) == len(indices) or now - self._went_at > _COMPANY_S:
            self._went_at = now
            self._go_to(t, p, z)
            self._waiting_for_draw.update(arrived)

    def _index(self, frame: LiveFrame) -> Index | None:
        """Where a frame belongs; None for one that this store has no place for."""
        sizes = self._sizes
        t, p, c, z = (frame.coordinates.get(axis, 0) for axis in "tpcz")
        inside = 0 <= t < sizes.t and 0 <= p < sizes.p and 0 <= c < sizes.c and 0 <= z < sizes.z
        return (t, p, c, z) if inside and frame.pixels.shape == (sizes.y, sizes.x) else None


def attach(address: dict[str, Any]) -> RingReader | None:
    """Open the ring, or None when the run ended before the window was up."""
    try:
        return RingReader.attach(RingAddress.from_json(address))
    except ViewerError:
        return None
