"""Record the planes of a run, in any order, into one sharded OME-Zarr store."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from time import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._arrangement import Arrangement
from parfocal.store._array_lengths import ArrayLengths
from parfocal.store._cameras import cameras_of
from parfocal.store._checkpoint import CHECKPOINT_S
from parfocal.store._codec import Codec
from parfocal.store._ending import Ending
from parfocal.store._errors import StoreError, cause
from parfocal.store._extender import Extender
from parfocal.store._finish import COMPLETED, FAILED, Ended, finish_store, reserve_room
from parfocal.store._frame_table import CRC, flat, have_tables_ready
from parfocal.store._geometry import SEAL_TIMEOUT_S, Geometry
from parfocal.store._intake import Intake
from parfocal.store._journal import Journal
from parfocal.store._live_level import LiveLevel
from parfocal.store._metadata import write_skeleton
from parfocal.store._place import Place, prepare_place
from parfocal.store._plane_book import PlaneBook
from parfocal.store._planes import PlaneState, name_frame, write_planes
from parfocal.store._sealed import OnSealed, SealedShard
from parfocal.store._shard_planning import plan_geometries
from parfocal.store._shards import Shard, copy_into, copy_out
from parfocal.store._spec import FieldInfo, Index, RecordingSpec, validated
from parfocal.store._spool import Spool
from parfocal.store._status import RecordingStatus
from parfocal.store._wells import require_wells
from parfocal.store._writer import ShardWriter

_log = logging.getLogger(__name__)


class Recording:
    """One store being written. Every method may be called from any thread."""

    def __init__(
        self,
        place: Place,
        spec: RecordingSpec,
        arrangement: Arrangement,
        journal: Journal,
        codec: Codec,
        *,
        budget_bytes: int,
        seal_timeout_s: float,
        checkpoint_s: float | None,
        on_sealed: OnSealed | None,
        spool: bool,
    ) -> None:
        self._place = place
        self._arrangement = arrangement
        self._journal = journal
        timepoints = 1 + max(index[0] for index in spec.planned)
        layers = 1 + max(index[3] for index in spec.planned)
        extent = (timepoints, len(spec.fields), len(spec.channels), layers)
        self._book = PlaneBook(place.root, extent, spec.planned, unbounded=spec.unbounded)
        write_planes(place.root, self._book.published)
        self._intake = Intake(place.root, arrangement, self._book, budget_bytes, seal_timeout_s)
        self._intake.shards.pool.warm(arrangement.expected_planes(spec))
        self._on_sealed = on_sealed
        arrays = [image.array() for image in arrangement.images.places]
        self._lengths = ArrayLengths(place.root, arrays, timepoints)
        self._extender = Extender(place.root, spec, codec, arrangement, self._lengths)
        self._spool = Spool(place.root) if spool else None
        self._writer = ShardWriter(
            place,
            arrangement,
            self._lengths,
            journal,
            self._intake.condition,
            checkpoint_s=checkpoint_s,
            seal_overdue=self._intake.shards.seal_overdue,
            before_release=self._offer,
            on_stored=self._intake.mark_stored,
        )
        self._intake.writer = self._writer

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
        on_sealed: OnSealed | None = None,
        spool: bool = False,
        live_level: bool = False,
    ) -> "Recording":
        """Make the store at `path`; when that is refused, nothing is left behind.

        With `overwrite` the new store is recorded beside the old one and takes its place only
        when it is complete. `checkpoint_s` says how often the disk is told to flush. `on_sealed`
        is given each shard that was committed, in the writer's thread, while less than half of
        the buffers are in use; an error of the disk in it ends the calls, and not the recording.
        With `spool` each frame is also kept raw beside the store until its shard is written, so
        that a kill loses one frame at most.
        `live_level` is such a call: it fills the first coarser level for the pyramid after the run.
        """
        spec = validated(spec, codec, budget_bytes)
        require_wells(spec.fields, spec.plate)
        geometries = plan_geometries(spec, budget_bytes, seal_timeout_s)
        arrangement = Arrangement(spec.fields, cameras_of(spec), geometries)
        have_tables_ready()
        place = prepare_place(Path(path), overwrite=overwrite)
        journal: Journal | None = None
        try:
            names = [*(each.name for each in spec.fields), *(each.name for each in spec.channels)]
            "".join([str(path), *names]).encode()  # half of a character is no name
            journal = Journal(place.root, len(spec.planned))
            timepoints = 1 + max(index[0] for index in spec.planned)
            write_skeleton(place.root, spec, arrangement, codec, timepoints, journal.started)
            reserve_room(place.root, None if spec.unbounded else len(spec.planned))
            return cls(
                place,
                spec,
                arrangement,
                journal,
                codec,
                budget_bytes=budget_bytes,
                seal_timeout_s=seal_timeout_s,
                checkpoint_s=checkpoint_s,
                on_sealed=LiveLevel(place.root) if live_level else on_sealed,
                spool=spool,
            )
        except BaseException as problem:
            if journal is not None:
                journal.close()
            place.remove()
            if not isinstance(problem, OSError | ValueError | MemoryError):
                raise  # Ctrl-C while 10,000 fields are being made leaves nothing either
            little = isinstance(problem, MemoryError) and not str(problem)
            why = "there is too little memory for its buffers" if little else cause(problem)
            raise StoreError(f"{place.root} cannot be created: {why}") from problem

    @property
    def path(self) -> Path:
        """Where the pixels are now: beside the final place until a store is overwritten."""
        return self._place.root

    @property
    def geometry(self) -> Geometry:
        """How the planes of the first camera lie in shards."""
        return self._arrangement.geometries[0]

    def image_path(self, field: int, channel: int) -> str:
        """The path of the image with this field and channel in the store."""
        return self._arrangement.images.at(field, channel).path

    def extend(
        self,
        planned: Sequence[Index],
        due_s: Sequence[float],
        *,
        fields: Sequence[FieldInfo] = (),
        dropped: Sequence[Index] = (),
        plan: Mapping[str, Any] | None = None,
    ) -> None:
        """Plan more planes while it records: further timepoints, and of `fields` that join.

        A plane that was skipped may be planned again; the channels and the depth stay. `dropped`
        are planned no more, and so not missing. The record keeps `plan` as a further revision.
        """
        planned = [_plain(index) for index in planned]
        with self._extender.lock:
            self._extender.require(planned, due_s, fields)
            with self._intake.condition:
                if self._intake.closed:
                    raise StoreError(f"{self.path} was closed and cannot be extended")
                self._intake.raise_failure()
                self._book.require_new(planned)
                expected = self._book.copy()
            larger = self._extender.extend_files(expected.length, planned, fields)
            expected.drop(dropped)
            expected.plan(planned, len(larger.fields))
            self._extender.tell(larger, expected.published, planned, due_s, fields, plan)
            self._arrangement.adopt(larger)
            with self._intake.condition:  # nothing is taken for a plan that could not be told
                self._book.drop(dropped)
                self._book.plan(planned, len(larger.fields))

    def put(
        self,
        index: Index,
        plane: NDArray[Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        cancelled: Event | None = None,
    ) -> None:
        """Take one plane; waits for a free buffer when the budget is used up."""
        index = self._known(index)
        geometry = self._arrangement.of_channel(index[2])
        if plane.shape != geometry.plane_shape or plane.dtype != geometry.dtype:
            height, width = geometry.plane_shape
            raise StoreError(
                f"{name_frame(index)} is {plane.dtype} {plane.shape}, but {self.path} "
                f"holds {geometry.dtype} ({height}, {width})"
            )
        place = dict(zip("tpcz", index, strict=True))
        row = {**place, "received": time(), **flat(metadata or {})}
        shard = self._intake.claim(index, cancelled)
        # last, so that nothing in the metadata can say another place or other pixels
        row.update(place)
        row[CRC] = copy_into(shard.buffer, geometry.slot_of(index), plane)
        try:
            if self._spool is not None:
                self._spool.append(row, plane)
        finally:  # a full disk of the spool ends the run, and what is buffered can be written yet
            self._intake.take(shard, index, row)

    def skip(self, index: Index, reason: str) -> None:
        """Record that this plane will not come, and why; never waits for the disk."""
        self._intake.skip(self._known(index), reason)

    def wait_for_room(self, indices: Sequence[Index], cancelled: Event | None = None) -> float:
        """Block until these planes fit the buffers; returns the seconds that it took."""
        keys = {self._arrangement.shard_of(self._known(index)) for index in indices}
        return self._intake.wait_for_room(keys, cancelled)

    def span_limit(self, indices: Sequence[Index]) -> int:
        """How many of these leading planes surely fit the buffers at once (one always does)."""
        keys = [self._arrangement.shard_of(self._known(index)) for index in indices]
        return self._intake.span_limit(keys)

    def get(self, index: Index) -> NDArray[np.generic] | None:
        """The plane at `index`, from a buffer or from the disk; None when it has not come."""
        index = t, p, c, z = self._known(index)
        state, shard = self._intake.lend(index)
        if shard is not None:
            slot = shard.geometry.slot_of(index)
            plane = copy_out(shard.buffer, slot, shard.geometry.plane_shape)
            self._intake.returned(shard)
            return plane
        if state != PlaneState.STORED:
            return None
        image = self._arrangement.images.at(p, c)
        array = self._writer.array(image)
        stored: NDArray[np.generic] = array[t, image.channel(c), z].read().result()
        return stored

    def committed(self) -> frozenset[Index]:
        """The planes that are on the disk and readable by another process."""
        with self._intake.condition:
            states = self._book.states.copy()  # a list of 200,000 planes takes 0.3 s
        stored = np.argwhere(states == PlaneState.STORED).tolist()
        return frozenset((t, p, c, z) for t, p, c, z in stored)

    def status(self) -> RecordingStatus:
        """A snapshot of the counters."""
        intake = self._intake
        with intake.condition:
            failure = self._writer.failure
            return RecordingStatus(
                accepted=intake.accepted,
                stored=intake.stored,
                skipped=len(self._book.reasons),
                buffer_bytes=intake.shards.pool.used_bytes,
                buffer_limit=intake.shards.pool.limit_bytes,
                raw_bytes=intake.raw_bytes,
                disk_bytes=self._writer.disk_bytes,
                blocked_s=intake.blocked_s,
                error=None if failure is None else str(failure),
            )

    def close(
        self,
        state: str = "completed",
        reason: str = "",
        *,
        hardware: Mapping[str, Any] | None = None,
    ) -> None:
        """Write what is buffered, then how it ended; `completed`, or else it was interrupted.

        A run says `cancelled` or `failed` for that, and the record keeps the word.
        `hardware` is the state of the microscope at the end. The store is made whole in any case.
        A failed write is raised here if no `put` or `wait_for_room` has raised it yet, or if the
        recording was meant to be complete; so is a disk that has stalled.
        """
        if self._intake.close():
            Ending(lambda: self._finish(state, reason, hardware or {}), self.path).wait()

    def _finish(self, state: str, reason: str, hardware: Mapping[str, Any]) -> None:
        self._end()
        failure = self._writer.failure
        surprise = failure is not None and (state == COMPLETED or not self._intake.failure_told)
        if failure is not None:
            state, reason = FAILED, reason or str(failure)
        ended = Ended(state, reason, hardware)
        finish_store(self._place, self._journal, self._book, self._lengths, ended)
        if surprise:
            raise StoreError(str(failure)) from failure

    def abandon(self) -> None:
        """Remove what `create` made, when nothing was recorded."""
        intake = self._intake
        with intake.condition:
            if intake.accepted or intake.shards.copying:
                raise StoreError(f"{self.path} holds {intake.accepted} frames and is not removed")
        if intake.close():
            self._end()
            self._journal.close()
            self._place.remove()

    def _end(self) -> None:
        with self._extender.lock:  # an extension that has begun is written to its end
            self._intake.seal_all()
        self._writer.close()
        self._intake.shards.pool.release()
        if self._spool is not None:
            self._spool.close(keep=self._writer.failure is not None)

    def _known(self, index: Index) -> Index:
        """The same as a plain index, of a channel that there is."""
        index = _plain(index)
        if not self._arrangement.has_channel(index[2]):
            raise StoreError(f"{name_frame(index)} is not in the plan of {self.path}")
        return index

    def _offer(self, shard: Shard) -> None:
        """Let a committed shard be used while its planes are in memory and memory is plenty."""
        if self._spool is not None:
            self._spool.drop(shard.planes.values())
        pool = self._intake.shards.pool
        if self._on_sealed is None or 2 * pool.used_bytes >= pool.limit_bytes:
            return
        try:
            self._on_sealed(SealedShard(self._arrangement.image_of(shard.key), shard))
        except (OSError, ValueError, StoreError) as problem:
            self._on_sealed = None
            _log.warning("%s: nothing more is made of its shards: %s", self.path, problem)


def _plain(index: Index) -> Index:
    """The same as a bare tuple of ints: a NumPy integer or a named tuple is welcome too."""
    t, p, c, z = index
    return int(t), int(p), int(c), int(z)
