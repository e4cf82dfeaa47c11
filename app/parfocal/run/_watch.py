"""Sample what may be slow to ask, in a thread of its own: free disk and the rates."""

import contextlib
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from parfocal.run._meters import Rate

__all__ = ["Watch"]

PERIOD_S = 0.25


class Watch:
    """Free bytes and MB/s a few times a second.

    A file system that stalls (network, fsfreeze) stops this thread only: the status keeps the
    last value, and neither the engine nor the window ever waits for it.
    """

    def __init__(
        self, folder: Path, raw_bytes: Callable[[], int], disk_bytes: Callable[[], int]
    ) -> None:
        self.free_bytes: int | None = None
        self._folder = folder
        self._raw = Rate(raw_bytes)
        self._disk = Rate(disk_bytes)
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
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _sample(self) -> None:
        while True:
            self._raw.sample()
            self._disk.sample()
            with contextlib.suppress(OSError):  # a folder that went away has no free space to tell
                self.free_bytes = shutil.disk_usage(self._folder).free
            if self._stop.wait(PERIOD_S):
                return
