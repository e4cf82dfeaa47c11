"""Follow a run: keep its newest frames, go where it is, or stay where the user looks."""

import time
from collections.abc import Callable
from typing import Any

from parfocal.store import Index
from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import EVERYTHING, LiveFilter
from parfocal.viewer._reader import RingReader
from parfocal.viewer._reading import LiveFrame
from parfocal.viewer.child._arrivals import Arrivals
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._layers import ChannelLayers
from parfocal.viewer.child._seen import SeenFrames

Place = tuple[int, int, int]  # t, p, z

# The picture waits this long for the other channels of a plane before it shows it without them:
# going there at once makes every channel flicker between its frame and black.
_COMPANY_S = 0.5


class LiveFeed:
    """The newest frames of a ring, put into the layers."""

    def __init__(
        self,
        arrivals: Arrivals,
        has_place: Callable[[Index, tuple[int, ...]], bool],
        newest: NewestPlanes,
        layers: ChannelLayers,
        go_to: Callable[[int, int, int], None],
        only: LiveFilter,
    ) -> None:
        self.following = True
        self._arrivals = arrivals
        self._seen = SeenFrames()
        self._running = True
        self._has_place = has_place
        self._newest = newest
        self._layers = layers
        self._go_to = go_to
        self._only = only
        self._target: Place | None = None
        self._went_at = 0.0

    @property
    def counters(self) -> dict[str, int]:
        """Frames taken from the ring, drawn on screen, and never drawn: of what was sent, all
        but those that the next draw will show was displayed or dropped."""
        accepted, missed, untaken = self._arrivals.counts()
        displayed = self._seen.displayed
        waiting = self._seen.waiting(self._planes(self._target)) if self.following else 0
        dropped = accepted + missed - displayed - waiting - untaken
        return {"accepted": accepted, "displayed": displayed, "dropped": dropped}

    @property
    def running(self) -> bool:
        """Whether the writer still has its ring open."""
        return self._running

    def poll(self, shown: Place) -> bool:
        """Take what is new and show it; `shown` is the (t, p, z) on screen. False for no news."""
        if not self._running:
            return False
        finished = self._arrivals.finished
        frames = self._arrivals.take()
        here = set()
        for frame in frames:
            index = self._index(frame)
            if index is not None:
                self._keep(index, frame)
                if _place(index) == shown:
                    here.add(index[2])
        if not self._follow(shown, at_once=finished):
            for channel in here:
                self._layers.refresh(channel)
        if finished:
            self.close()
        return finished or bool(frames)

    def awaits_draw(self, shown: Place) -> bool:
        """Whether the next draw shows a frame that nobody has seen."""
        return self._seen.waiting(self._planes(shown)) > 0

    def on_draw(self, shown: Place) -> None:
        """Count what has been put on screen."""
        self._seen.draw(self._planes(shown))

    def follow(self, following: bool) -> None:
        """Go with the run again, or stay."""
        self.following = following
        if following and self._target is not None:
            self._go_to(*self._target)

    def take_ages_ms(self) -> dict[str, list[float]]:
        """How old each frame was when it was accepted and when it was drawn, since asked last."""
        return {
            "accepted": self._arrivals.take_ages_ms(),
            "displayed": self._seen.take_ages_ms(),
        }

    def close(self) -> None:
        """Let go of the ring; the frames that came stay."""
        self._running = False
        self._arrivals.close()

    def _keep(self, index: Index, frame: LiveFrame) -> None:
        self._newest.put(index, frame.pixels)
        self._layers.admit(index, frame.pixels)
        self._seen.accept(index, frame.stamp_ns)
        self._target = _place(index)

    def _follow(self, shown: Place, *, at_once: bool) -> bool:
        """Go where the run is, once the plane is all there; True when the picture changed."""
        if not self.following or self._target in (None, shown):
            return False
        assert self._target is not None
        planes = self._planes(self._target)
        complete = all(index in self._newest for index in planes)
        now = time.monotonic()
        if not (complete or at_once) and now - self._went_at <= _COMPANY_S:
            return False
        self._went_at = now
        self._go_to(*self._target)
        return True

    def _planes(self, place: Place | None) -> list[Index]:
        """The planes that are visible there, as far as live frames of them are taken."""
        if place is None:
            return []
        t, p, z = place
        visible = [c for c, layer in self._layers.shown().items() if layer.visible]
        return [(t, p, c, z) for c in visible if self._only.takes({"t": t, "p": p, "c": c})]

    def _index(self, frame: LiveFrame) -> Index | None:
        """Where a frame belongs; None for one that this store has no place for."""
        t, p, c, z = (frame.coordinates.get(axis, 0) for axis in "tpcz")
        index = t, p, c, z
        return index if self._has_place(index, frame.pixels.shape) else None


def _place(index: Index) -> Place:
    t, p, _, z = index
    return t, p, z


def attach(address: dict[str, Any], only: LiveFilter = EVERYTHING) -> Arrivals | None:
    """Open the ring for these frames, or None when the run ended before the window was up."""
    try:
        return Arrivals(RingReader.attach(RingAddress.from_json(address), only.takes))
    except ViewerError:
        return None
