"""Remember the run's figures against time in bounded memory, for the plots."""

from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from parfocal.run import RunStatus

__all__ = ["FIGURES", "MOST_SAMPLES", "RunHistory"]

FIGURES = (
    "lag_ms",
    "frame_interval_ms",
    "mb_per_s",
    "buffer_percent",
    "react_queued",
    "free_gb",
)
MOST_SAMPLES = 4000  # 16 min at 4 Hz; then every second one goes, and sampling is half as dense
FIRST_SPACING_S = 0.2


class RunHistory:
    """Samples of one run, oldest first; nan where there is no figure yet."""

    def __init__(self) -> None:
        self.count = 0
        self._table = np.empty((MOST_SAMPLES + 1, 1 + len(FIGURES)))
        self._spacing = FIRST_SPACING_S
        self._frames = 0
        self._frames_at = 0.0

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        """When each sample was taken, in seconds since the first frame."""
        return self._table[: self.count, 0]

    def figures(self, name: str) -> NDArray[np.float64]:
        """One figure of each sample."""
        return self._table[: self.count, 1 + FIGURES.index(name)]

    def add(self, status: "RunStatus") -> bool:
        """Take a sample if enough time has passed since the last one; says whether it did."""
        if status.started_utc is None:
            return False
        elapsed = status.elapsed_s
        if self.count and elapsed - self._table[self.count - 1, 0] < self._spacing:
            return False
        self._table[self.count] = (
            elapsed,
            nan if status.lag_ms is None else status.lag_ms,
            self._interval_ms(elapsed, status.frames_acquired),
            status.mb_per_s,
            100 * status.buffer_bytes / max(1, status.buffer_limit),
            status.react_queued,
            nan if status.free_bytes is None else status.free_bytes / 1e9,
        )
        self.count += 1
        if self.count > MOST_SAMPLES:
            half = self._table[: self.count : 2].copy()
            self.count = len(half)
            self._table[: self.count] = half
            self._spacing *= 2
        return True

    def _interval_ms(self, elapsed: float, frames: int) -> float:
        """The mean time between the frames that came since the sample before."""
        new, took = frames - self._frames, elapsed - self._frames_at
        if new <= 0:
            return nan
        self._frames, self._frames_at = frames, elapsed
        return 1000 * took / new
