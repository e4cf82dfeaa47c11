"""Decode the chunks of one file, a few at a time, and say which cannot be."""

from collections import deque
from itertools import product
from math import ceil, prod
from typing import Any

from parfocal.store._progress import Between
from parfocal.store._shard_index import ChunkKeys

AT_ONCE_BYTES = 64 * 2**20


def check_chunks(
    array: Any, keys: ChunkKeys, position: tuple[int, ...], between: Between
) -> list[str]:
    """The places of the chunks in the file at `position` that cannot be decoded."""
    inner = tuple(array.chunk_layout.read_chunk.shape)
    starts = [number * length for number, length in zip(position, keys.chunk, strict=True)]
    ends = [
        min(start + length, whole)
        for start, length, whole in zip(starts, keys.chunk, keys.shape, strict=True)
    ]
    counts = [
        range(ceil((end - start) / length))
        for start, end, length in zip(starts, ends, inner, strict=True)
    ]
    at_once = max(1, AT_ONCE_BYTES // max(1, prod(inner) * array.dtype.numpy_dtype.itemsize))
    waiting: deque[tuple[str, Any]] = deque()
    problems: list[str] = []
    for number in product(*counts):
        between()
        first = [start + n * length for start, n, length in zip(starts, number, inner, strict=True)]
        region = tuple(
            slice(begin, min(begin + length, end))
            for begin, length, end in zip(first, inner, ends, strict=True)
        )
        waiting.append((str(tuple(first)), array[region].read()))
        if len(waiting) >= at_once:
            _finish(waiting, problems)
    while waiting:
        _finish(waiting, problems)
    return problems


def _finish(waiting: "deque[tuple[str, Any]]", problems: list[str]) -> None:
    place, reading = waiting.popleft()
    try:
        reading.result()
    except ValueError as problem:
        problems.append(f"{place} ({' '.join(str(problem).split())[:200]})")
