"""Put the frozen status together from the counters, whenever somebody asks."""

from collections.abc import Callable, Sequence
from pathlib import Path

from parfocal.plan import Schedule
from parfocal.react import LoopCounts
from parfocal.run._feed import Feed
from parfocal.run._program import Place
from parfocal.run._shared import Shared
from parfocal.run._sink import CountingSink, Sink
from parfocal.run._state import RunState
from parfocal.run._status import RunError, RunStatus, Stimulations
from parfocal.run._watch import Watch

__all__ = ["Report"]

BEHIND_S = 1.0  # less is made up for in the next idle moment
NO_LOOP = LoopCounts()
ENDING = frozenset({RunState.FINISHING, RunState.CANCELLING})


class Report:
    """Reads a run's parts and never waits for them."""

    def __init__(
        self,
        shared: Shared,
        sinks: Sequence[Sink],
        watch: Watch,
        *,
        generation: int,
        store: Path,
    ) -> None:
        self.feed: Feed | None = None
        self._shared = shared
        self._counting = tuple(sink for sink in sinks if isinstance(sink, CountingSink))
        self._watch = watch
        self._generation = generation
        self._store = store

    def status(self, fatal: Callable[[], RunError | None]) -> RunStatus:
        """The run at this moment."""
        shared, clock, progress = self._shared, self._shared.clock, self._shared.progress
        # in this order, or a frame that comes in between makes stored exceed acquired
        recorded = shared.recording.status()
        acquired = progress.acquired
        fed = progress.fed
        place = shared.program.place()
        schedule = place.schedule
        state, reason = shared.control.snapshot()
        elapsed = clock.elapsed()
        sinks = tuple((sink.name, sink.counts()) for sink in self._counting)
        raw_per_second = self._watch.raw_per_second
        disk_per_second = self._watch.disk_per_second
        if state.is_terminal and elapsed > 0:  # then the mean over the whole run says more
            raw_per_second = progress.raw_bytes / elapsed
            disk_per_second = recorded.disk_bytes / elapsed
        free = self._watch.free_bytes
        loop = NO_LOOP if shared.reaction is None else shared.reaction.counts()
        item = self._item(place)
        return RunStatus(
            state=state,
            reason=reason,
            name=shared.program.experiment.name,
            generation=self._generation,
            revision=place.revision,
            item=item,
            phase=next((part.name for part in schedule.parts if part.item == item), ""),
            message=self._message(state),
            event=progress.event,
            events=schedule.events,
            field=progress.field,
            fields=len(schedule.fields),
            frames_expected=schedule.frames,
            frames_fed=fed,
            frames_acquired=acquired,
            frames_stored=recorded.stored,
            frames_skipped=progress.skipped,
            stimulations=Stimulations(loop.fired, loop.fallback, loop.skipped),
            light=() if shared.reaction is None else shared.reaction.light(),
            started_s=clock.started,
            finished_s=clock.finished,
            started_utc=clock.started_utc,
            finished_utc=clock.finished_utc,
            elapsed_s=elapsed,
            scheduled_s=schedule.duration_s,
            remaining_s=self._remaining(state, schedule),
            wait_remaining_s=self._wait_remaining(state),
            lag_ms=shared.lag.newest,
            lag_p50_ms=shared.lag.quantile(0.5),
            lag_p95_ms=shared.lag.quantile(0.95),
            lag_max_ms=shared.lag.quantile(1.0),
            buffer_bytes=recorded.buffer_bytes,
            buffer_limit=recorded.buffer_limit,
            blocked_s=recorded.blocked_s,
            mb_per_s=raw_per_second / 1e6,
            disk_mb_per_s=disk_per_second / 1e6,
            free_bytes=free,
            free_seconds=None if not free or disk_per_second <= 0 else free / disk_per_second,
            react_queued=loop.waiting,
            react_queue_limit=loop.limit,
            react_deferred=loop.deferred,
            react_analysed=loop.analysed,
            react_failed=loop.failed,
            react_latency_ms=_milliseconds(loop.latency_s),
            react_latency_p95_ms=_milliseconds(loop.latency_p95_s),
            live_published=sum(counts.published for _, counts in sinks),
            live_dropped=sum(counts.dropped for _, counts in sinks),
            sinks=sinks,
            errors=shared.errors.all(),
            fatal=fatal(),  # it was there before the state said so
            # what was cancelled or failed stays beside the store that it would have replaced
            store=shared.recording.path if state.is_terminal else self._store,
        )

    def _item(self, place: Place) -> int:
        """That of the step handed out last, unless the next one is a barrier or the first."""
        steps = place.schedule.steps
        if place.step is not None and (place.done == 0 or place.step.event is None):
            return place.step.item
        return steps[place.done - 1].item if place.done else 0

    def _message(self, state: RunState) -> str:
        message = None if self.feed is None else self.feed.barriers.message
        return "" if state.is_terminal or message is None else message

    def _remaining(self, state: RunState, schedule: Schedule) -> float:
        """By the schedule, what pauses and waits moved, and how late the newest event was.

        Never less than the exposures that are left: a run that is paused past the end of its
        schedule is not about to end. One that runs behind goes on at the pace that it had.
        """
        if state.is_terminal or state in ENDING:
            return 0.0
        shared = self._shared
        if state in (RunState.PENDING, RunState.PREPARING):
            return schedule.duration_s
        late = max(0.0, shared.lag.newest or 0.0) / 1000
        planned = schedule.duration_s - shared.clock.plan_time() + late
        left = schedule.frames - shared.progress.acquired - shared.progress.skipped
        least = max(0, left) * self._mean_exposure(schedule)
        if late > BEHIND_S:
            pace = shared.clock.worked() / max(1, shared.progress.acquired)
            least = max(least, left * pace)
        return max(least, planned)

    def _mean_exposure(self, schedule: Schedule) -> float:
        """Seconds, as if the channels had equal shares of the frames."""
        unsaid = self.feed.spans.exposure_ms if self.feed is not None else 0.0
        exposures = [channel.exposure_ms or unsaid for channel in schedule.channels]
        return sum(exposures) / max(1, len(exposures)) / 1000

    def _wait_remaining(self, state: RunState) -> float | None:
        """Seconds of a wait, or to the due time that the feed sleeps for."""
        if self.feed is None or state.is_terminal or state in ENDING:
            return None
        ends = self.feed.barriers.ends
        if ends is None and state is RunState.RUNNING:
            ends = self.feed.sleeps_until
        return None if ends is None else self._shared.clock.seconds_to(ends)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds
