"""Give each frame to the recording first, then to the sinks, in the engine thread."""

import time
from collections.abc import Sequence
from functools import partial

from parfocal.run._errors import Keeping
from parfocal.run._shared import Shared
from parfocal.run._sink import Sink
from parfocal.run._trouble import Trouble
from parfocal.scope import Frame, FrameTag
from parfocal.store import StoreError

__all__ = ["FanOut"]


class FanOut:
    """The engine's callbacks for one run.

    `closed` is what an old run is told by: once it is set, a late callback changes nothing.
    """

    def __init__(self, shared: Shared, sinks: Sequence[Sink], trouble: Trouble) -> None:
        self._shared = shared
        self._sinks = [(sink, Keeping(partial(shared.errors.add, sink.name))) for sink in sinks]
        self._reacting = Keeping(partial(shared.errors.add, "react"))
        self._trouble = trouble
        self._event = -1
        self.closed = False

    def on_frame(self, frame: Frame) -> None:
        """A frame came: count it, store it, show it. Storage never waits for the others."""
        if self.closed:
            return
        shared = self._shared
        if frame.tag.event != self._event:
            self._begin_event(frame)
        shared.progress.acquired += 1
        shared.progress.raw_bytes += frame.pixels.nbytes
        cancelled = shared.control.cancelled
        try:
            shared.recording.put(frame.tag.index, frame.pixels, frame.metadata, cancelled=cancelled)
        except StoreError as error:
            if not cancelled.is_set() or shared.recording.status().error is not None:
                raise
            # the cancel reached a frame that waited for the disk: lost, and the status says so
            shared.errors.add("store", error)
            return
        if shared.reaction is not None:
            with self._reacting:
                shared.reaction.offer(frame)
        for sink, failed in self._sinks:
            with failed:
                sink.offer(frame)

    def on_missing(self, tag: FrameTag) -> None:
        """The camera did not deliver this frame: the store says so by index, and why."""
        if self.closed:
            return
        reason = self._trouble.reason_for(tag)
        self._shared.recording.skip(tag.index, reason)
        if self._shared.reaction is not None:
            self._shared.reaction.missed(tag, reason)
        progress = self._shared.progress
        progress.skipped += 1
        progress.event = max(progress.event, tag.event + 1)
        t, p, c, z = tag.index
        self._shared.events.note("skipped", t=t, p=p, c=c, z=z, reason=reason)

    def _begin_event(self, frame: Frame) -> None:
        """The first frame of an event: when did its acquisition begin, and how late was that?"""
        shared, tag = self._shared, frame.tag
        schedule = shared.program.schedule
        offset = schedule.offset(schedule.steps[tag.ordinal])
        began = float(frame.metadata.get("started_s", time.perf_counter()))
        shared.clock.start(began, offset)
        shared.progress.began = began
        shared.lag.add((began - shared.clock.target(offset)) * 1000)
        self._event = tag.event
        shared.progress.event = max(shared.progress.event, tag.event + 1)
        shared.progress.field = tag.index[1] + 1
