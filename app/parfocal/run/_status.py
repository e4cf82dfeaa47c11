"""What a run says about itself: one frozen value that the window polls."""

from dataclasses import dataclass
from dataclasses import field as made_with  # a status has a `field` of its own
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from parfocal.run._sink import SinkCounts
from parfocal.run._state import RunState

__all__ = ["RunError", "RunStatus", "Stimulations"]


@dataclass(frozen=True, slots=True)
class RunError:
    """Something that went wrong, how often, and where. `told`: its message is a whole sentence."""

    source: str
    type: str
    message: str
    traceback: str
    count: int = 1
    told: bool = False

    @property
    def sentence(self) -> str:
        """The message for a person; errors that are no sentence of ours show their type too."""
        return self.message if self.told else f"{self.type}: {self.message}"


class Stimulations(NamedTuple):
    """How often light was given, given by another rule since its mask was late, and left out."""

    fired: int = 0
    fallback: int = 0
    skipped: int = 0


NO_LIGHT = Stimulations()


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one moment. stored ≤ acquired ≤ fed ≤ expected holds in every one.

    `generation` numbers the runs of this process: what an older one says is stale. `revision`
    counts the changes of the plan; with a new one, `Run.schedule` and all totals are others.
    `item` is the number of the plan's item (phase, wait or hold) that is next or going on, `phase`
    its name; `event` and `field` count from 1 and are 0 before the first frame.
    `wait_remaining_s` counts down a wait, and to the next due time while the run sleeps for it;
    `message` is what a hold asks the operator to do. `elapsed_s` counts from the first frame's
    acquisition; `remaining_s` is by the schedule and the lag so far. `started_s` and `finished_s`
    are those moments on the monotonic clock (`time.perf_counter`). `react_queue_limit` is 0 where
    no phase of the plan has a pipeline; `react_latency_ms` is how long the newest picture took
    from the moment it was whole until it was analysed.
    """

    state: RunState = RunState.PENDING
    reason: str = ""
    name: str = ""
    generation: int = 0
    revision: int = 0
    item: int = 0
    phase: str = ""
    message: str = ""
    event: int = 0
    events: int = 0
    field: int = 0
    fields: int = 0
    frames_expected: int = 0
    frames_fed: int = 0
    frames_acquired: int = 0
    frames_stored: int = 0
    frames_skipped: int = 0
    stimulations: Stimulations = NO_LIGHT
    light: tuple[tuple[int, str], ...] = made_with(default=(), repr=False)
    """Of each stimulation that came to an end: its event, counted from 0, and how it ended."""
    started_s: float | None = None
    finished_s: float | None = None
    started_utc: datetime | None = None
    finished_utc: datetime | None = None
    elapsed_s: float = 0.0
    scheduled_s: float = 0.0
    remaining_s: float = 0.0
    wait_remaining_s: float | None = None
    lag_ms: float | None = None
    lag_p50_ms: float | None = None
    lag_p95_ms: float | None = None
    lag_max_ms: float | None = None
    buffer_bytes: int = 0
    buffer_limit: int = 0
    blocked_s: float = 0.0
    mb_per_s: float = 0.0
    disk_mb_per_s: float = 0.0
    free_bytes: int | None = None
    free_seconds: float | None = None
    react_queued: int = 0
    react_queue_limit: int = 0
    react_deferred: int = 0
    react_analysed: int = 0
    react_failed: int = 0
    react_latency_ms: float | None = None
    react_latency_p95_ms: float | None = None
    live_published: int = 0
    live_dropped: int = 0
    sinks: tuple[tuple[str, SinkCounts], ...] = ()
    """What each sink that counts took and let go, by its name."""
    errors: tuple[RunError, ...] = ()
    fatal: RunError | None = None
    store: Path = Path()
