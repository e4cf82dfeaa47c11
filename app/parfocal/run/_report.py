"""Put the frozen status together from the counters, whenever somebody asks."""

from collections.abc import Sequence
from pathlib import Path

from parfocal.plan import Experiment, Schedule
from parfocal.run._feed import Feed
from parfocal.run._meters import Clock, LagMeter, Progress
from parfocal.run._sink import CountingSink, Sink
from parfocal.run._state import Control, RunState
from parfocal.run._status import RunError, RunStatus
from parfocal.run._watch import Watch
from parfocal.store import Recording

__all__ = ["Report"]

BEHIND_S = 1.0  # less is made up for in the next idle moment


class Report:
    """Reads a run's parts and never waits for them."""

    def __init__(
        self,
        experiment: Experiment,
        schedule: Schedule,
        *,
        store: Path,
        recording: Recording,
        sinks: Sequence[Sink],
        control: Control,
        clock: Clock,
        progress: Progress,
        lag: LagMeter,
        watch: Watch,
    ) -> None:
        self.feed: Feed | None = None
        self._experiment = experiment
        self._schedule = schedule
        self._store = store
        self._recording = recording
        self._counting = tuple(sink for sink in sinks if isinstance(sink, CountingSink))
        self._control = control
        self._clock = clock
        self._progress = progress
        self._lag = lag
        self._watch = watch

    def status(self, errors: tuple[RunError, ...], fatal: RunError | None) -> RunStatus:
        """The run at this moment."""
        # in this order, or a frame that comes in between makes stored exceed acquired
        recorded = self._recording.status()
        acquired = self._progress.acquired
        fed = self._progress.fed
        state, reason = self._control.snapshot()
        elapsed = self._clock.elapsed()
        live = [sink.counts() for sink in self._counting]
        raw_per_second = self._watch.raw_per_second
        disk_per_second = self._watch.disk_per_second
        if state.is_terminal and elapsed > 0:  # then the mean over the whole run says more
            raw_per_second = self._progress.raw_bytes / elapsed
            disk_per_second = recorded.disk_bytes / elapsed
        free = self._watch.free_bytes
        return RunStatus(
            state=state,
            reason=reason,
            name=self._experiment.name,
            phase=self._experiment.phases[0].name,
            event=self._progress.event,
            events=self._schedule.events,
            field=self._progress.field,
            fields=len(self._schedule.fields),
            frames_expected=self._schedule.frames,
            frames_fed=fed,
            frames_acquired=acquired,
            frames_stored=recorded.stored,
            frames_skipped=self._progress.skipped,
            started_utc=self._clock.started_utc,
            finished_utc=self._clock.finished_utc,
            elapsed_s=elapsed,
            scheduled_s=self._schedule.duration_s,
            remaining_s=self._remaining(state, elapsed),
            wait_remaining_s=self._wait_remaining(state),
            lag_ms=self._lag.newest,
            lag_p50_ms=self._lag.quantile(0.5),
            lag_p95_ms=self._lag.quantile(0.95),
            lag_max_ms=self._lag.quantile(1.0),
            buffer_bytes=recorded.buffer_bytes,
            buffer_limit=recorded.buffer_limit,
            blocked_s=recorded.blocked_s,
            mb_per_s=raw_per_second / 1e6,
            disk_mb_per_s=disk_per_second / 1e6,
            free_bytes=free,
            free_seconds=None if not free or disk_per_second <= 0 else free / disk_per_second,
            live_published=sum(counts.published for counts in live),
            live_dropped=sum(counts.dropped for counts in live),
            errors=errors,
            fatal=fatal,
            # what was cancelled or failed stays beside the store that it would have replaced
            store=self._recording.path if state.is_terminal else self._store,
        )

    def _remaining(self, state: RunState, elapsed: float) -> float:
        """By the schedule, what pauses moved, and how late the newest event was.

        Never less than the exposures that are left: a run that is paused past the end of its
        schedule is not about to end. One that runs behind goes on at the pace that it had.
        """
        if state.is_terminal or state in (RunState.FINISHING, RunState.CANCELLING):
            return 0.0
        late = max(0.0, self._lag.newest or 0.0) / 1000
        planned = self._schedule.duration_s + self._clock.moved() + late - elapsed
        left = self._schedule.frames - self._progress.acquired - self._progress.skipped
        least = max(0, left) * self._mean_exposure()
        if late > BEHIND_S:
            least = max(least, left * self._clock.worked() / max(1, self._progress.acquired))
        return max(least, planned)

    def _mean_exposure(self) -> float:
        """Seconds, as if the channels had equal shares of the frames."""
        unsaid = self.feed.exposure_ms if self.feed is not None else 0.0
        exposures = [channel.exposure_ms or unsaid for channel in self._schedule.channels]
        return sum(exposures) / max(1, len(exposures)) / 1000

    def _wait_remaining(self, state: RunState) -> float | None:
        """Seconds to the next due time while the feed sleeps for it."""
        target = self.feed.waits_for if self.feed is not None else None
        if target is None or state is not RunState.RUNNING:
            return None
        return self._clock.seconds_to(target)
