"""Record the planes of a run, in any order, into one sharded OME-Zarr store."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Condition, Event
from time import monotonic, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._checkpoint import CHECKPOINT_S
from parfocal.store._codec import Codec
from parfocal.store._ending import Ending
from parfocal.store._errors import StoreError, cause
from parfocal.store._finish import COMPLETED, INTERRUPTED, finish_store, reserve_room
from parfocal.store._frame_table import flat
from parfocal.store._geometry import SEAL_TIMEOUT_S, Geometry, ShardKey, plan_geometry
from parfocal.store._journal import Journal
from parfocal.store._metadata import write_skeleton
from parfocal.store._open_shards import OpenShards
from parfocal.store._place import Place, prepare_place
from parfocal.store._planes import PlaneState, name_frame, planned_states, write_planes
from parfocal.store._shards import Shard, copy_into, copy_out
from parfocal.store._spec import Index, RecordingSpec, validated
from parfocal.store._status import RecordingStatus
from parfocal.store._writer import ShardWriter

# How long a cancelled wait may go unnoticed
CANCEL_S = 0.05


class Recording:
    """One store being written. Every method may be called from any thread."""

    def __init__(
        self,
        place: Place,
        spec: RecordingSpec,
        geometry: Geometry,
        journal: Journal,
        budget_bytes: int,
        seal_timeout_s: float,
        checkpoint_s: float | None,
    ) -> None:
        self._place = place
        self._geometry = geometry
        self._journal = journal
        planned = np.asarray([tuple(index) for index in spec.planned], dtype=np.int64)
        self._states = planned_states(geometry.extent, planned)
        self._reasons: dict[Index, str] = {}
        self._condition = Condition()
        self._shards = OpenShards(geometry, budget_bytes, seal_timeout_s, self._submit)
        self._shards.pool.warm(len(planned))
        self._accepted = 0
        self._stored = 0
        self._blocked_s = 0.0
        self._closed = False
        self._failure_told = False
        write_planes(place.root, self._states)
        self._writer = ShardWriter(
            place,
            geometry,
            journal,
            self._condition,
            checkpoint_s=checkpoint_s,
            seal_overdue=self._shards.seal_overdue,
            on_stored=self._mark_stored,
        )

    @classmethod
    def create(
        cls,
        path: Path | str,
        spec: RecordingSpec,
        *,
        budget_bytes: int = 2**30,
        codec: Codec = "lz4",
        overwrite: bool = False,
        seal_timeout_s: float = SEAL_TIMEOUT_S,
        checkpoint_s: float | None = CHECKPOINT_S,
    ) -> "Recording":
        """Make the store at `path`; when that is refused, nothing is left behind.

        With `overwrite` the new store is recorded beside the old one and takes its place only
        when it is complete. `checkpoint_s` says how often the disk is told to flush.
        """
        spec = validated(spec, codec, budget_bytes)
        geometry = plan_geometry(spec, budget_bytes, seal_timeout_s)
        place = prepare_place(Path(path), overwrite=overwrite)
        journal: Journal | None = None
        try:
            journal = Journal(place.root, len(spec.planned))
            write_skeleton(place.root, spec, geometry, codec)
            reserve_room(place.root, len(spec.planned))
            return cls(place, spec, geometry, journal, budget_bytes, seal_timeout_s, checkpoint_s)
        except (OSError, ValueError, MemoryError) as problem:
            if journal is not None:
                journal.close()
            place.remove()
            little = isinstance(problem, MemoryError) and not str(problem)
            why = "there is too little memory for its buffers" if little else cause(problem)
            raise StoreError(f"{place.root} cannot be created: {why}") from problem

    @property
    def path(self) -> Path:
        """Where the pixels are now: beside the final place until a store is overwritten."""
        return self._place.root

    @property
    def geometry(self) -> Geometry:
        """How the planes lie in shards."""
        return self._geometry

    def put(
        self,
        index: Index,
        plane: NDArray[Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        cancelled: Event | None = None,
    ) -> None:
        """Take one plane; waits for a free buffer when the budget is used up."""
        index = _plain(index)
        if plane.shape != self._geometry.plane_shape or plane.dtype != self._geometry.dtype:
            height, width = self._geometry.plane_shape
            raise StoreError(
                f"{name_frame(index)} is {plane.dtype} {plane.shape}, but {self.path} "
                f"holds {self._geometry.dtype} ({height}, {width})"
            )
        place = dict(zip("tpcz", index, strict=True))
        # last, so that nothing in the metadata can say another place
        row = {**place, "received": time(), **flat(metadata or {}), **place}
        shard = self._claim(index, cancelled)
        slot = self._geometry.slot_of(index)
        copy_into(shard.buffer, slot, plane)
        with self._condition:
            shard.frames.append(row)
            self._accepted += 1
            self._seal_when_full(shard)
            self._shards.end_copy(shard, index)

    def skip(self, index: Index, reason: str) -> None:
        """Record that this plane will not come, and why."""
        index = _plain(index)
        with self._condition:
            self._refuse_when_closed(index)
            state = self._state(index)
            if state in (PlaneState.BUFFERED, PlaneState.STORED):
                raise StoreError(f"{name_frame(index)} came already and cannot be skipped")
            self._states[index] = PlaneState.SKIPPED
            self._reasons[index] = reason
            shard = self._shards.at(self._geometry.shard_of(index))
            if shard is not None:
                self._seal_when_full(shard)

    def wait_for_room(self, indices: Sequence[Index], cancelled: Event | None = None) -> float:
        """Block until these planes fit the buffers; returns the seconds that it took."""
        keys = {self._geometry.shard_of(_plain(index)) for index in indices}
        began = monotonic()
        with self._condition:
            while cancelled is None or not cancelled.is_set():
                self._raise_failure()
                if not self._shards.missing_room(keys):
                    break
                self._wait_for_a_buffer(keys)
        return monotonic() - began

    def span_limit(self, indices: Sequence[Index]) -> int:
        """How many of these leading planes surely fit the buffers at once (one always does)."""
        with self._condition:
            open_keys = self._shards.keys()
        capacity = self._shards.pool.limit - len(open_keys)
        new: set[ShardKey] = set()
        for count, index in enumerate(indices):
            key = self._geometry.shard_of(_plain(index))
            if key not in open_keys:
                new.add(key)
            if len(new) > capacity:
                return max(1, count)
        return len(indices)

    def get(self, index: Index) -> NDArray[np.generic] | None:
        """The plane at `index`, from a buffer or from the disk; None when it has not come."""
        index = _plain(index)
        with self._condition:
            state = self._state(index)
            shard = self._shards.holding(index)
            if shard is not None:
                shard.readers += 1
        if shard is not None:
            plane = copy_out(
                shard.buffer, self._geometry.slot_of(index), self._geometry.plane_shape
            )
            with self._condition:
                shard.readers -= 1
                self._condition.notify_all()
            return plane
        if state != PlaneState.STORED:
            return None
        t, p, c, z = index
        stored: NDArray[np.generic] = self._writer.array(p)[t, c, z].read().result()
        return stored

    def committed(self) -> frozenset[Index]:
        """The planes that are on the disk and readable by another process."""
        with self._condition:
            stored = np.argwhere(self._states == PlaneState.STORED).tolist()
        return frozenset((t, p, c, z) for t, p, c, z in stored)

    def status(self) -> RecordingStatus:
        """A snapshot of the counters."""
        with self._condition:
            failure = self._writer.failure
            return RecordingStatus(
                accepted=self._accepted,
                stored=self._stored,
                skipped=len(self._reasons),
                buffer_bytes=self._shards.pool.in_use * self._geometry.buffer_bytes,
                buffer_limit=self._shards.pool.limit * self._geometry.buffer_bytes,
                raw_bytes=self._stored * self._geometry.plane_bytes,
                disk_bytes=self._writer.disk_bytes,
                blocked_s=self._blocked_s,
                error=None if failure is None else str(failure),
            )

    def close(self, state: str = "completed", reason: str = "") -> None:
        """Write what is buffered, then how it ended; `completed`, or else it was interrupted.

        The store is made whole in any case. A failed write is raised here if no `put` or
        `wait_for_room` has raised it yet, or if the recording was meant to be complete; so is a
        disk that has stalled.
        """
        if self._begin_end():
            Ending(lambda: self._finish(state, reason), self.path).wait()

    def _finish(self, state: str, reason: str) -> None:
        self._end()
        failure = self._writer.failure
        surprise = failure is not None and (state == COMPLETED or not self._failure_told)
        if failure is not None:
            state, reason = INTERRUPTED, reason or str(failure)
        finish_store(self._place, self._journal, self._states, self._reasons, state, reason)
        if surprise:
            raise StoreError(str(failure)) from failure

    def abandon(self) -> None:
        """Remove what `create` made, when nothing was recorded."""
        with self._condition:
            if self._accepted or self._shards.copying:
                raise StoreError(f"{self.path} holds {self._accepted} frames and is not removed")
        if self._begin_end():
            self._end()
            self._journal.close()
            self._place.remove()

    def _begin_end(self) -> bool:
        """True for the first who asks: nothing is taken from now on."""
        with self._condition:
            began = not self._closed
            self._closed = True
            return began

    def _end(self) -> None:
        with self._condition:
            while self._shards.copying:
                self._condition.wait(CANCEL_S)
            self._shards.seal_all()
        self._writer.close()
        self._shards.pool.release()

    def _claim(self, index: Index, cancelled: Event | None) -> Shard:
        """A shard with a buffer for this plane, which from now on counts as being copied."""
        key = self._geometry.shard_of(index)
        with self._condition:
            while True:
                self._refuse_when_closed(index)
                self._raise_failure()
                if self._state(index) in (PlaneState.BUFFERED, PlaneState.STORED):
                    raise StoreError(f"{name_frame(index)} came twice; the first one is kept")
                shard = self._shards.find_or_open(key)
                if shard is not None:
                    break
                if cancelled is not None and cancelled.is_set():
                    raise StoreError(
                        f"{name_frame(index)} was dropped: cancelled while it waited for the disk"
                    )
                self._wait_for_a_buffer(set())
            self._shards.begin_copy(shard, index)
            self._states[index] = PlaneState.BUFFERED
            self._reasons.pop(index, None)
            return shard

    def _state(self, index: Index) -> PlaneState:
        inside = all(0 <= n < size for n, size in zip(index, self._geometry.extent, strict=True))
        state = PlaneState(self._states[index]) if inside else PlaneState.UNPLANNED
        if state == PlaneState.UNPLANNED:
            raise StoreError(f"{name_frame(index)} is not in the plan of {self.path}")
        return state

    def _refuse_when_closed(self, index: Index) -> None:
        if self._closed:
            raise StoreError(f"{name_frame(index)} came after {self.path} was closed")

    def _raise_failure(self) -> None:
        if self._writer.failure is not None:
            self._failure_told = True
            raise StoreError(str(self._writer.failure)) from self._writer.failure

    def _submit(self, shard: Shard) -> None:
        self._writer.submit(shard)

    def _seal_when_full(self, shard: Shard) -> None:
        """Full is a shard whose planned planes are all there, or known not to come."""
        if not np.any(self._states[self._geometry.block(shard.key)] == PlaneState.PLANNED):
            self._shards.seal(shard)

    def _wait_for_a_buffer(self, keep: set[ShardKey]) -> None:
        """Without the sealing, buffers that are all open and none full would never come back."""
        if not self._writer.busy:
            self._shards.seal_oldest(keep)
        began = monotonic()
        self._condition.wait(CANCEL_S)
        self._blocked_s += monotonic() - began  # at once: a stalled disk may never let it end

    def _mark_stored(self, shard: Shard) -> None:
        for index in shard.planes.values():
            self._states[index] = PlaneState.STORED
        self._stored += len(shard.planes)
        while shard.readers:
            self._condition.wait(CANCEL_S)
        self._shards.let_go(shard)


def _plain(index: Index) -> Index:
    """The same as a bare tuple of ints: a NumPy integer or a named tuple is welcome too."""
    t, p, c, z = index
    return int(t), int(p), int(c), int(z)
