"""Record the planes of a run, in any order, into one sharded OME-Zarr store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from parfocal.store._spec import Index, RecordingSpec


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """How far a recording is: planes counted, buffers filled, bytes moved, time spent waiting."""

    accepted: int
    stored: int
    skipped: int
    buffer_bytes: int
    buffer_limit: int
    raw_bytes: int
    disk_bytes: int
    blocked_s: float
    error: str | None


class Recording:
    """One store being written. Every method may be called from any thread."""

    @classmethod
    def create(
        cls,
        path: Path | str,
        spec: RecordingSpec,
        *,
        budget_bytes: int = 2**30,
        codec: Literal["lz4", "zstd", "none"] = "lz4",
        overwrite: bool = False,
    ) -> "Recording":
        """Make the store at `path`; when that is refused, nothing is left behind."""
        raise NotImplementedError

    @property
    def path(self) -> Path:
        """Where the pixels are being written (beside the final place when it overwrites)."""
        raise NotImplementedError

    def put(
        self,
        index: Index,
        plane: NDArray[Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        cancelled: Event | None = None,
    ) -> None:
        """Take one plane; waits for a free buffer when the budget is used up."""
        raise NotImplementedError

    def skip(self, index: Index, reason: str) -> None:
        """Record that this plane will not come, and why."""
        raise NotImplementedError

    def wait_for_room(self, indices: Sequence[Index], cancelled: Event | None = None) -> float:
        """Block until these planes fit the buffers; returns the seconds that it took."""
        raise NotImplementedError

    def span_limit(self, indices: Sequence[Index]) -> int:
        """How many of these leading planes surely fit the buffers at once."""
        raise NotImplementedError

    def get(self, index: Index) -> NDArray[np.generic] | None:
        """The plane at `index`, from a buffer or from the disk; None when it was not acquired."""
        raise NotImplementedError

    def committed(self) -> frozenset[Index]:
        """The planes that are on the disk and readable by another process."""
        raise NotImplementedError

    def status(self) -> RecordingStatus:
        """A snapshot of the counters."""
        raise NotImplementedError

    def close(self, state: str = "completed", reason: str = "") -> None:
        """Write what is still buffered, then the final state; the store is complete after it."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Remove what `create` made, when nothing was recorded."""
        raise NotImplementedError
