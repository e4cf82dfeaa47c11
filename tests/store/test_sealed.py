"""A committed shard may be used while it is in memory, and never at the cost of the recording."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import ChannelInfo, Index, Recording, SealedShard, info

PLANE = SHAPE[0] * SHAPE[1] * 2
SMALL = (6, 50)


def test_every_committed_shard_is_handed_out_with_its_planes(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.zarr"
    seen: dict[Index, np.ndarray] = {}
    images: set[tuple[str, int]] = set()

    def take(shard: SealedShard) -> None:
        for index in shard.indices:
            assert (path / shard.image.array() / f"c/{index[0]}/0/0/0/0").is_file()
            images.add((shard.image.path, shard.image.channel(index[2])))
            seen[index] = shard.plane(index)

    channels = [ChannelInfo("a"), ChannelInfo("b", plane_shape=SMALL)]
    planned = grid(t=3, p=2, c=2, z=3)
    recording = Recording.create(path, spec_of(planned, channels=channels), on_sealed=take)
    for index in planned:
        recording.put(index, plane_of(index, SMALL if index[2] else SHAPE))
    recording.close()
    assert set(seen) == set(planned)
    assert images == {(f"A/1/{n}", 0) for n in range(4)}
    for index, pixels in seen.items():
        np.testing.assert_array_equal(pixels, plane_of(index, SMALL if index[2] else SHAPE))


def test_no_shard_is_handed_out_while_memory_is_short(tmp_path: Path) -> None:
    seen: list[SealedShard] = []
    spec = spec_of(grid(t=4, z=2))
    recording = Recording.create(
        tmp_path / "a.ome.zarr", spec, budget_bytes=2 * PLANE, on_sealed=seen.append
    )
    put_all(recording, grid(t=4, z=2))
    recording.close()
    assert seen == []


def test_an_error_in_what_is_made_of_a_shard_does_not_reach_the_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[SealedShard] = []

    def fail(shard: SealedShard) -> None:
        calls.append(shard)
        raise OSError("no room for a pyramid")

    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(grid(t=5, z=2)), on_sealed=fail)
    with caplog.at_level(logging.WARNING):
        put_all(recording, grid(t=5, z=2))
        recording.close()
    assert len(calls) == 1
    assert "nothing more is made of its shards: no room for a pyramid" in caplog.text
    assert (info(recording.path).state, info(recording.path).missing) == ("completed", 0)
