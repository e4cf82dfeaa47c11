"""Give each frame to the recording first, then to the sinks, in the engine thread."""

import time
from collections.abc import Sequence
from functools import partial

from parfocal.plan import Schedule
from parfocal.run._meters import Clock, ErrorLog, Keeping, LagMeter, Progress
from parfocal.run._sink import Sink
from parfocal.run._state import Control
from parfocal.scope import Frame, FrameTag
from parfocal.store import Recording, StoreError

__all__ = ["FanOut"]


class FanOut:
    """The engine's callbacks for one run; once `closed`, a late one changes nothing."""

    def __init__(
        self,
        schedule: Schedule,
        recording: Recording,
        sinks: Sequence[Sink],
        *,
        control: Control,
        clock: Clock,
        progress: Progress,
        lag: LagMeter,
        errors: ErrorLog,
    ) -> None:
        self._steps = schedule.steps
        self._recording = recording
        self._sinks = [(sink, Keeping(partial(errors.add, sink.name))) for sink in sinks]
        self._control = control
        self._clock = clock
        self._progress = progress
        self._lag = lag
        self._errors = errors
        self._event = -1
        self.closed = False

    def on_frame(self, frame: Frame) -> None:
        """A frame came: count it, store it, show it. Storage never waits for the others."""
        if self.closed:
            return
        if frame.tag.event != self._event:
            self._begin_event(frame)
        progress = self._progress
        progress.acquired += 1
        progress.raw_bytes += frame.pixels.nbytes
        try:
            self._recording.put(
                frame.tag.index, frame.pixels, frame.metadata, cancelled=self._control.cancelled
            )
        except StoreError as error:
            if not self._control.cancelled.is_set() or self._recording.status().error is not None:
                raise
            # the cancel reached a frame that waited for the disk: lost, and the status says so
            self._errors.add("store", error)
            return
        for sink, failed in self._sinks:
            with failed:
                sink.offer(frame)

    def on_missing(self, tag: FrameTag) -> None:
        """The camera did not deliver this frame: the store says so by index."""
        if self.closed:
            return
        self._progress.skipped += 1
        self._recording.skip(tag.index, "the camera delivered no frame")

    def _begin_event(self, frame: Frame) -> None:
        """The first frame of an event: when did its acquisition begin, and how late was that?"""
        tag = frame.tag
        step = self._steps[tag.ordinal]
        began = float(frame.metadata.get("started_s", time.perf_counter()))
        self._clock.start(began)
        self._lag.add((began - self._clock.target(step.due)) * 1000)
        self._event = tag.event
        self._progress.event = tag.event + 1
        self._progress.field = tag.index[1] + 1
