"""Keep the shards that are being filled: open one, find one, decide when one is sealed."""

from collections.abc import Callable, Collection
from time import monotonic

from parfocal.store._geometry import Geometry, ShardKey
from parfocal.store._shards import BufferPool, Shard
from parfocal.store._spec import Index


class OpenShards:
    """The shards in memory and the pool that their buffers come from.

    It has no lock of its own: the recording's condition is held around every call.
    """

    def __init__(
        self,
        geometry: Geometry,
        budget_bytes: int,
        seal_timeout_s: float,
        submit: Callable[[Shard], None],
    ) -> None:
        self.pool = BufferPool(geometry, budget_bytes)
        self.copying = 0
        self._geometry = geometry
        self._seal_timeout_s = seal_timeout_s
        self._submit = submit
        self._open: dict[ShardKey, Shard] = {}
        self._holding: dict[Index, Shard] = {}

    def keys(self) -> frozenset[ShardKey]:
        """The shards that take planes now."""
        return frozenset(self._open)

    def at(self, key: ShardKey) -> Shard | None:
        """The open shard of this place."""
        return self._open.get(key)

    def holding(self, index: Index) -> Shard | None:
        """The shard, open or being written, whose buffer has this plane."""
        return self._holding.get(index)

    def missing_room(self, keys: Collection[ShardKey]) -> bool:
        """Whether these shards need more buffers than are free (or than can ever be at once)."""
        needed = sum(key not in self._open for key in keys)
        held = len(keys) - needed
        return self.pool.room < min(needed, self.pool.limit - held)

    def find_or_open(self, key: ShardKey) -> Shard | None:
        """The open shard of this place, a new one if a buffer is free, or else None."""
        shard = self._open.get(key)
        if shard is None and self.pool.room:
            shard = self._open[key] = Shard(key, self.pool.take())
        return shard

    def begin_copy(self, shard: Shard, index: Index) -> None:
        """A plane is about to be copied in; the shard is not written before `end_copy`."""
        shard.copying += 1
        shard.touched = monotonic()
        shard.planes[self._geometry.slot_of(index)] = index
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
        along_time = self._geometry.frames > 1
        for shard in list(self._open.values()):
            since = shard.opened if along_time else shard.touched
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
        self.pool.give_back(shard.buffer)
