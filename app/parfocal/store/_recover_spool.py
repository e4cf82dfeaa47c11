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


def spooled_frames(
    root: Path, record: Mapping[str, Any], images: ImageMap, found: Inventory
) -> list[SpooledFrame]:
    """The whole frames of the spool, in shards or not; of two of one index the first was taken."""
    frames: dict[Index, SpooledFrame] = {}
    for frame in read_spool(root, str(record.get("started"))):
        _, p, c, z = frame.index
        array = found.arrays.get(images.at(p, c))
        inside = array is not None and z < found.whole.shape[3]
        if inside:
            frames.setdefault(frame.index, frame)
    return list(frames.values())


def unwritten(frames: list[SpooledFrame], found: Inventory) -> list[SpooledFrame]:
    """Those that are in no shard."""
    timepoints = len(found.whole)
    return [one for one in frames if one.index[0] >= timepoints or not found.whole[one.index]]


def write_frames(
    frames: list[SpooledFrame], images: ImageMap, found: Inventory, course: Course
) -> list[Path]:
    """Write them, a shard at a time, as a recording would have; says which files they are in."""
    groups: dict[ShardPlace, list[SpooledFrame]] = defaultdict(list)
    for frame in frames:
        groups[_shard(frame, images, found.arrays)].append(frame)
    course.total += len(frames)
    course.say("restoring frames from the spool")
    written = []
    for (place, *numbers), members in groups.items():
        path = found.arrays[place].path
        _write_shard(path, place, members)
        written.append(path.joinpath("c", *map(str, numbers), "0", "0"))
        course.advance(len(members))
    return written


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
