"""Keep the shards that are being filled: open one, find one, decide when one is sealed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from time import monotonic

from parfocal.store._arrangement import Arrangement
from parfocal.store._geometry import ShardKey
from parfocal.store._shards import BufferPool, Shard
from parfocal.store._spec import Index


class OpenShards:
    """The shards in memory and the pool that their buffers come from.

    It has no lock of its own: the recording's condition is held around every call.
    """

    def __init__(
        self,
        arrangement: Arrangement,
        budget_bytes: int,
        seal_timeout_s: float,
        submit: Callable[[Shard], None],
    ) -> None:
        self.pool = BufferPool(arrangement.geometries, budget_bytes)
        self.copying = 0
        self._arrangement = arrangement
        self._seal_timeout_s = seal_timeout_s
        self._submit = submit
        self._open: dict[ShardKey, Shard] = {}
        self._holding: dict[Index, Shard] = {}

    def at(self, key: ShardKey) -> Shard | None:
        """The open shard of this place."""
        return self._open.get(key)

    def holding(self, index: Index) -> Shard | None:
        """The shard, open or being written, whose buffer has this plane."""
        return self._holding.get(index)

    def missing_room(self, keys: Collection[ShardKey]) -> bool:
        """Whether these shards need more memory than is free (or than can ever be at once)."""
        needed = self._bytes(key for key in keys if key not in self._open)
        held = self._bytes(key for key in keys if key in self._open)
        return self.pool.room_bytes < min(needed, self.pool.limit_bytes - held)

    def span_limit(self, keys: Sequence[ShardKey]) -> int:
        """How many planes of these shards, one after the other, surely fit at once."""
        capacity = self.pool.limit_bytes - self._bytes(self._open)
        new: set[ShardKey] = set()
        for count, key in enumerate(keys):
            if key not in self._open and key not in new:
                new.add(key)
                capacity -= self._arrangement.bytes_of(key)
            if capacity < 0:
                return max(1, count)
        return len(keys)

    def find_or_open(self, key: ShardKey) -> Shard | None:
        """The open shard of this place, a new one if a buffer is free, or else None."""
        shard = self._open.get(key)
        if shard is None:
            geometry = self._arrangement.of_shard(key)
            if self.pool.room_bytes >= geometry.buffer_bytes:
                shard = self._open[key] = Shard(key, geometry, self.pool.take(geometry))
        return shard

    def begin_copy(self, shard: Shard, index: Index) -> None:
        """A plane is about to be copied in; the shard is not written before `end_copy`."""
        shard.copying += 1
        shard.touched = monotonic()
        shard.planes[shard.geometry.slot_of(index)] = index
        self.copying += 1

    def end_copy(self, shard: Shard, index: Index) -> None:
        """The plane is in and may be read; a sealed shard goes out with its last one."""
        self._holding[index] = shard
        shard.copying -= 1
        self.copying -= 1
        if shard.sealed and not shard.copying:
            self._submit(shard)

    def seal(self, shard: Shard) -> None:
        """Take no more planes into it; what comes later for its place opens another one."""
        if shard.sealed:
            return
        shard.sealed = True
        del self._open[shard.key]
        if not shard.copying:
            self._submit(shard)

    def seal_all(self) -> None:
        """Seal every shard as it is."""
        for shard in list(self._open.values()):
            self.seal(shard)

    def seal_overdue(self, now: float) -> None:
        """Seal what waited too long.

        A shard along time counts from its first plane, so that no frame waits longer than the
        timeout; a z-stack counts from its latest, since it fills within one event.
        """
        for shard in list(self._open.values()):
            since = shard.opened if shard.geometry.frames > 1 else shard.touched
            if now >= since + self._seal_timeout_s:
                self.seal(shard)

    def seal_oldest(self, keep: Collection[ShardKey]) -> None:
        """Seal the shard that was left alone longest, to have its buffer back."""
        idle = [shard for key, shard in self._open.items() if key not in keep]
        if idle and not self.copying:
            self.seal(min(idle, key=lambda shard: shard.touched))

    def let_go(self, shard: Shard) -> None:
        """The shard is on the disk: its planes are read from there, its buffer is free."""
        for index in shard.planes.values():
            del self._holding[index]
        self.pool.give_back(shard.geometry, shard.buffer)

    def _bytes(self, keys: Iterable[ShardKey]) -> int:
        return sum(self._arrangement.bytes_of(key) for key in keys)
