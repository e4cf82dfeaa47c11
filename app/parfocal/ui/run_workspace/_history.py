"""Remember the run's figures against time in bounded memory, for the plots."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from parfocal.run import RunStatus

__all__ = ["MOST_SAMPLES", "RunHistory", "Sample"]

MOST_SAMPLES = 4000  # 16 min at 4 Hz; then every second one goes, and sampling is half as dense
FIRST_SPACING_S = 0.2


class Sample(NamedTuple):
    """The figures at one moment; None where there is none yet."""

    elapsed_s: float
    lag_ms: float | None
    frame_interval_ms: float | None
    mb_per_s: float
    buffer_percent: float
    react_queued: int
    free_gb: float | None


class RunHistory:
    """Samples of one run, oldest first."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._spacing = FIRST_SPACING_S
        self._frames = 0
        self._frames_at = 0.0

    def add(self, status: "RunStatus") -> bool:
        """Take a sample if enough time has passed since the last one; says whether it did."""
        if status.started_utc is None:
            return False
        elapsed = status.elapsed_s
        if self.samples and elapsed - self.samples[-1].elapsed_s < self._spacing:
            return False
        self.samples.append(
            Sample(
                elapsed,
                status.lag_ms,
                self._interval_ms(elapsed, status.frames_acquired),
                status.mb_per_s,
                100 * status.buffer_bytes / max(1, status.buffer_limit),
                status.react_queued,
                None if status.free_bytes is None else status.free_bytes / 1e9,
            )
        )
        if len(self.samples) > MOST_SAMPLES:
            del self.samples[1::2]
            self._spacing *= 2
        return True

    def _interval_ms(self, elapsed: float, frames: int) -> float | None:
        """The mean time between the frames that came since the sample before."""
        new, took = frames - self._frames, elapsed - self._frames_at
        if new <= 0:
            return None
        self._frames, self._frames_at = frames, elapsed
        return 1000 * took / new
