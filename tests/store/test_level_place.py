"""Where the levels of an image lie, and why a plane is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec, StoreReader
from parfocal.store import write_pyramid as make_levels

SHAPE = (600, 1300)


def test_levels_have_the_resolvers_voxels_and_the_stores_places(tmp_path: Path) -> None:
    spec = RecordingSpec(
        "two",
        [FieldInfo("a", (4.0, 10.0, 20.0))],
        [ChannelInfo("DAPI")],
        [(0, 0, 0, z) for z in range(3)],
        [0.0] * 3,
        SHAPE,
        "uint16",
        voxel_um=(2.0, 0.5, 0.25),
    )
    recording = Recording.create(tmp_path / "two.ome.zarr", spec)
    for index in spec.planned:
        recording.put(index, np.full(SHAPE, index[3], np.uint16))
    recording.close()
    assert len(StoreReader(recording.path).levels()) == 1
    make_levels(recording.path)
    reader = StoreReader(recording.path)
    first, second, *_ = reader.levels()
    assert first.lengths == {"t": 1, "c": 1, "z": 3, "y": 600, "x": 1300}
    assert (first.voxel_um, first.origin_um) == ((2.0, 0.5, 0.25), (4.0, 10.0, 20.0))
    assert second.lengths == reader.lengths(0, 0, 1)
    assert second.voxel_um[2] == 0.5
    assert second.origin_um[2] == pytest.approx(20.0 + 0.25 / 2)
    assert reader.lengths(0, 0, 99) == {}


def test_levels_of_voxels_that_nobody_measured_still_cover_the_same(tmp_path: Path) -> None:
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    for level, shape in enumerate(((4, 40, 60), (4, 20, 30))):
        group.create_array(str(level), shape=shape, dtype="uint8")
    datasets = [{"path": "0"}, {"path": "1"}]
    group.attrs["multiscales"] = [{"version": "0.3", "axes": list("zyx"), "datasets": datasets}]
    first, second = StoreReader(tmp_path / "old.zarr").levels()
    assert (first.voxel_um, second.voxel_um) == ((1.0, 1.0, 1.0), (1.0, 2.0, 2.0))


def test_a_plane_was_never_planned_or_did_not_come_for_a_reason(tmp_path: Path) -> None:
    fields, channels = [FieldInfo("a")], [ChannelInfo("DAPI"), ChannelInfo("FITC")]
    planned = [(0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0)]
    spec = RecordingSpec("gaps", fields, channels, planned, [0.0] * 3, (8, 8), "uint16")
    recording = Recording.create(tmp_path / "gaps.ome.zarr", spec)
    recording.put((0, 0, 0, 0), np.ones((8, 8), np.uint16))
    recording.skip((1, 0, 0, 0), "the lamp was out")
    recording.close("cancelled")
    absences = StoreReader(recording.path).absences
    assert absences.reason((1, 0, 0, 0)) == "the lamp was out"
    assert absences.reason((0, 0, 1, 0)) != ""
    assert absences.reason((0, 0, 0, 0)) == ""
    assert absences.planned((0, 0, 1, 0))
    assert not absences.planned((1, 0, 1, 0))
    assert not absences.planned((9, 0, 0, 0))
