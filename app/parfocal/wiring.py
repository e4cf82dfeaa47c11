"""Put a session together: microscope, recording and live ring into one `Run`."""

from collections.abc import Sequence
from pathlib import Path

from parfocal.plan import Experiment
from parfocal.run import Run, Sink
from parfocal.scope import Microscope
from parfocal.store import Recording
from parfocal.viewer import Ring, RingAddress

__all__ = ["Session", "prepare_run"]


class Session:
    """A run and the parts made for it; `close()` gives them all back."""

    run: Run
    recording: Recording
    ring: Ring | None

    @property
    def live(self) -> RingAddress | None:
        """Where a viewer finds the newest frames."""
        raise NotImplementedError

    def close(self) -> None:
        """End the run if it still runs, close the recording, free the ring. Twice is fine."""
        raise NotImplementedError


def prepare_run(
    experiment: Experiment,
    microscope: Microscope,
    output: Path,
    *,
    overwrite: bool = False,
    budget_bytes: int = 2**30,
    live: bool = True,
    extra_sinks: Sequence[Sink] = (),
) -> Session:
    """Check, create the store and the live ring, and return the run, ready to start.

    When any of it fails, what was already made is removed.
    """
    raise NotImplementedError
