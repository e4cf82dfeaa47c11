"""Put a session together: microscope, recording and live ring into one `Run`, and its viewers."""

import logging
import math
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from parfocal.plan import Experiment, Schedule, Shown, streams_of
from parfocal.run import (
    Alarm,
    Decide,
    Guard,
    Reaction,
    Run,
    Sink,
    SinkCounts,
    recording_spec,
    refuse,
)
from parfocal.scope import Frame, Microscope
from parfocal.store import Recording, RecordingSpec
from parfocal.viewer import LiveFilter, LivePace, Ring, RingAddress, Selection, ViewerError

if TYPE_CHECKING:
    from parfocal.jobs import Messenger, Notice

__all__ = ["Alarms", "LiveSink", "LiveView", "Session", "live_views", "notice_of", "prepare_run"]

_log = logging.getLogger(__name__)

CLOSING_S = 30.0


@dataclass(frozen=True, slots=True)
class LiveView:
    """What the plan of a run says of one viewer: its name, and which live frames it shows.

    `declared` is False for the one viewer of a plan that says nothing; `empty` where no frame of
    the run fits what it is to show.
    """

    name: str
    declared: bool
    only: LiveFilter
    empty: bool = False


class LiveSink:
    """Publishes frames to the viewers' ring, as many as a viewer can show of each channel and as
    the computer has time for. A frame that is not published is counted as dropped."""

    name = "live view"

    def __init__(self, ring: Ring, channels: Sequence[str]) -> None:
        self._ring = ring
        self._channels = tuple(channels)
        self._pace = LivePace(len(self._channels))
        self._held_back = 0

    def offer(self, frame: Frame) -> None:
        """Publish the frame if it is its channel's turn; never waits."""
        t, p, c, z = frame.tag.index
        if not self._pace.is_turn(c):
            self._held_back += 1
            return
        coordinates = {"t": t, "p": p, "c": c, "z": z}
        self._ring.publish(frame.pixels, coordinates, self._channels[c])

    def counts(self) -> SinkCounts:
        """How many frames went to the viewers, and how many did not."""
        return SinkCounts(self._ring.published, self._ring.dropped + self._held_back)


class Session:
    """A run and the parts made for it; `close()` gives them all back."""

    def __init__(
        self,
        run: Run,
        recording: Recording,
        ring: Ring | None,
        guard: Guard | None = None,
        alarms: "Alarms | None" = None,
    ) -> None:
        self.run = run
        self.recording = recording
        self.ring = ring
        self._guard, self._alarms = guard, alarms
        self._closed = False

    @property
    def live(self) -> RingAddress | None:
        """Where a viewer finds the newest frames."""
        return self.ring.address if self.ring is not None else None

    @property
    def views(self) -> tuple[LiveView, ...]:
        """The viewers of the plan as it stands."""
        return live_views(self.run.plan, self.run.schedule)

    def close(self) -> None:
        """End the run if it still runs, close the recording, free the ring. Twice is fine."""
        if self._closed:
            return
        self._closed = True
        self.run.cancel("the session was closed")
        self.run.wait(CLOSING_S)
        if self._guard is not None and self._alarms is not None:
            self._guard.close()
            self._alarms.close()
        # both do nothing when the run has closed its store, as it does however it ends
        if self.recording.status().accepted == 0:
            self.recording.abandon()
        else:
            self.recording.close("interrupted", "the session was closed")
        if self.ring is not None:
            self.ring.close()


def prepare_run(
    experiment: Experiment,
    microscope: Microscope,
    output: Path,
    *,
    overwrite: bool = False,
    budget_bytes: int = 2**30,
    live: bool = True,
    extra_sinks: Sequence[Sink] = (),
    keep_open: bool = False,
    decide: Decide | None = None,
    alarms: "Alarms | None" = None,
) -> Session:
    """Check, create the store and the live ring, and return the run, ready to start.

    When any of it fails, what was already made is removed. With `keep_open` the run holds at the
    end of its plan, so that it can be continued in the same store. `decide(seen, cells)` is asked
    after each picture that a pipeline analysed; the items that it gives back replace what remains.
    `alarms` hears of the run's troubles, in a thread of their own.
    """
    output = Path(output)
    schedule = refuse(
        experiment, microscope, output, overwrite=overwrite, budget_bytes=budget_bytes
    )
    spec = recording_spec(experiment, schedule, microscope)
    with ExitStack() as undo:
        recording = Recording.create(
            output,
            spec,
            budget_bytes=budget_bytes,
            codec=experiment.storage.codec,
            overwrite=overwrite,
        )
        undo.callback(recording.abandon)
        # a pipeline whose model does not load ends here, and what was made is removed
        reaction = Reaction(experiment, schedule, microscope, lambda: recording, decide)
        ring = _live_ring(spec) if live else None
        if ring is not None:
            undo.callback(ring.close)
        channels = [channel.name for channel in schedule.channels]
        sinks = (*(() if ring is None else (LiveSink(ring, channels),)), *extra_sinks)
        run = Run(
            experiment,
            microscope,
            recording,
            sinks,
            schedule=schedule,
            store=output,
            keep_open=keep_open,
            reaction=reaction,
            live=lambda: None if ring is None else ring.address.as_json(),
        )
        undo.pop_all()
    guard = None
    if alarms is not None:
        hear = partial(alarms.hear, output)
        guard = Guard(run, lambda: recording.status().disk_bytes, hear)
        guard.start()
    return Session(run, recording, ring, guard, alarms)


class Alarms:
    """Tells people of a run's troubles on the ways that the window's settings name, and in the
    window. `hear` is called in the guard's thread and returns at once."""

    def __init__(
        self,
        settings: Path | None = None,
        queue: Path | None = None,
        *,
        closing_s: float = 0.0,
    ) -> None:
        self._settings, self._queue, self._closing_s = settings, queue, closing_s
        self._lock = threading.Lock()
        self._messenger: Messenger | None = None

    def hear(self, store: Path, alarm: Alarm) -> None:
        """A trouble began, or is over: whoever was told of the one is told of the other."""
        from parfocal.jobs import Messenger, ways_of_user  # half a second, for troubles only

        with self._lock:
            if self._messenger is None:
                self._messenger = Messenger(lambda: ways_of_user(self._settings), self._queue)
            self._messenger.tell(notice_of(alarm, store), everybody=True)

    def close(self) -> None:
        """Wait `closing_s` for what was told; the rest is delivered while the program lives, and
        then stays in the outbox."""
        with self._lock:
            if self._messenger is not None:
                self._messenger.close(self._closing_s)
                self._messenger = None


def notice_of(alarm: Alarm, store: Path) -> "Notice":
    """An alarm as people are told it, on whatever way. One that is over needs nobody."""
    from parfocal.jobs import Notice

    what = {
        "silent": "frames stopped",
        "stalled": "the disk stalls",
        "little room": "too little room",
        "failed": "the run failed",
    }[alarm.trouble]
    subject = f"{store.name}: {what}{' — over' if alarm.over else ''}"
    key = f"run/{store}/{alarm.trouble}/{time.time_ns()}/{alarm.over}"
    text = f"{alarm.words}\nstore: {store}\ncomputer: {socket.gethostname()}"
    return Notice(key, f"{subject}: {alarm.words}", text, needs_me=not alarm.over)


def live_views(experiment: Experiment, schedule: Schedule) -> tuple[LiveView, ...]:
    """The viewers that a plan asks for, each with its filter of live frames."""
    return tuple(
        LiveView(
            stream.viewer,
            stream.declared,
            _filter(stream.shown, schedule),
            empty=not stream.shown,
        )
        for stream in streams_of(experiment, schedule)
    )


def _filter(shown: Sequence[Shown], schedule: Schedule) -> LiveFilter:
    timepoints = max((part.first_t + part.timepoints for part in schedule.parts), default=0)
    t, p, c = known = (timepoints, len(schedule.fields), len(schedule.channels))
    if tuple(shown) == (Shown(((0, t),), ((0, p),), ((0, c),)),):
        return LiveFilter()
    return LiveFilter(tuple(Selection(one.t, one.p, one.c) for one in shown), known)


def _live_ring(spec: RecordingSpec) -> Ring | None:
    """Slots for the largest camera of the plan; a larger frame makes the ring grow."""
    planes = [(spec.plane_shape, np.dtype(spec.dtype))]
    for channel in spec.channels:
        dtype = spec.dtype if channel.dtype is None else channel.dtype
        planes.append((channel.plane_shape or spec.plane_shape, np.dtype(dtype)))
    shape, dtype = max(planes, key=lambda plane: math.prod(plane[0]) * plane[1].itemsize)
    try:
        return Ring.create(shape, dtype)
    except ViewerError as error:
        # a full /dev/shm must not cost the experiment: it runs, and nobody watches it live
        _log.warning("no live view: %s", error)
        return None
