"""Take planes into open shards, in any order and from any thread; wait where memory is full."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from threading import Condition, Event
from time import monotonic
from typing import Any, Protocol

from parfocal.store._arrangement import Arrangement
from parfocal.store._errors import StoreError
from parfocal.store._geometry import ShardKey
from parfocal.store._open_shards import OpenShards
from parfocal.store._plane_book import PlaneBook
from parfocal.store._planes import PlaneState, name_frame
from parfocal.store._shards import Shard
from parfocal.store._spec import Index

# How long a cancelled wait may go unnoticed
CANCEL_S = 0.05


class Writer(Protocol):
    """Where sealed shards go."""

    failure: StoreError | None

    @property
    def busy(self) -> bool:
        """Whether a buffer will become free by itself."""

    def submit(self, shard: Shard) -> None:
        """Queue a sealed shard; the condition is held."""

    def tell_skip(self, index: Index, reason: str) -> None:
        """Have the journal say why a plane will not come; the condition is held."""


class Intake:
    """The open shards, the book of planes and the condition that guards both."""

    writer: Writer

    def __init__(
        self,
        store: Path,
        arrangement: Arrangement,
        book: PlaneBook,
        budget_bytes: int,
        seal_timeout_s: float,
    ) -> None:
        self.condition = Condition()
        self.book = book
        self.shards = OpenShards(arrangement, budget_bytes, seal_timeout_s, self._submit)
        self.accepted = 0
        self.stored = 0
        self.raw_bytes = 0
        self.blocked_s = 0.0
        self.closed = False
        self.failure_told = False
        self._store = store
        self._arrangement = arrangement

    def claim(self, index: Index, cancelled: Event | None) -> Shard:
        """A shard with a buffer for this plane, which from now on counts as being copied."""
        key = self._arrangement.shard_of(index)
        with self.condition:
            while True:
                self._refuse_when_closed(index)
                self.raise_failure()
                if self.book.state(index) in (PlaneState.BUFFERED, PlaneState.STORED):
                    raise StoreError(f"{name_frame(index)} came twice; the first one is kept")
                shard = self.shards.find_or_open(key)
                if shard is not None:
                    break
                if cancelled is not None and cancelled.is_set():
                    raise StoreError(
                        f"{name_frame(index)} was dropped: cancelled while it waited for the disk"
                    )
                self._wait_for_a_buffer(set())
            self.shards.begin_copy(shard, index)
            self.book.mark(index, PlaneState.BUFFERED)
            self.book.reasons.pop(index, None)
            return shard

    def take(self, shard: Shard, index: Index, row: Mapping[str, Any]) -> None:
        """The claimed plane is in its buffer."""
        with self.condition:
            shard.frames.append(row)
            self.accepted += 1
            self._seal_when_full(shard)
            self.shards.end_copy(shard, index)

    def skip(self, index: Index, reason: str) -> None:
        """This plane will not come."""
        with self.condition:
            self._refuse_when_closed(index)
            state = self.book.state(index)
            if state in (PlaneState.BUFFERED, PlaneState.STORED):
                raise StoreError(f"{name_frame(index)} came already and cannot be skipped")
            self.book.mark(index, PlaneState.SKIPPED)
            self.book.reasons[index] = reason
            self.writer.tell_skip(index, reason)
            shard = self.shards.at(self._arrangement.shard_of(index))
            if shard is not None:
                self._seal_when_full(shard)

    def wait_for_room(self, keys: Collection[ShardKey], cancelled: Event | None) -> float:
        """Block until these shards fit the buffers; returns the seconds that it took."""
        began = monotonic()
        with self.condition:
            while cancelled is None or not cancelled.is_set():
                self.raise_failure()
                if not self.shards.missing_room(keys):
                    break
                self._wait_for_a_buffer(keys)
        return monotonic() - began

    def span_limit(self, keys: Sequence[ShardKey]) -> int:
        """How many planes of these shards surely fit at once."""
        with self.condition:
            return self.shards.span_limit(keys)

    def lend(self, index: Index) -> tuple[PlaneState, Shard | None]:
        """The state of a plane and the shard whose buffer has it, kept until it is returned."""
        with self.condition:
            state = self.book.state(index)
            shard = self.shards.holding(index)
            if shard is not None:
                shard.readers += 1
            return state, shard

    def returned(self, shard: Shard) -> None:
        """A shard that was lent is needed no more."""
        with self.condition:
            shard.readers -= 1
            self.condition.notify_all()

    def close(self) -> bool:
        """Take nothing from now on; True for the first who asks."""
        with self.condition:
            began = not self.closed
            self.closed = True
            return began

    def seal_all(self) -> None:
        """Send every shard out as it is, once nothing is being copied any more."""
        with self.condition:
            while self.shards.copying:
                self.condition.wait(CANCEL_S)
            self.shards.seal_all()

    def mark_stored(self, shard: Shard) -> None:
        """The shard is on the disk; the condition is held."""
        for index in shard.planes.values():
            self.book.mark(index, PlaneState.STORED)
        self.stored += len(shard.planes)
        self.raw_bytes += len(shard.planes) * shard.geometry.plane_bytes
        while shard.readers:
            self.condition.wait(CANCEL_S)
        self.shards.let_go(shard)

    def raise_failure(self) -> None:
        """Tell the writer's failure to whoever comes next."""
        if self.writer.failure is not None:
            self.failure_told = True
            raise StoreError(str(self.writer.failure)) from self.writer.failure

    def _submit(self, shard: Shard) -> None:
        self.writer.submit(shard)

    def _refuse_when_closed(self, index: Index) -> None:
        if self.closed:
            raise StoreError(f"{name_frame(index)} came after {self._store} was closed")

    def _seal_when_full(self, shard: Shard) -> None:
        """Full is a shard whose planned planes are all there, or known not to come."""
        if not self.book.awaits(shard.geometry.block(shard.key)):
            self.shards.seal(shard)

    def _wait_for_a_buffer(self, keep: Collection[ShardKey]) -> None:
        """Without the sealing, buffers that are all open and none full would never come back."""
        if not self.writer.busy:
            self.shards.seal_oldest(keep)
        began = monotonic()
        self.condition.wait(CANCEL_S)
        self.blocked_s += monotonic() - began  # at once: a stalled disk may never let it end
