"""Run an experiment on a microscope into a recording; pause, resume, cancel, and ask how it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from parfocal.plan import Experiment, Schedule
from parfocal.run._sink import Sink
from parfocal.run._status import RunStatus
from parfocal.scope import Microscope
from parfocal.store import Recording

__all__ = ["Run"]


class Run:
    """One run, once. `execute()` runs it in the calling thread, `start()` in one of its own.

    Every other method may be called from any thread at any time.
    """

    def __init__(
        self,
        experiment: Experiment,
        microscope: Microscope,
        recording: Recording,
        sinks: Sequence[Sink] = (),
    ) -> None:
        raise NotImplementedError

    schedule: Schedule
    store: Path

    @property
    def pause_requested(self) -> bool:
        """Whether a pause was asked for, taken effect or not."""
        raise NotImplementedError

    def start(self) -> None:
        """Run in a thread of its own and return at once."""
        raise NotImplementedError

    def execute(self) -> None:
        """Run in the calling thread and return when everything is written."""
        raise NotImplementedError

    def pause(self) -> None:
        """Pause at the next event boundary; after `paused` nothing is snapped."""
        raise NotImplementedError

    def resume(self) -> None:
        """Go on, by the plan's policy."""
        raise NotImplementedError

    def cancel(self, reason: str = "") -> None:
        """Stop within a second, keep what was recorded."""
        raise NotImplementedError

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything is written; False when `timeout` seconds passed first."""
        raise NotImplementedError

    def status(self) -> RunStatus:
        """How it is now: cheap, never blocks, from any thread."""
        raise NotImplementedError

    def on_status(self, callback: Callable[[RunStatus], None]) -> None:
        """Call back at each change of state, in whichever thread changed it."""
        raise NotImplementedError
