"""What a viewer reads of a store: any axes, missing planes, the looks of its channels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

from parfocal.viewer._channel_look import ChannelLook, channel_looks
from parfocal.viewer._store_source import StoreSource, sampled_limits
from parfocal.viewer.child._channel_data import ChannelData, NewestPlanes
from viewer.cells import MISSING, frame, record


def test_a_foreign_volume_of_an_older_version_is_read_where_it_lies(tmp_path: Path) -> None:
    volume = np.random.default_rng(1).random((6, 100, 120), dtype="float32")
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    group.create_array("0", data=volume, chunks=(1, 64, 64))
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale = {"type": "scale", "scale": [2, 0.2, 0.2]}
    datasets = [{"path": "0", "coordinateTransformations": [scale]}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]
    source = StoreSource(tmp_path / "old.zarr")
    sizes = source.facts.sizes
    assert (sizes.t, sizes.c, sizes.z) == (1, 1, 6)
    assert np.array_equal(source.plane((0, 0, 0, 4)), volume[4])
    low, high = source.contrast(0) or (0, 0)
    assert 0 <= low < 0.05
    assert 0.95 < high <= 1
    assert [channel.colormap for channel in source.facts.channels] == ["gray"]
    source.close()


def test_missing_planes_are_known_from_dark_ones(tmp_path: Path) -> None:
    source = StoreSource(record(tmp_path / "cells.ome.zarr"))
    t, p, c = MISSING
    assert not source.stored((t, p, c, 0))
    assert source.stored((t, p, 0, 0))
    assert not source.plane((t, p, c, 0)).any()
    assert [channel.colormap for channel in source.facts.channels] == ["magenta", "green"]
    source.close()


@pytest.mark.parametrize(
    "key",
    [
        (1, 0, 2),
        (1, 0, 2, slice(10, 20), slice(None, None, 3)),
        (slice(1, 2), 0, slice(None)),
        (..., 5),
        (-1, 1, slice(0, 0)),
        2,
    ],
)
def test_slicing_a_channel_is_slicing_an_array(key: object) -> None:
    whole = np.arange(3 * 2 * 4 * 30 * 20).reshape(3, 2, 4, 30, 20)
    channel = ChannelData(
        1, whole.shape, whole.dtype, lambda i: whole[i[0], i[1], i[3]] if i[2] == 1 else None
    )
    assert np.array_equal(channel[key], whole[key])
    assert np.array_equal(np.asarray(channel), whole)


def test_only_the_newest_frames_are_kept() -> None:
    newest = NewestPlanes(kept_bytes=3 * frame((0, 0, 0, 0)).nbytes)
    for z in range(6):
        newest.put((0, 0, 0, z % 4), frame((0, 0, 0, z)))
    kept = [z for z in range(4) if (0, 0, 0, z) in newest]
    assert kept == [0, 1, 3]
    assert np.array_equal(newest.get((0, 0, 0, 1)), frame((0, 0, 0, 5)))


def test_looks_are_read_with_patience(tmp_path: Path) -> None:
    window = {"min": 0, "max": 65535, "start": 100, "end": 900}
    channels = [{"color": "ff8000", "window": window}, {"color": "no"}, 3]
    attributes = {"attributes": {"ome": {"omero": {"channels": channels}}}}
    (tmp_path / "zarr.json").write_text(json.dumps(attributes))
    looks = channel_looks(tmp_path, 4)
    assert looks[0] == ChannelLook("#FF8000", (100, 900))
    assert [look.limits for look in looks[1:]] == [None, None, None]
    assert len({look.colormap for look in looks}) == 4
    (tmp_path / "zarr.json").write_text("[broken")
    assert len(channel_looks(tmp_path, 2)) == 2


def test_limits_of_an_even_picture_still_are_a_range() -> None:
    assert sampled_limits(np.full((4, 4), 7)) == (7.0, 8.0)
