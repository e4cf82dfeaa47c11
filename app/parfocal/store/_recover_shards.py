"""Examine the shards of an image by their indices and checksums, and keep what is whole of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from parfocal.store._files import read_json, sync_to_disk
from parfocal.store._present import chunk_files
from parfocal.store._shard_index import ABSENT, Sharding, locate_chunks, read_sharding

Chunks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ShardState:
    """One shard file: its first t, c, z, which planes are whole, and what is wrong with the rest.

    `held` are the planes that it has in any state, whole or not; `chunks` are the number, offset
    and length of each chunk that belongs to a whole plane.
    """

    file: Path
    start: tuple[int, int, int]
    planes: "NDArray[np.bool_]"
    held: "NDArray[np.bool_]"
    chunks: Chunks
    problem: str = ""


class ShardedArray:
    """An array of a recording, as far as its shards need it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        document = read_json(path / "zarr.json")
        sharding = read_sharding(document)
        if sharding is None or len(sharding.shape) != 5:
            raise ValueError(f"{path} is not sharded as a recording is")
        self.sharding: Sharding = sharding
        codecs: list[dict[str, Any]] = document["codecs"][0]["configuration"]["codecs"]
        self.summed = codecs[-1].get("name") == "crc32c"

    def shards(self) -> list[Path]:
        """The files of its shards; metadata and locks left out."""
        return chunk_files(self.path)

    def reach(self) -> int:
        """How many timepoints it has, those of shards beyond the length that it says included."""
        positions = (
            self.sharding.position(file.relative_to(self.path).as_posix()) for file in self.shards()
        )
        last = max((position[0] for position in positions if position is not None), default=-1)
        return max(self.sharding.shape[0], (last + 1) * self.sharding.shard[0])

    def examine(self, file: Path, *, checksums: bool) -> ShardState | None:
        """Which planes a shard holds; None when the file is no shard of this array."""
        position = self.sharding.position(file.relative_to(self.path).as_posix())
        if position is None:
            return None
        t, c, z, *_ = (n * size for n, size in zip(position, self.sharding.shard, strict=True))
        chunks, problem = locate_chunks(file, self.sharding)
        nothing = np.zeros(self.sharding.chunks[:3], dtype=np.bool_)
        if chunks is None:
            return ShardState(file, (t, c, z), nothing, nothing, np.empty((0, 3), int), problem)
        held = self._planes(chunks)
        if checksums and self.summed:
            sound = np.fromiter(_sound(file, chunks), dtype=np.bool_, count=len(chunks))
            if not sound.all():
                problem = f"{int((~sound).sum())} of its chunks do not have their checksum"
                chunks = chunks[sound]
        planes = self._planes(chunks)
        a_plane = self.sharding.chunks[3] * self.sharding.chunks[4]
        whole = chunks[planes.reshape(-1)[chunks[:, 0] // a_plane]]
        return ShardState(file, (t, c, z), planes, held, whole, problem)

    def keep_whole_planes(self, shard: ShardState) -> None:
        """Write the shard anew with nothing but its whole planes, encoded as they are."""
        fresh = shard.file.with_name(shard.file.name + ".__lock")  # what a killed writer leaves
        count = int(np.prod(self.sharding.chunks))
        index = np.full((count, 2), ABSENT, dtype="<u8")
        first = 0 if self.sharding.at_end else self.sharding.index_bytes
        with shard.file.open("rb") as old, fresh.open("wb") as new:
            new.seek(first)
            for number, offset, length in shard.chunks.tolist():
                old.seek(offset)
                index[number] = new.tell(), length
                new.write(old.read(length))
            raw = index.tobytes()
            if self.sharding.checksum:
                raw += google_crc32c.value(raw).to_bytes(4, "little")
            if not self.sharding.at_end:
                new.seek(0)
            new.write(raw)
        sync_to_disk(fresh)
        fresh.replace(shard.file)

    def _planes(self, chunks: Chunks) -> "NDArray[np.bool_]":
        """A plane is there when all its chunks are."""
        present = np.zeros(int(np.prod(self.sharding.chunks)), dtype=np.bool_)
        present[chunks[:, 0]] = True
        whole: NDArray[np.bool_] = np.logical_and.reduce(
            present.reshape(self.sharding.chunks), axis=(-2, -1)
        )
        return whole


def _sound(file: Path, chunks: Chunks) -> Iterator[bool]:
    """Whether each chunk ends with the checksum of the rest; a chunk at a time in memory."""
    with file.open("rb") as shard:
        for _, offset, length in chunks.tolist():
            shard.seek(offset)
            encoded = shard.read(length)
            told = int.from_bytes(encoded[-4:], "little")
            yield len(encoded) == length >= 4 and google_crc32c.value(encoded[:-4]) == told
