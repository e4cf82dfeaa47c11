"""Sample what may be slow to ask, in a thread of its own: free disk, the rates, the event log."""

import contextlib
import shutil
import threading

from parfocal import ParfocalError
from parfocal.run._meters import Rate
from parfocal.run._shared import Shared
from parfocal.run._words import size_in_words

__all__ = ["DISK_MARGIN", "LittleDisk", "Watch"]

PERIOD_S = 0.25
DISK_MARGIN = 1.25


class LittleDisk(ParfocalError):  # noqa: N818 - nothing has failed yet
    """The disk will be full before the run ends, at the rate so far."""


class Watch:
    """Free bytes and MB/s a few times a second.

    A file system that stalls (network, fsfreeze) stops this thread only: the status keeps the
    last value, and neither the engine nor the window ever waits for it.
    """

    def __init__(self, shared: Shared) -> None:
        self.free_bytes: int | None = None
        self._shared = shared
        self._raw = Rate(lambda: shared.progress.raw_bytes)
        self._disk = Rate(lambda: shared.recording.status().disk_bytes)
        self._little = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="parfocal-watch", daemon=True)

    @property
    def raw_per_second(self) -> float:
        return self._raw.per_second

    @property
    def disk_per_second(self) -> float:
        return self._disk.per_second

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The run has ended: the last lines of its log are written, unless the disk stalls."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _sample(self) -> None:
        while True:
            ended = self._stop.wait(PERIOD_S)
            self._raw.sample()
            self._disk.sample()
            store = self._shared.recording.path
            with contextlib.suppress(OSError):  # a folder that went away has no free space to tell
                self.free_bytes = shutil.disk_usage(store).free
                self._warn_of_little(self.free_bytes)
            self._shared.events.write(store)
            if ended:
                return

    def _warn_of_little(self, free: int) -> None:
        """Say it once, as soon as what is left of the plan, and a quarter, does not fit."""
        recorded = self._shared.recording.status()
        if not recorded.stored:
            return
        left = self._shared.program.schedule.frames - recorded.stored
        needed = round(left * recorded.disk_bytes / recorded.stored * DISK_MARGIN)
        if free < needed and not self._little:
            self._shared.errors.add(
                "disk",
                LittleDisk(
                    f"{self._shared.recording.path.parent} has {size_in_words(free)} free, and "
                    f"what is left of the run needs up to {size_in_words(needed)}; make room, or "
                    "shorten the plan"
                ),
            )
        self._little = free < needed
