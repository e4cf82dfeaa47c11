"""Hand a shard's planes to TensorStore, by reference and as one transaction: it is written once."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import tensorstore as ts

from parfocal.store._shards import Shard
from parfocal.store._spec import Index


class Stretch(NamedTuple):
    """Planes one behind the other in a shard's buffer, along time or through a stack."""

    slots: slice
    t: int | slice
    z: int | slice


def begin_transaction(array: Any, channel: int, shard: Shard) -> Any:
    """The transaction with all planes of the shard, to be committed; aborted when that fails.

    A stretch is one call for each tile, and not one a plane: this is Python, and while it runs
    the camera's thread may wait 5 ms for its turn.
    """
    (height, width), (chunk_y, chunk_x) = shard.geometry.plane_shape, shard.geometry.inner
    transaction = ts.Transaction()
    try:
        open_array = array.with_transaction(transaction)
        copies = []
        for stretch in stretches(shard.planes, shard.geometry.depth):
            planes = shard.buffer[stretch.slots]
            for row in range(planes.shape[1]):
                top = row * chunk_y
                bottom = min(top + chunk_y, height)
                for column in range(planes.shape[2]):
                    left = column * chunk_x
                    right = min(left + chunk_x, width)
                    write = open_array[stretch.t, channel, stretch.z, top:bottom, left:right].write(
                        planes[:, row, column, : bottom - top, : right - left],
                        can_reference_source_data_indefinitely=True,
                    )
                    copies.append(write.copy)
        # a commit that overtakes them loses planes without an error
        for copy in copies:
            copy.result()
    except BaseException:
        transaction.abort()
        raise
    return transaction


def stretches(planes: Mapping[int, Index], depth: int) -> Iterator[Stretch]:
    """The planes of a shard, by their slots, in as few stretches as there can be.

    With a `depth` of more than one plane the slots of a timepoint are its stack, else each slot
    is a timepoint.
    """
    slots = sorted(planes)
    start = 0
    for end in range(1, len(slots) + 1):
        follows = end < len(slots) and slots[end] == slots[end - 1] + 1
        if follows and (depth == 1 or slots[end] % depth):
            continue
        t, _, _, z = planes[slots[start]]
        count = end - start
        yield Stretch(
            slice(slots[start], slots[start] + count),
            slice(t, t + count) if depth == 1 else t,
            z if depth == 1 else slice(z, z + count),
        )
        start = end
