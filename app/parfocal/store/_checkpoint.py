"""Make what was written survive a power cut, every few seconds and not at every frame."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

from parfocal.store._files import sync_all_to_disk, sync_to_disk
from parfocal.store._journal import Journal

CHECKPOINT_S = 5.0


class Checkpoint:
    """Flushes committed shards in a thread of its own, so that a slow disk never delays a commit.

    With an interval of None nothing is flushed and the operating system decides.
    """

    def __init__(
        self, journal: Journal, interval_s: float | None, on_failure: Callable[[OSError], None]
    ) -> None:
        self._journal = journal
        self._interval_s = interval_s
        self._on_failure = on_failure
        self._lock = Lock()
        self._waiting: list[Path] = []
        self._durable = 0
        self._stop = Event()
        self._thread: Thread | None = None
        if interval_s is not None:
            self._thread = Thread(target=self._run, name="parfocal checkpoint", daemon=True)
            self._thread.start()

    def add(self, shard: Path) -> None:
        """A shard was committed; it is flushed at the next checkpoint."""
        if self._interval_s is not None:
            with self._lock:
                self._waiting.append(shard)

    def flush(self) -> None:
        """Flush everything that is waiting; returns when it is on the disk."""
        with self._lock:
            shards, self._waiting = self._waiting, []
        paths = [*shards, *sorted({shard.parent for shard in shards})]
        if self._stop.is_set():
            sync_all_to_disk(paths)
        else:  # nobody waits for it, and a camera may need the disk and the processors
            for path in paths:
                sync_to_disk(path)
        if shards:
            self._durable += len(shards)
            self._journal.checkpoint(self._durable)

    def begin_closing(self) -> None:
        """Flush what is there now, while the last shards are still being encoded."""
        self._stop.set()

    def close(self) -> None:
        """Stop, after a last flush."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._flush_or_report()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            self._flush_or_report()
        self._flush_or_report()

    def _flush_or_report(self) -> None:
        try:
            self.flush()
        except OSError as problem:
            self._on_failure(problem)
