"""Look at what a kill left: that it opens, that what was said is so, and that recover ends well."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import zarr
from store_recordings import plane_of
from victims import SHAPE, said

from parfocal.store import Index, RecoveryReport, StoreReader, check, info, recover
from parfocal.store._images import image_map
from parfocal.store._journal import read_journal
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._planes import PlaneState, read_planes


def tree(folder: Path) -> str:
    """A hash of every file under a folder: its name and its content."""
    whole = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        whole.update(f"{file.relative_to(folder)} {file.is_dir()}\n".encode())
        if file.is_file():
            whole.update(file.read_bytes())
    return whole.hexdigest()


def assert_exact(path: Path, indices: Iterable[Index]) -> None:
    """These planes are as they were put."""
    reader = StoreReader(path)
    for index in indices:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, SHAPE), err_msg=index)


def assert_opens(path: Path) -> None:
    """Every way to open it works, and what was said to be committed is bit-exact."""
    found = info(path)
    assert found.state in ("interrupted", "completed", "recovered")
    assert found.planned == found.acquired + found.missing
    assert sum(one.count for one in found.missing_planes) <= found.missing
    json.dumps(found.as_json())
    group = zarr.open_group(path, mode="r")
    for image in find_images(path):
        array = group[f"{image.path}/0"]
        assert array[tuple(length - 1 for length in array.shape)] is not None
    assert_exact(path, told(path))
    story = read_journal(path)
    if story is not None:
        assert not story.held
        assert_exact(path, story.committed)


def told(path: Path) -> set[Index]:
    """What the victim said to be committed."""
    return {(t, p, c, z) for t, p, c, z in said(path, "committed")}


def taken(path: Path) -> set[Index]:
    """The frames whose `put` had returned."""
    return {(t, p, c, z) for t, p, c, z in said(path, "put")}


def stored(path: Path) -> set[Index]:
    """What the store marks as stored."""
    states = read_planes(path)
    assert states is not None
    return {(t, p, c, z) for t, p, c, z in np.argwhere(states == PlaneState.STORED).tolist()}


def assert_recovers(path: Path, *, spool: bool = False, buffers: int = 10**6) -> RecoveryReport:
    """It is repaired once, nothing that was said is lost, and what is missing is listed."""
    known = told(path)
    story = read_journal(path)
    if story is not None:
        known |= story.committed
    first = recover(path)
    once = tree(path.parent)
    second = recover(first.store)
    assert not second.changed
    assert tree(path.parent) == once, "a second recover changed something"
    same = ("state", "kept", "lost", "missing", "from_spool", "unacknowledged")
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]
    report = check(first.store, deep=True)
    assert report.ok, report.findings
    kept, put = stored(first.store), taken(path)
    assert len(kept) == first.kept
    assert known <= kept
    assert first.lost == 0
    # a frame may have been taken in the moment between its put and the victim's word of it
    assert len(kept - put) <= 1 or not put
    assert_exact(first.store, kept)
    lost = put - kept
    if spool:
        assert not lost
    assert len(shards_of(first.store, lost)) <= buffers
    found = info(first.store)
    assert (found.acquired, found.missing) == (first.kept, first.missing)
    assert sum(field.count for field in found.missing_planes) == first.missing
    return first


def shards_of(path: Path, indices: Iterable[Index]) -> set[tuple[str, int, int, int]]:
    """The shards that these planes belong to."""
    places = image_map(read_record(path), find_images(path))
    found = set()
    for t, p, c, z in indices:
        image = places.at(p, c)
        metadata = json.loads((path / image.array() / "zarr.json").read_text())
        frames, _, depth, *_ = metadata["chunk_grid"]["configuration"]["chunk_shape"]
        found.add((image.path, image.channel(c), t // frames, z // depth))
    return found
