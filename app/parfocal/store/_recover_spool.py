"""Put frames of a spool that was left behind into the shards that they belong to."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorstore as ts

from parfocal.store._images import ImageMap, ImagePlace
from parfocal.store._progress import Course
from parfocal.store._recover_inventory import Inventory
from parfocal.store._recover_shards import ShardedArray
from parfocal.store._spec import Index
from parfocal.store._spool import SpooledFrame, read_spool

ShardPlace = tuple[ImagePlace, int, int, int]


def spooled_frames(root: Path, record: Mapping[str, Any]) -> list[SpooledFrame]:
    """The whole frames of the spool, in shards or not; of two of one index the first was taken."""
    frames: dict[Index, SpooledFrame] = {}
    for frame in read_spool(root, str(record.get("started"))):
        frames.setdefault(frame.index, frame)
    return list(frames.values())


def unwritten(frames: list[SpooledFrame], found: Inventory) -> list[SpooledFrame]:
    """Those that are in no shard."""
    return [frame for frame in frames if not found.whole[frame.index]]


def write_frames(
    frames: list[SpooledFrame], images: ImageMap, found: Inventory, course: Course
) -> None:
    """Write them, a shard at a time, as a recording would have."""
    groups: dict[ShardPlace, list[SpooledFrame]] = defaultdict(list)
    for frame in frames:
        groups[_shard(frame, images, found.arrays)].append(frame)
    course.total += len(frames)
    for (place, *_), members in groups.items():
        _write_shard(found.arrays[place].path, place, members)
        course.advance(len(members))


def _shard(
    frame: SpooledFrame, images: ImageMap, arrays: Mapping[ImagePlace, ShardedArray]
) -> ShardPlace:
    t, p, c, z = frame.index
    place = images.at(p, c)
    frames, _, depth, *_ = arrays[place].sharding.shard
    return place, t // frames, place.channel(c), z // depth


def _write_shard(path: Path, place: ImagePlace, frames: list[SpooledFrame]) -> None:
    array = ts.open(
        {
            "driver": "zarr3",
            "kvstore": {"driver": "file", "path": f"{path.as_posix()}/"},
            "store_data_equal_to_fill_value": True,  # a dark frame is a frame
        },
        open=True,
    ).result()
    with ts.Transaction() as transaction:
        shard = array.with_transaction(transaction)
        for frame in frames:
            t, _, c, z = frame.index
            # a commit that overtakes the copy loses planes without an error
            shard[t, place.channel(c), z].write(frame.plane()).copy.result()
