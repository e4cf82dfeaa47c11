"""Commit sealed shards to TensorStore, a few at a time, and say so in the journal."""

import os
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Any

import tensorstore as ts

from parfocal.store._arrangement import Arrangement
from parfocal.store._array_lengths import ArrayLengths
from parfocal.store._checkpoint import Checkpoint
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json
from parfocal.store._freed_memory import FreedMemory
from parfocal.store._geometry import ShardKey
from parfocal.store._giving_way import GivingWay
from parfocal.store._images import ImagePlace
from parfocal.store._journal import Journal
from parfocal.store._place import Place
from parfocal.store._shard_transaction import begin_transaction
from parfocal.store._shards import Shard
from parfocal.store._spec import Index

# Raw bytes being encoded at once: what TensorStore holds for them comes on top of the buffers
COMMITTING_BYTES = 256 * 2**20
# Between the encoder threads, the camera's thread and ours; 2 cores did 1.76 GB/s with two
# encoders and 2.2 GB/s with three
ENCODERS = max(2, (os.cpu_count() or 2) + 1)
WAKE_S = 0.25
IO_THREADS = 4
ENDLESS = 2**40


class ShardWriter:
    """Writes shards in a thread of its own. The first failure stops it for good and is kept.

    It shares the recording's condition: whoever waits for a buffer is woken by a commit.
    """

    def __init__(
        self,
        place: Place,
        arrangement: Arrangement,
        lengths: ArrayLengths,
        journal: Journal,
        condition: Condition,
        *,
        checkpoint_s: float | None,
        seal_overdue: Callable[[float], None],
        before_release: Callable[[Shard], None],
        on_stored: Callable[[Shard], None],
    ) -> None:
        self.failure: StoreError | None = None
        self.disk_bytes = 0
        self._place = place
        self._arrangement = arrangement
        self._lengths = lengths
        self._journal = journal
        self._condition = condition
        self._seal_overdue = seal_overdue
        self._before_release = before_release
        self._on_stored = on_stored
        self._checkpoint = Checkpoint(journal, checkpoint_s, self._fail)
        self._queue: deque[Shard] = deque()
        self._skips: list[tuple[Index, str]] = []
        self._in_flight: dict[ShardKey, Shard] = {}
        self._finished: deque[tuple[Shard, Any]] = deque()
        self._sizes: dict[str, int] = {}
        self._arrays: dict[tuple[str, int], Any] = {}
        self._closing = False
        self._freed = FreedMemory()
        self._giving_way = GivingWay()
        self._contexts = {encoders: _context(encoders) for encoders in (1, ENCODERS)}
        self._thread = Thread(target=self._run, name="parfocal writer", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a commit is under way, so that a buffer will become free by itself."""
        return bool(self._queue or self._in_flight or self._finished)

    def submit(self, shard: Shard) -> None:
        """Queue a sealed shard; the condition must be held."""
        self._queue.append(shard)
        self._condition.notify_all()

    def tell_skip(self, index: Index, reason: str) -> None:
        """Have the journal say soon why a plane will not come; the condition must be held.

        Whoever says so is the engine's thread, which waits for no disk.
        """
        self._skips.append((index, reason))
        self._condition.notify_all()

    def array(self, image: ImagePlace, encoders: int = ENCODERS) -> Any:
        """The image's array, opened once for each number of encoder threads.

        It is opened by what the metadata say but for its length, which has no end here: what is
        written beyond the length is told in the metadata when it is there.
        """
        path = image.array()
        if (path, encoders) not in self._arrays:
            metadata = read_json(self._place.root / path / "zarr.json")
            metadata["shape"][0] = ENDLESS
            self._arrays[path, encoders] = ts.open(
                {
                    "driver": "zarr3",
                    "kvstore": self._kvstore(path),
                    "metadata": metadata,
                    # a dark frame is a frame: without it an all-zero shard is never written
                    "store_data_equal_to_fill_value": True,
                },
                open=True,
                assume_metadata=True,
                context=self._contexts[encoders],
            ).result()
        return self._arrays[path, encoders]

    def close(self) -> None:
        """Write what is queued, flush it, and end the threads."""
        self._checkpoint.begin_closing()
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()
        self._checkpoint.close()
        self._arrays.clear()

    def _run(self) -> None:
        """Until it is closed. Whatever else ends this thread, those who wait for it are told."""
        try:
            self._write_until_closed()
        except BaseException as problem:
            self._fail(problem)
            raise

    def _write_until_closed(self) -> None:
        while True:
            finished: tuple[Shard, Any] | None = None
            shard: Shard | None = None
            with self._condition:
                self._seal_overdue(monotonic())
                skips, self._skips = self._skips, []
                if self._finished:
                    finished = self._finished.popleft()
                else:
                    shard = self._next()
                if finished is None and shard is None and not skips:
                    if self._closing and not self.busy:
                        return
                    self._condition.wait(WAKE_S)
            # before the shard: a plane that was skipped may have come after all, and be in it
            for index, reason in skips:
                self._journal.skip(index, reason)
            if finished is not None:
                self._finish(*finished)
            elif shard is not None:
                self._start(shard)

    def _next(self) -> Shard | None:
        """The first queued shard that may start; it never races an older part of itself."""
        if self.failure is not None:
            self._queue.clear()
        under_way = sum(shard.buffer.nbytes for shard in self._in_flight.values())
        for shard in self._queue:
            if under_way and under_way + shard.buffer.nbytes > COMMITTING_BYTES:
                return None
            if shard.key not in self._in_flight:
                self._queue.remove(shard)
                self._in_flight[shard.key] = shard
                return shard
        return None

    def _start(self, shard: Shard) -> None:
        """Have the shard encoded and written; TensorStore's threads do it."""
        try:
            image = self._arrangement.image_of(shard.key)
            self._require_array(image)
            array = self.array(image, self._encoders())
            transaction = begin_transaction(array, image.channel(shard.key.c), shard)
        except (ValueError, OSError, StoreError) as problem:
            self._finish_later(shard, problem)
            return
        transaction.commit_async()
        self._giving_way.tell()
        transaction.future.add_done_callback(lambda future: self._finish_later(shard, future))

    def _require_array(self, image: ImagePlace) -> None:
        """A store that was moved or deleted is not written on: TensorStore would make its folders
        anew, and say for as long as the run lasts that shards are stored."""
        array = self._place.root / image.array()
        if not (array / "zarr.json").is_file():
            raise FileNotFoundError(f"{array} was moved or deleted while it was being recorded")

    def _encoders(self) -> int:
        """One as long as it keeps up, or the camera's thread waits for a processor.

        Three on 2 cores slowed a sequence of 1024² frames by 20 %; one slowed it by 7 %.
        """
        behind = self._closing or bool(self._queue) or len(self._in_flight) > 1
        return ENCODERS if behind else 1

    def _finish_later(self, shard: Shard, outcome: Any) -> None:
        with self._condition:
            self._finished.append((shard, outcome))
            self._condition.notify_all()

    def _finish(self, shard: Shard, outcome: Any) -> None:
        key = self._arrangement.shard_file(shard.key)
        path = self._place.root / key
        try:
            if isinstance(outcome, Exception):
                raise outcome
            outcome.result()
            # first the pixels, then the length, then the word that they can be read
            last = max(index[0] for index in shard.planes.values())
            self._lengths.reach(self._arrangement.image_of(shard.key).array(), last + 1)
            size = self._journal.shard(key, path, shard.frames)
        except (ValueError, OSError, StoreError) as problem:
            with self._condition:
                del self._in_flight[shard.key]
            self._fail(problem)
            return
        self._checkpoint.add(path)
        self._before_release(shard)
        with self._condition:
            del self._in_flight[shard.key]
            self.disk_bytes += size - self._sizes.get(key, 0)  # a shard may be written again
            self._sizes[key] = size
            self._on_stored(shard)
            self._condition.notify_all()
            behind = bool(self._queue)
        if behind:  # the disk is the slower one, so there is time for it
            self._freed.give_back()

    def _fail(self, problem: BaseException) -> None:
        with self._condition:
            if self.failure is None:
                self.failure = StoreError(f"{self._place.root} cannot be written: {cause(problem)}")
                self.failure.__cause__ = problem
            self._condition.notify_all()

    def _kvstore(self, array: str) -> dict[str, str]:
        return {"driver": "file", "path": f"{(self._place.root / array).as_posix()}/"}


def _context(encoders: int) -> Any:
    return ts.Context(
        {
            # nothing is read back, and a cache would hold every shard a second time
            "cache_pool": {"total_bytes_limit": 0},
            "data_copy_concurrency": {"limit": encoders},
            # flushing is the checkpoint's: a file flushed at every shard waits for the disk
            "file_io_sync": False,
            # a pool of its own: in the one of the process, a run on a disk that had stalled kept
            # the next one, on another disk, from closing its store
            "file_io_concurrency": {"limit": IO_THREADS},
        }
    )
