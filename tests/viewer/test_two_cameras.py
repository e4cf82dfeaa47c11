"""A viewer shows every channel of a store with cameras of different size."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from parfocal.store import ChannelInfo, FieldInfo, Index, Recording, RecordingSpec
from parfocal.viewer._store_source import StoreSource

LARGE, SMALL = (24, 20), (10, 30)


def pixels(index: Index) -> np.ndarray:
    if index[2]:
        return np.full(LARGE, 1000 + index[1], np.uint16)
    return np.full(SMALL, 10 + index[1], np.uint8)


def test_no_camera_is_cut_off_or_left_out(tmp_path: Path) -> None:
    channels = [
        ChannelInfo("small", color="00FF00", plane_shape=SMALL, dtype="uint8"),
        ChannelInfo("large", color="FF0000", window=(5.0, 6.0)),
    ]
    planned = [(0, p, c, 0) for p in range(2) for c in range(2)]
    fields = [FieldInfo("one"), FieldInfo("two", well="C/7")]
    spec = RecordingSpec("two", fields, channels, planned, [0.0] * 4, LARGE, np.uint16)
    recording = Recording.create(tmp_path / "two.ome.zarr", spec)
    for index in planned[:-1]:
        recording.put(index, pixels(index))
    recording.close("interrupted")
    source = StoreSource(recording.path)
    try:
        facts = source.facts
        assert (facts.sizes.c, facts.sizes.y, facts.sizes.x) == (2, 24, 30)
        assert np.dtype(facts.dtype) == np.uint16
        assert [channel.name for channel in facts.channels] == ["small", "large"]
        assert [channel.colormap for channel in facts.channels] == ["green", "red"]
        assert facts.channels[1].limits == (5.0, 6.0)
        for index in planned[:-1]:
            shown, wanted = source.plane(index), pixels(index)
            np.testing.assert_array_equal(shown[: wanted.shape[0], : wanted.shape[1]], wanted)
            assert shown.sum() == wanted.sum()
        assert source.stored(planned[0])
        assert not source.stored(planned[-1])
        assert not source.stored((0, 0, 7, 0))
    finally:
        source.close()
