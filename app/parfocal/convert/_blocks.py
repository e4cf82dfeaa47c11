"""Walk through a shard block by block, as its source decodes them, and through a block's chunks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from parfocal.store import ArrayLayout

__all__ = ["BlockChunk", "Region5", "blocks_of", "chunks_of"]

Region5: TypeAlias = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class BlockChunk:
    """A chunk of the target: its number in the shard, its place in the array, and in the block."""

    slot: int
    place: Region5
    within: Region5


def blocks_of(region: Region5, block: Sequence[int]) -> Iterator[Region5]:
    """A part of an array, cut into blocks; the last ones may be smaller."""
    starts = (
        range(part.start, part.stop, length) for part, length in zip(region, block, strict=True)
    )
    for start in product(*starts):
        yield tuple(
            slice(n, min(n + length, part.stop))
            for n, length, part in zip(start, block, region, strict=True)
        )


def chunks_of(layout: ArrayLayout, shard: Sequence[int], block: Region5) -> Iterator[BlockChunk]:
    """The chunks of a block, which begins where a chunk does."""
    across = layout.across
    for place in blocks_of(block, layout.chunk):
        slot = 0
        for part, length, n, per in zip(place, layout.chunk, shard, across, strict=True):
            slot = slot * per + part.start // length - n * per
        within = tuple(
            slice(part.start - whole.start, part.stop - whole.start)
            for part, whole in zip(place, block, strict=True)
        )
        yield BlockChunk(slot, place, within)
