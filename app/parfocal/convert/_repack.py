"""Take the chunks of a shard over as they are: put in a row, a checksum behind each, an index."""

import os
import struct
from itertools import product
from math import prod
from pathlib import Path
from uuid import uuid4

import google_crc32c
import numpy as np

from parfocal.convert._description import CANONICAL
from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import ArrayPlan
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source

__all__ = ["forget_torn", "repack"]

TORN = ".new"
"""The end of the name of a file that is being written."""

ABSENT = 2**64 - 1
_CRC = struct.Struct("<I")
_OF_THE_INDEX = 2


def repack(
    source: Source, number: int, array: ArrayPlan, shard: tuple[int, ...], root: Path
) -> ShardDone:
    """Write one shard and compare what lies on the disk with the source's bytes."""
    parts, source_crc = _gathered(source, array, shard)
    if len(parts) == _OF_THE_INDEX:
        return ShardDone(number, shard, 0, 0, 0)
    payload = b"".join(parts)
    file = root / array.path / "c" / "/".join(str(n) for n in shard)
    write_whole(file, payload)
    if file.read_bytes() != payload:
        raise ConvertError(f"{file} does not hold what was written to it; the disk is damaged")
    return ShardDone(number, shard, len(payload), source_crc, google_crc32c.value(payload))


def write_whole(file: Path, payload: bytes) -> None:
    """A file that is there whole or not at all, also when a worker that was given up writes on."""
    fresh = file.with_name(f"{file.name}.{uuid4().hex}{TORN}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(payload)
        fresh.replace(file)
    except OSError as problem:
        fresh.unlink(missing_ok=True)
        raise ConvertError(f"{file} cannot be written: {problem.strerror}") from problem


def forget_torn(root: Path) -> None:
    """Delete what killed processes began to write."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(TORN):
                Path(folder, name).unlink(missing_ok=True)


def _gathered(source: Source, array: ArrayPlan, shard: tuple[int, ...]) -> tuple[list[bytes], int]:
    """Chunks and index as they follow one another, and a checksum of all chunks."""
    layout = array.layout
    checksummed = array.encoded is not None and array.encoded.checksummed
    across = [whole // part for whole, part in zip(layout.shard, layout.chunk, strict=True)]
    index = np.full((prod(across), 2), ABSENT, dtype="<u8")
    parts: list[bytes] = []
    offset = source_crc = 0
    for slot, inner in enumerate(product(*(range(n) for n in across))):
        place = [n * per + k for n, per, k in zip(shard, across, inner, strict=True)]
        if any(
            n * length >= whole
            for n, length, whole in zip(place, layout.chunk, layout.shape, strict=True)
        ):
            continue
        position = tuple(place[CANONICAL.index(axis)] for axis in array.source.axes)
        raw = source.chunk(array.source.key, position)
        if raw is None:
            continue
        crc = google_crc32c.value(raw)
        source_crc = google_crc32c.extend(source_crc, _CRC.pack(crc))
        told = b"" if checksummed else _CRC.pack(crc)
        parts += [raw, told]
        index[slot] = offset, len(raw) + len(told)
        offset += len(raw) + len(told)
    table = index.tobytes()
    return [*parts, table, _CRC.pack(google_crc32c.value(table))], source_crc
